"""Which faults a history may meet, and how strong they are."""

from typing import Any

from hypothesis import strategies as st

from tests.histories.office import HOSTS

READING, WRITING = ("PROPFIND", "REPORT", "GET"), ("PUT", "DELETE")
METHODS = st.sampled_from(
    [
        READING,
        WRITING,
        ("GET",),
        ("PUT",),
        ("DELETE",),
        ("REPORT",),
        ("PROPFIND",),
        (*READING, *WRITING),
    ]
)
CALENDARS = st.tuples(st.integers(0, HOSTS - 1), st.sampled_from(["Home", "Work"]))
# How often, and after how many requests that go well.
TIMES = st.sampled_from([1, 1, 2, 3, 8, None])
AFTER = st.sampled_from([0, 0, 0, 0, 1])

KNOWN: dict[str, dict[str, Any]] = {
    "unavailable": {
        "status": st.sampled_from([429, 500, 502, 503, 503, 504]),
        "retry_after": st.sampled_from([None, 30, 120, 600]),
        "methods": METHODS,
    },
    "reset_before": {"methods": METHODS},
    "reset_after": {"methods": METHODS},
    "nonsense": {"methods": METHODS},
    "truncated": {"methods": METHODS},
    "refused": {
        "status": st.sampled_from([400, 403, 404, 405, 409, 410, 412, 507]),
        "methods": METHODS,
    },
    "redirect": {"status": st.sampled_from([301, 302, 307, 308])},
    "partition_moved": {"status": st.sampled_from([401, 403, 404, 421])},
    "principal_href_bug": {},
    "flaky_forbidden": {},
    "token_expired": {
        "status": st.sampled_from([400, 403, 409, 410, 412]),
        "explained": st.booleans(),
    },
    "token_forgotten": {},
    "empty_multistatus": {"token": st.booleans()},
    "late_listing": {},
    "poison_member": {"in_calendar": CALENDARS},
    "partial_listing": {"keep": st.integers(0, 2)},
    "duplicate_hrefs": {},
    "collection_in_query": {},
    "no_etag": {"everywhere": st.booleans()},
    "weak_etag": {"everywhere": st.booleans()},
    "drifting_etag": {},
    "conflict": {"on": st.sampled_from(["create", "update", "delete"])},
    "vanished_calendar": {"in_calendar": CALENDARS},
    "unlisted": {"in_calendar": CALENDARS},
    "wrong_password_mid_run": {"host": st.sampled_from(["", "partition", "partition"])},
    "stray_members": {"hrefs": st.just(["/0/calendars/home/stray.ics", "../up.ics"])},
}
# Only these, where somebody wants to see more of them.
chosen: list[str] = []
NONE = "none"


@st.composite
def faults(draw: Any) -> tuple[str, dict[str, Any]] | None:
    """A fault's name and options; `in_calendar` is (host, name of a calendar), for `path`."""
    name = draw(st.sampled_from(chosen or sorted(KNOWN)))
    if name == NONE:
        return None
    options = {key: draw(value) for key, value in KNOWN[name].items()}
    options |= {"times": draw(TIMES), "after": draw(AFTER)}
    return name, options
