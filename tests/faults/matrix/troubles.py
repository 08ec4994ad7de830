"""Faults of requests and answers, as iCloud and the way to it make them."""

from tests.faults.matrix.cell import Cell
from tests.faults.matrix.operations import OPERATIONS
from tests.faults.matrix.trouble import EVER, ONCE, Trouble

READING, WRITING = ("PROPFIND", "REPORT", "GET"), ("PUT", "DELETE")
MULTIGET, SYNC = "calendar-multiget", "sync-collection"
NOWHERE = "/nowhere.ics"
# Operations that are sure to meet a fault of some kind of request.
BY_TOKEN = {"surely": ("import",)}
BY_LOOK = {"surely": ("import", "first import", "connect")}
BY_POLL = {"surely": ("cancel", "create", "import", "recount")}
BY_CREATE = {"surely": ("create", "connect", "primary")}
BY_UPDATE = {"surely": ("update", "move", "recount")}
BY_DELETE = {"surely": ("cancel", "remove", "primary")}
BY_CANCEL = {"surely": ("cancel",)}
BY_PUT = {"surely": ("create", "update", "move", "recount")}
BY_READ = {"surely": ("update", "move", "cancel")}
# The addon reads by multiget, and asks for one event by GET only where that fails.
NO_GET = {"is_met": False}
# Operations that never write, or that leave iCloud alone.
NO_WRITES = {"besides": ("first import", "import", "keep")}
# Only who connects passes the front door, as long as all is well behind it.
ONLY_CONNECT = {"besides": tuple(name for name in OPERATIONS if name != "connect")}


def home(cell: Cell) -> str:
    """The account's home."""
    return cell.path("home").removesuffix("home/")


def primary(cell: Cell) -> str:
    return cell.path("home")


def own_event(cell: Cell) -> str:
    """The phone owner's Dentist."""
    return next((href for href, own in cell.own.items() if own.title == "Dentist"), NOWHERE)


def copy(cell: Cell) -> str:
    """The copy of the first session."""
    with cell.world.env() as env:
        copies = env["icloud.event"].search([("event_id", "=", cell.sessions.get("first", 0))])
        return copies[:1].href or NOWHERE


def status(name: str, code: int, retry_after: int = 0, **options) -> Trouble:
    """Any request is answered with that status."""
    given = {"status": code, "retry_after": retry_after or None, **options}
    which = {**NO_WRITES, **BY_PUT} if options.get("methods") == WRITING else {}
    return Trouble(name, "unavailable", given, retry_after=retry_after, **which)


