"""Numbers as the text that monitoring reads: OpenMetrics 1.0 (section 3.2 of its specification)."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import NamedTuple

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Sample(NamedTuple):
    """`suffix` follows the family's name; a value of None is left out."""

    suffix: str
    labels: Mapping[str, str]
    value: float | None


class Family(NamedTuple):
    """One metric; `kind` is `gauge`, `summary` or `stateset`."""

    name: str
    kind: str
    help: str
    samples: Iterable[Sample]


def as_text(families: Iterable[Family]) -> str:
    lines = [line for family in families for line in _lines(family)]
    return "\n".join([*lines, "# EOF", ""])


def _lines(family: Family) -> Iterable[str]:
    yield f"# TYPE {family.name} {family.kind}"
    yield f"# HELP {family.name} {family.help.translate(_ESCAPES)}"
    for suffix, labels, value in family.samples:
        if value is not None:
            yield f"{family.name}{suffix}{_labels(labels)} {_number(value)}"


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{str(word).translate(_ESCAPES)}"' for name, word in labels.items())
    return f"{{{inside}}}" if inside else ""


def _number(value: float) -> str:
    return "+Inf" if value == inf else repr(value)
