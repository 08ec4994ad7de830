"""Every operation of the sync × every fault: `make faults`.

`world` is one Odoo and one local iCloud for all cells; `cell` a host with a phone in it;
`operations` what they do; `troubles`, `states` and `processes` what goes wrong meanwhile; `checks`
what must be true; `runner` puts a cell together; `table` prints. Imports no test.
"""
