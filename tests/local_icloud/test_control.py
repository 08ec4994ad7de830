"""The control URL, the request log, and the server as a process of its own."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from tests.local_icloud.calls import EMAIL, PASSWORD, event

ROOT = Path(__file__).parents[2]


def ask(url, command, **arguments):
    return requests.get(f"{url}{command}", params=arguments, timeout=5)


def tell(url, command, **arguments):
    return requests.post(f"{url}{command}", json=arguments, timeout=5)


def test_another_process_can_act_as_the_phone(cloud, call):
    url = cloud.control_url
    times = {"start": "2026-11-22T09:00:00+01:00", "stop": "2026-11-22T10:00:00+01:00"}
    added = tell(url, "put_event", account=EMAIL, calendar="Home", summary="Dentist", **times)
    assert "DTSTART:20261122T080000Z" in call("GET", added.json()).text
    events = ask(url, "events", account=EMAIL, calendar="Home").json()
    assert list(events) == [added.json()]
    tell(url, "delete_event", href=added.json())
    assert ask(url, "events", account=EMAIL, calendar="Home").json() == {}


def test_another_process_can_switch_faults(cloud, call):
    tell(cloud.control_url, "set_fault", name="unavailable", times=1)
    assert ask(cloud.control_url, "faults").json() == ["unavailable"]
    assert call.propfind(cloud.url).status_code == 503
    tell(cloud.control_url, "clear_faults")
    assert ask(cloud.control_url, "faults").json() == []


def test_another_process_can_see_mails_and_requests(cloud, call):
    call.put("home/one.ics", event())
    assert ask(cloud.control_url, "mails").json() == []
    (logged,) = ask(cloud.control_url, "requests").json()
    assert (logged["method"], logged["status"]) == ("PUT", 201)
    tell(cloud.control_url, "clear_requests")
    assert ask(cloud.control_url, "requests").json() == []


def test_another_process_can_manage_accounts(cloud, call):
    tell(cloud.control_url, "add_account", email="b@example.com", app_password=PASSWORD)
    assert [each["email"] for each in ask(cloud.control_url, "accounts").json()] == [
        EMAIL,
        "b@example.com",
    ]
    tell(cloud.control_url, "revoke", account=EMAIL)
    assert call.propfind(cloud.url).status_code == 401


def test_what_the_control_url_does_not_know_is_an_error_in_plain_words(cloud):
    url = cloud.control_url
    assert ask(url, "stop").status_code == 404
    assert "no fault" in tell(url, "set_fault", name="earthquake").json()["error"]
    assert "no account" in ask(url, "events", account="x", calendar="y").json()["error"]
    assert requests.post(f"{url}set_fault", data="{", timeout=5).status_code == 400
    assert "slow" in ask(url, "").json()["faults"]


def test_the_log_holds_what_was_asked_and_no_password(cloud, call):
    call.put("home/one.ics", event(), If_None_Match="*")
    (logged,) = cloud.requests()
    assert logged["path"] == call.path("home/one.ics")
    assert logged["host"] == "partition"
    assert logged["body"] == event()
    assert logged["request_bytes"] == len(event())
    assert logged["headers"]["If-None-Match"] == "*"
    assert logged["authorized"]
    secret = call.session.get(cloud.url).request.headers["Authorization"]
    assert secret not in str(cloud.requests())
    assert PASSWORD not in str(cloud.requests())


def test_many_clients_at_once_lose_nothing(cloud, call):
    def work(number):
        for each in range(10):
            name = f"{number}-{each}"
            href = cloud.partition_url + call.path(f"home/{name}.ics")
            done = requests.put(href, event(name), auth=(EMAIL, PASSWORD), timeout=10)
            assert done.status_code == 201

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cloud.events(EMAIL, "home")) == 60
    assert call.sync(call.path("home/")).text.count(".ics") == 60


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_addresses_and_stops_when_told_to(number):
    command = [sys.executable, "-m", "devtools.local_icloud", "--account", f"{EMAIL}:{PASSWORD}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline().split() for _ in range(6)]
        addresses = {line[0]: line[1] for line in lines}
        done = requests.request("PROPFIND", addresses["iCloud"], auth=(EMAIL, PASSWORD), timeout=5)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    assert done.status_code == 207
    assert addresses["account"] == EMAIL
    assert addresses["partition"].startswith("http://127.0.0.2:")
    assert addresses["control"].startswith("http://127.0.0.1:")


def test_a_stopped_server_serves_no_connection_any_more(cloud, call):
    assert call.propfind(cloud.url).status_code == 207
    cloud.stop()
    with pytest.raises(requests.ConnectionError):
        call.propfind(cloud.url)
