"""Where Odoo's own test command finds the tests of the models: `--test-tags /icloud_calendar_sync`.

They stand in tests/models of the repository, beside the addon; a wheel carries them in the folder
`repository` beside this file. They need radicale and hypothesis.
"""

from . import repository

globals().update(
    repository.modules_of(__name__, without=("google", "microsoft", "queue", "rating"))
)
