"""Composes `icloud` and `ical`: one account's push and import, as plain values in and out."""
