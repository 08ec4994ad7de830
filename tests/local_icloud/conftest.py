"""A fresh local iCloud for each test, and one who speaks HTTP with it."""

from collections.abc import Iterator

import pytest

from devtools.local_icloud import LocalICloud
from tests.local_icloud.calls import EMAIL, PASSWORD, Caller


@pytest.fixture
def cloud() -> Iterator[LocalICloud]:
    with LocalICloud(accounts={EMAIL: PASSWORD}) as cloud:
        yield cloud


@pytest.fixture
def call(cloud) -> Iterator[Caller]:
    caller = Caller(cloud)
    yield caller
    caller.session.close()
