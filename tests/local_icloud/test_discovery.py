"""From `/` to the calendars, and who is let in."""

from urllib.parse import urlsplit

import caldav
import pytest
import requests

from tests.local_icloud.calls import CALDAV, DAV, EMAIL, PASSWORD, PROPERTIES, home_of, responses

SERVER = "{http://calendarserver.org/ns/}"
COLOR = "{http://apple.com/ns/ical/}calendar-color"


def test_discovery_leads_from_the_root_to_a_home_on_another_host_and_port(cloud, call):
    home = home_of(call)
    assert home == f"{cloud.partition_url}{call.path('')}"
    front, partition = urlsplit(cloud.url), urlsplit(home)
    assert front.hostname != partition.hostname
    assert front.port != partition.port
    assert cloud.hosts == {front.netloc, partition.netloc}


def test_the_well_known_address_answers_in_place_with_the_principal(cloud, call):
    answer = call.propfind(f"{cloud.url}.well-known/caldav", "<D:current-user-principal/>")
    assert list(responses(answer)) == [f"/{call.dsid}/principal/"]


def test_caldav_1_6_finds_the_calendars_through_both_hosts(cloud):
    with caldav.DAVClient(cloud.url, username=EMAIL, password=PASSWORD) as client:
        names = {calendar.name for calendar in client.principal().calendars()}
    assert names == {"Home", "Work", "Family", "Club", "School holidays", "Reminders"}


def test_the_principal_names_the_addresses_of_the_account(cloud, call):
    cloud.add_account("bob@example.com", "bbbb-bbbb-bbbb-bbbb", aliases=["robert@example.org"])
    call.session.auth = ("bob@example.com", "bbbb-bbbb-bbbb-bbbb")
    path = f"{cloud.url}{cloud.accounts()[1]['dsid']}/principal/"
    (found,) = responses(call.propfind(path, "<C:calendar-user-address-set/>")).values()
    hrefs = [href.text for href in found[f"{CALDAV}calendar-user-address-set"]]
    assert hrefs[:2] == ["mailto:bob@example.com", "mailto:robert@example.org"]


def test_the_members_of_a_principal_cannot_be_asked_for(cloud, call):
    assert call.propfind(f"/{call.dsid}/principal/", depth="1").status_code == 400


def test_one_listing_tells_what_each_collection_is(cloud, call):
    found = responses(call.propfind(call.path(""), depth="1"))
    kinds = {
        path.removeprefix(call.path("")): {
            each.tag.rpartition("}")[2] for each in properties[f"{DAV}resourcetype"]
        }
        for path, properties in found.items()
    }
    shared = sorted(
        (len(name.strip("/")), kind) for name, kind in kinds.items() if "shared" in kind
    )
    assert shared == [(64, {"collection", "calendar", "shared"})] * 2
    assert [kind for name, kind in kinds.items() if name.count("-") == 4] == [
        {"collection", "calendar", "shared-owner"}
    ]
    assert kinds[""] == {"collection"}
    assert kinds["home/"] == kinds["work/"] == kinds["tasks/"] == {"collection", "calendar"}
    assert kinds["inbox/"] == {"collection", "schedule-inbox"}
    assert kinds["outbox/"] == {"collection", "schedule-outbox"}
    assert kinds["notification/"] == {"collection", "notification"}


def test_a_listing_gives_names_colors_with_alpha_components_and_tokens(call):
    found = responses(call.propfind(call.path(""), depth="1"))
    home, tasks = found[call.path("home/")], found[call.path("tasks/")]
    assert home[f"{DAV}displayname"].text == "Home"
    assert home[COLOR].text == "#1BADF8FF"
    assert home[f"{DAV}sync-token"].text == home[f"{SERVER}getctag"].text
    components = f"{CALDAV}supported-calendar-component-set"
    assert [each.get("name") for each in home[components]] == ["VEVENT"]
    assert [each.get("name") for each in tasks[components]] == ["VTODO"]
    assert f"{SERVER}getctag" not in found[call.path("outbox/")]


def test_only_the_read_only_share_withholds_the_right_to_write(cloud, call):
    found = responses(call.propfind(call.path(""), depth="1"))
    calendars = cloud.calendars(EMAIL)

    def rights(name):
        granted = found[calendars[name]][f"{DAV}current-user-privilege-set"]
        return {privilege[0].tag.rpartition("}")[2] for privilege in granted}

    assert {"write", "write-content", "bind", "unbind"} <= rights("Club")
    assert rights("Club") == rights("Home") == rights("Family")
    assert not {"all", "write", "write-content", "bind"} & rights("School holidays")


