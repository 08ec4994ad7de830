import pytest

from devtools.local_icloud import LocalICloud
from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.discovery import discover

EMAIL, PASSWORD = "mara@icloud.com", "abcd-efgh-ijkl-mnop"


@pytest.fixture
def cloud():
    with LocalICloud({EMAIL: PASSWORD}) as cloud:
        yield cloud


@pytest.fixture
def client(cloud):
    """A client that has found the account's home, as the workers' clients have."""
    with Client(cloud.url, EMAIL, PASSWORD, trusted_hosts=cloud.hosts) as client:
        client.found = discover(client)
        yield client


@pytest.fixture
def folder(client):
    """Paths of the account's calendars by their last part."""
    return {
        calendar.href.rstrip("/").rpartition("/")[2]: calendar.href
        for calendar in client.found.calendars
    }


@pytest.fixture
def hasty(cloud):
    """A client that gives up at once what is silent."""
    with Client(cloud.url, EMAIL, PASSWORD, trusted_hosts=cloud.hosts, timeout=0.5) as client:
        yield client
