"""The report of `icloud.health` as programs read it."""

from collections.abc import Iterable, Mapping
from math import isinf
from typing import Any

from .openmetrics import Family, Sample

LEVELS = ("ok", "warning", "critical")
_STATES = ("connected", "password_needed", "disconnecting", "disconnected")
_JOBS = ("pending", "enqueued", "started", "failed")
_TROUBLES = ("failing", "told_to_wait", "stopped_as_copy")


def as_plain(report: Mapping[str, Any]) -> dict[str, Any]:
    """What JSON can say."""
    keys = ("method", "outcome", "requests", "seconds")
    return {
        **report,
        "requests": [dict(zip(keys, row, strict=True)) for row in report["requests"]],
        "requests_last_hour": [
            dict(zip(keys, row, strict=True)) for row in report["requests_last_hour"]
        ],
        "workers": {
            work: {name: _finite(value) for name, value in worker.items()}
            for work, worker in report["workers"].items()
        },
        "checks": [
            {**each._asdict(), "value": _finite(each.value), "level": each.level}
            for each in report["checks"]
        ],
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and isinf(value) else value


def as_families(report: Mapping[str, Any]) -> Iterable[Family]:
    """What OpenMetrics can say."""
    accounts, calendars, pushes = report["accounts"], report["calendars"], report["pushes"]
    yield Family(
        "icloud_sync_status",
        "stateset",
        "Whether the sync is well.",
        [
            Sample("", {"icloud_sync_status": level}, int(level == report["status"]))
            for level in LEVELS
        ],
    )
    yield Family(
        "icloud_sync_check_level",
        "gauge",
        "What is judged: 0 is ok, 1 a warning, 2 critical.",
        [
            Sample("", {"check": check.name}, LEVELS.index(check.level))
            for check in report["checks"]
        ],
    )
    yield _gauges("icloud_sync_accounts", "Connections by state.", "state", _STATES, accounts)
    yield _gauges(
        "icloud_sync_troubled_accounts",
        "Connections that do not get on, by reason.",
        "reason",
        _TROUBLES,
        accounts,
    )
    yield _gauges(
        "icloud_sync_calendars",
        "Calendars that are read; of these, not read for an hour; and those gone from iCloud.",
        "state",
        ("read", "stale", "missing"),
        calendars,
    )
    yield _gauge(
        "icloud_sync_oldest_calendar_age_seconds",
        "Since the calendar was read that waits longest.",
        calendars["oldest_seconds"],
    )
    yield _gauges(
        "icloud_sync_pushes",
        "Changes that iCloud does not hold yet; of these, refused before.",
        "state",
        ("waiting", "failing"),
        pushes,
    )
    yield _gauge(
        "icloud_sync_oldest_push_age_seconds",
        "Since the change that waits longest.",
        pushes["oldest_seconds"],
    )
    yield _gauge(
        "icloud_sync_oldest_due_push_age_seconds",
        "The same of those that were never refused.",
        pushes["oldest_due_seconds"],
    )
    yield _gauge(
        "icloud_sync_set_aside_files",
        "Files that could not be read or stored; tried again daily.",
        report["set_aside"],
    )
    yield _workers(report["workers"])
    if jobs := report.get("jobs"):
        yield _gauges("icloud_sync_jobs", "Jobs of the queue.", "state", _JOBS, jobs)
        yield _gauge(
            "icloud_sync_oldest_job_age_seconds",
            "Since the job was made that waits longest for its turn.",
            jobs["oldest_seconds"],
        )
    yield _requests(report["requests"])


def _gauge(name: str, words: str, value: float | None) -> Family:
    return Family(name, "gauge", words, [Sample("", {}, value)])


def _gauges(
    name: str, words: str, label: str, kinds: Iterable[str], values: Mapping[str, Any]
) -> Family:
    return Family(name, "gauge", words, [Sample("", {label: kind}, values[kind]) for kind in kinds])


def _workers(workers: Mapping[str, Mapping[str, Any]]) -> Family:
    return Family(
        "icloud_sync_worker_last_run_age_seconds",
        "gauge",
        "Since the scheduled job ran, and who does the work: it, or the jobs of a queue.",
        [
            Sample("", {"work": work, "by": worker["by"]}, worker["last_run_seconds"])
            for work, worker in workers.items()
        ],
    )


def _requests(rows: Iterable[tuple[str, str, float, float]]) -> Family:
    """Method and outcome are words of ours and HTTP statuses: their number is bounded."""
    samples = []
    for method, outcome, requests, seconds in rows:
        labels = {"method": method, "outcome": outcome}
        samples += [Sample("_count", labels, int(requests)), Sample("_sum", labels, seconds)]
    return Family("icloud_sync_request_seconds", "summary", "Requests to iCloud.", samples)
