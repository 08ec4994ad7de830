"""Rules as hypothesis draws them: every part, in every combination that the grammar allows."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# How far ahead the slow oracle looks, so that it has some periods to look at.
SPANS = {
    "SECONDLY": timedelta(minutes=8),
    "MINUTELY": timedelta(hours=10),
    "HOURLY": timedelta(days=12),
    "DAILY": timedelta(days=120),
    "WEEKLY": timedelta(days=250),
    "MONTHLY": timedelta(days=900),
    "YEARLY": timedelta(days=2600),
}
# Near the turn of years with 52 and 53 weeks, and of a leap year.
STARTS = st.datetimes(datetime(2023, 11, 1), datetime(2027, 3, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


def numbers(low: int, high: int, signed: bool = False, most: int = 3):
    one = st.integers(low, high)
    if signed:
        one |= st.integers(-high, -low)
    few = st.lists(one, min_size=1, max_size=most, unique=True)
    return few.map(lambda values: ",".join(map(str, values)))


weekdays = st.lists(st.sampled_from(DAYS), min_size=1, max_size=5, unique=True).map(",".join)
numbered = st.tuples(st.integers(-5, 5), st.sampled_from(DAYS)).map(
    lambda pair: f"{pair[0] or ''}{pair[1]}"
)
BY_PARTS = {
    "BYMONTH": numbers(1, 12, most=6),
    "BYWEEKNO": numbers(1, 53, signed=True),
    "BYYEARDAY": numbers(1, 366, signed=True, most=6),
    "BYMONTHDAY": numbers(1, 31, signed=True, most=8),
    "BYDAY": weekdays | st.lists(numbered, min_size=1, max_size=4, unique=True).map(",".join),
    "BYHOUR": numbers(0, 23),
    "BYMINUTE": numbers(0, 59),
    "BYSECOND": numbers(0, 59),
    "BYSETPOS": numbers(1, 4, signed=True),
}


@st.composite
def rules(draw, frequencies=tuple(SPANS), parts=tuple(BY_PARTS)) -> tuple[dict, datetime, datetime]:
    """Return the parts of a rule, its start, and the end of the time to look at."""
    start = draw(STARTS)
    frequency = draw(st.sampled_from(frequencies))
    stop = start + SPANS[frequency]
    rule = {"FREQ": frequency}
    if draw(st.booleans()):
        rule["INTERVAL"] = str(draw(st.integers(1, 4) | st.integers(1, 90)))
    if draw(st.booleans()):
        rule["WKST"] = draw(st.sampled_from(DAYS))
    chosen = draw(st.lists(st.sampled_from(parts), max_size=4, unique=True))
    rule |= {name: draw(BY_PARTS[name]) for name in chosen}
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        rule["COUNT"] = str(draw(st.integers(1, 40)))
    if end == "UNTIL":
        seconds = draw(st.integers(0, int(SPANS[frequency].total_seconds())))
        rule["UNTIL"] = f"{start + timedelta(seconds=seconds):%Y%m%dT%H%M%S}"
    return rule, start, stop


def text(rule: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in rule.items())
