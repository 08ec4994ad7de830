"""What is promised of every value that comes out of an answer, whatever the answer was."""

from dataclasses import fields, is_dataclass

from icloud_calendar_sync.icloud.urls import MAX_HREF_LENGTH


def check_clean(value) -> None:
    """What a database takes: no NUL, no half characters, nothing without end."""
    if isinstance(value, str):
        value.encode()
        assert "\x00" not in value
        assert len(value) <= MAX_HREF_LENGTH + 100
    elif is_dataclass(value):
        for each in fields(value):
            check_clean(getattr(value, each.name))
    elif isinstance(value, dict):
        check_clean([*value, *value.values()])
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            check_clean(each)