def test_a_property_that_is_missing_comes_as_an_empty_element_of_a_second_propstat(call):
    answer = call.propfind(call.path("notification/"), "<D:resourcetype/><D:displayname/>")
    assert answer.text.count("<propstat>") == 2
    assert "<displayname/>" in answer.text
    assert "404 Not Found" in answer.text


def test_the_xml_has_no_prefixes_and_declares_its_namespaces_again_and_again(call):
    text = call.propfind(call.path(""), PROPERTIES, depth="1").text
    assert '<multistatus xmlns="DAV:">' in text
    assert text.count('<response xmlns="DAV:">') == 10
    assert "<calendar xmlns='urn:ietf:params:xml:ns:caldav'/>" in text
    assert "xmlns:" not in text


@pytest.mark.parametrize(
    "password", ["", "wrong", "abcd-efgh-ijkl-mnoq", "MyApplePassword1", "ABCD-EFGH-IJKL-MNOP"]
)
def test_another_password_is_refused_with_an_empty_401_and_two_challenges(cloud, password):
    answer = requests.request("PROPFIND", cloud.url, auth=(EMAIL, password), timeout=5)
    assert answer.status_code == 401
    assert answer.content == b""
    assert answer.raw.headers.getlist("WWW-Authenticate") == [
        'X-MobileMe-AuthToken realm="MMCalDav"',
        'Basic realm="MMCalDav"',
    ]
    assert "x-apple-user-partition" in answer.headers


def test_an_unknown_account_is_refused_without_naming_a_partition(cloud):
    answer = requests.request("PROPFIND", cloud.url, auth=("x@example.com", PASSWORD), timeout=5)
    assert answer.status_code == 401
    assert "x-apple-user-partition" not in answer.headers


def test_the_password_is_also_good_without_its_dashes(cloud, call):
    call.session.auth = (EMAIL, PASSWORD.replace("-", ""))
    assert call.propfind(cloud.url).status_code == 207


def test_a_revoked_password_stops_working_and_a_new_one_works(cloud, call):
    cloud.revoke(EMAIL)
    assert call.propfind(cloud.url).status_code == 401
    cloud.change_password(EMAIL, "zzzz-zzzz-zzzz-zzzz")
    assert call.propfind(cloud.url).status_code == 401
    call.session.auth = (EMAIL, "zzzz-zzzz-zzzz-zzzz")
    assert call.propfind(cloud.url).status_code == 207


def test_nobody_sees_the_calendars_of_another_account(cloud, call):
    cloud.add_account("bob@example.com", "bbbb-bbbb-bbbb-bbbb")
    bob = cloud.accounts()[1]["dsid"]
    assert call.propfind(f"/{bob}/calendars/home/").status_code == 403
    assert call.propfind(f"/{bob}/principal/").status_code == 403
    sideways = f"{cloud.partition_url}/{call.dsid}/calendars/%2e%2e/%2e%2e/{bob}/calendars/home/"
    assert call.propfind(sideways).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", ""),
        ("PROPFIND", "/{dsid}//calendars/", ""),
        ("PROPFIND", "//", ""),
        ("PROPFIND", "/{dsid}/calendars/", ' <?xml version="1.0"?><propfind xmlns="DAV:"/>'),
        ("PROPFIND", "/{dsid}/calendars/", "<propfind"),
        ("REPORT", "/{dsid}/calendars/", '<sync-collection xmlns="DAV:"/>'),
        ("PUT", "/{dsid}/calendars/x.ics", "BEGIN:VCALENDAR"),
        ("GET", "/{dsid}/calendars/home/", ""),
    ],
)
def test_apples_front_end_refuses_odd_requests(cloud, call, method, path, body):
    assert call(method, path.format(dsid=call.dsid), body, Depth="1").status_code == 400


def test_a_collection_is_not_found_without_its_slash(call):
    assert call.propfind(call.path("home")).status_code == 404


def test_an_infinite_depth_is_refused_also_when_it_is_only_implied(call):
    assert call.propfind(call.path(""), depth="infinity").status_code == 403
    assert call("PROPFIND", call.path(""), "").status_code == 403
