"""Of the fault matrix each fault once, in each operation some. All of it: `make faults`."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.faults.matrix.__main__ import outcomes
from tests.faults.matrix.chosen import representative
from tests.faults.matrix.operations import OPERATIONS
from tests.faults.matrix.runner import Name, Outcome

CELLS = representative()


@pytest.fixture(scope="module")
def found() -> Iterator[dict[Name, Outcome]]:
    """All cells, run in one go by a process of its own."""
    with patch.dict(os.environ, {"FAULTS_SAMPLE": "test", "FAULTS": ""}):
        yield {outcome.name: outcome for outcome in outcomes(1)}


@pytest.mark.parametrize("name", CELLS, ids=str)
def test_all_is_right_during_the_fault_and_after_it(found, name):
    assert found[name].wrong == []
    assert found[name].met


def test_no_operation_is_left_out():
    assert {name.operation for name in CELLS} == set(OPERATIONS)
    assert {name.flavour for name in CELLS} == {"once", "for ever"}