PASSWORD = (
    Trouble(
        "one stray 401 at the partition", "wrong_password_mid_run", {"host": "partition"}, (ONCE,)
    ),
    Trouble(
        "401 in mid-run, revoked", "wrong_password_mid_run", {"after": 1}, (EVER,), refuses=True
    ),
    Trouble("403 at the front door", "flaky_forbidden", {"host": "front"}, **ONLY_CONNECT),
    Trouble(
        "principal without its number",
        "principal_href_bug",
        {},
        (ONCE,),
        harmless=True,
        **ONLY_CONNECT,
    ),
    Trouble(
        "the front redirects", "redirect", {"status": 308}, (EVER,), harmless=True, **ONLY_CONNECT
    ),
)
TOKENS = (
    *(
        Trouble(
            f"token expired: {code}", "token_expired", {"status": code}, harmless=True, **BY_TOKEN
        )
        for code in (403, 410, 507)
    ),
    Trouble(
        "token expired: explained", "token_expired", {"explained": True}, harmless=True, **BY_TOKEN
    ),
    Trouble("token expired: everything", "token_forgotten", {}, harmless=True, **BY_TOKEN),
)
CONDITIONS = (
    Trouble("PUT: 404", "refused", {"status": 404}, at_once=True, **NO_WRITES, **BY_PUT),
    Trouble("PUT: 403", "refused", {"status": 403}, at_once=True, **NO_WRITES, **BY_PUT),
    Trouble("PUT: 507", "refused", {"status": 507}, at_once=True, **NO_WRITES, **BY_PUT),
    Trouble("412 on create", "conflict", {"on": "create"}, **NO_WRITES, **BY_CREATE),
    Trouble("412 on update", "conflict", {"on": "update"}, **NO_WRITES, **BY_UPDATE),
    Trouble("412 on delete", "conflict", {"on": "delete"}, **NO_WRITES, **BY_DELETE),
    Trouble("GET: 404", "refused", {"status": 404, "methods": ["GET"]}, **NO_GET),
    Trouble("GET: 410", "refused", {"status": 410, "methods": ["GET"]}, **NO_GET),
    Trouble(
        "DELETE: 403", "refused", {"status": 403, "methods": ["DELETE"]}, **NO_WRITES, **BY_DELETE
    ),
)
UNAVAILABLE = (
    status("429", 429),
    status("429, Retry-After", 429, 120),
    status("503", 503),
    status("503, Retry-After", 503, 120),
    status("500", 500),
    status("502", 502),
    status("504", 504),
    status("500 to writes", 500, methods=WRITING),
    status("429 to writes, Retry-After", 429, 120, methods=WRITING),
    status("500 to one calendar", 500, path=primary),
)
BODIES = (
    Trouble("HTML, 200", "nonsense", {"status": 200, "methods": READING}),
    Trouble("HTML, 207", "nonsense", {"status": 207, "methods": READING}),
    Trouble("HTML to a multiget", "nonsense", {"holding": MULTIGET}, **BY_LOOK),
    Trouble("HTML to a GET", "nonsense", {"methods": ["GET"]}, **NO_GET),
    Trouble("HTML to a PUT", "nonsense", {"methods": ["PUT"]}, **NO_WRITES, **BY_PUT),
    Trouble("HTML to a DELETE", "nonsense", {"methods": ["DELETE"]}, **NO_WRITES, **BY_CANCEL),
    Trouble("HTML for one event", "nonsense_member", {"member": own_event}, single=True, **BY_LOOK),
    Trouble("truncated", "truncated", {}, **BY_LOOK),
    Trouble("truncated multiget", "truncated", {"holding": MULTIGET}, **BY_LOOK),
    Trouble("truncated GET", "truncated", {"methods": ["GET"]}, **NO_GET),
    Trouble("trickling body", "trickle", {"pause": 0.2, "methods": READING}, shared=True),
    Trouble("answer too late", "slow", {"seconds": 1.5}, shared=True),
)
WHICH = {
    "REPORT": BY_LOOK,
    "GET": NO_GET,
    "PROPFIND": BY_LOOK,
    "PUT": {**NO_WRITES, **BY_PUT},
    "DELETE": {**NO_WRITES, **BY_DELETE},
}
CONNECTIONS = tuple(
    Trouble(
        f"reset {when} {method}",
        f"reset_{when}",
        {"methods": [method]},
        **WHICH.get(method, {}),
    )
    for when in ("before", "after")
    for method in ("PROPFIND", "REPORT", "GET", "PUT", "DELETE")
)
MULTISTATUS = (
    Trouble("empty 207 to a sync", "empty_multistatus", {"holding": SYNC}, **BY_LOOK),
    Trouble(
        "empty sync with a token", "empty_multistatus", {"holding": SYNC, "token": True}, hides=True
    ),
    Trouble("empty multiget", "empty_multistatus", {"holding": MULTIGET}, **BY_LOOK),
    Trouble(
        "empty listing", "empty_multistatus", {"methods": ["PROPFIND"], "path": home}, **BY_LOOK
    ),
    Trouble("listing breaks off with 507", "partial_listing", {"path": home}, **BY_LOOK),
    Trouble("members listed twice", "duplicate_hrefs", {}, harmless=True),
    Trouble("the calendar among its members", "collection_in_query", {}, harmless=True),
    Trouble(
        "members of elsewhere", "stray_members", {"hrefs": ["/elsewhere/x.ics"]}, harmless=True
    ),
    Trouble("a calendar missing from a listing", "unlisted", {"path": primary}, **BY_POLL),
    Trouble(
        "a calendar vanished for a while",
        "vanished_calendar",
        {"path": primary},
        (EVER,),
        **BY_POLL,
    ),
)
MEMBERS = (
    Trouble(
        "an event that stays 404", "poison_member", {"path": own_event}, single=True, **BY_LOOK
    ),
    Trouble("a copy that stays 404", "poison_member", {"path": copy}, single=True, **BY_READ),
    *(
        Trouble(
            f"multiget with one event: {code}",
            "refused",
            {"status": code, "methods": ["REPORT"], "member": own_event},
            single=True,
            **BY_LOOK,
        )
        for code in (400, 500)
    ),
    *(
        Trouble(
            f"one event can never be PUT: {code}",
            "refused",
            {"status": code, "one_member": True},
            (EVER,),
            single=True,
            **NO_WRITES,
            **BY_PUT,
        )
        for code in (403, 500)
    ),
)
ETAGS = (
    Trouble("PUT without an ETag", "no_etag", {}, harmless=True, **NO_WRITES, **BY_PUT),
    Trouble("no ETags at all", "no_etag", {"everywhere": True}, (EVER,), harmless=True),
    Trouble("PUT with a weak ETag", "weak_etag", {}, harmless=True, **NO_WRITES, **BY_PUT),
    Trouble("weak ETags everywhere", "weak_etag", {"everywhere": True}, (EVER,), harmless=True),
    Trouble("ETags change by themselves", "drifting_etag", {}, (EVER,), harmless=True),
)


class Late(Trouble):
    """Writes are seen a moment later (once), or not before it is lifted."""

    def begin(self, cell: Cell, flavour: str) -> None:
        seconds = 20 if flavour == ONCE else None
        cell.cloud.set_fault(self.fault, account=cell.email, seconds=seconds, **self.options)


LATE = (
    *(
        Late(
            f"writes seen late: {where}",
            "late_writes",
            {"where": where},
            hides=True,
            # It asks no calendar-query, either.
            is_met=where != "query",
        )
        for where in ("listing", "multiget", "query")
    ),
    Late("writes seen late", "late_writes", {}, hides=True),
    Trouble("a sync that knows nothing new", "late_listing", {}, hides=True, **BY_TOKEN),
)
MOVED = tuple(
    Trouble(
        f"partition moved: {code or 'host gone'}",
        "partition_moved",
        {"status": code},
        (EVER,),
        harmless=True,
    )
    for code in (401, 403, 404, 421, 0)
)
TROUBLES = (
    *PASSWORD,
    *TOKENS,
    *CONDITIONS,
    *UNAVAILABLE,
    *BODIES,
    *CONNECTIONS,
    *MULTISTATUS,
    *MEMBERS,
    *ETAGS,
    *LATE,
    *MOVED,
)
