"""The listing of a home, however odd: which members are for events, and how they look."""

import pytest

from icloud_calendar_sync.icloud.discovery import RemoteCalendar, list_calendars
from icloud_calendar_sync.icloud.errors import BadAnswer, NotFound

HOME = "/7/calendars/"


def response(href: str, properties: str, status: str = "200 OK") -> str:
    return (
        f"<response><href>{href}</href><propstat><prop>{properties}</prop>"
        f"<status>HTTP/1.1 {status}</status></propstat></response>"
    )


def calendar(name: str, properties: str = "", types: str = "") -> str:
    caldav = 'xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
    return response(
        f"{HOME}{name}/",
        f"<resourcetype {caldav}><collection/><C:calendar/>{types}</resourcetype>{properties}",
    )


OWN = response(HOME, "<resourcetype><collection/></resourcetype>")


@pytest.fixture
def listing(scripted):
    """Gives what is understood of a home with the given members."""

    def read(*members: str) -> tuple[RemoteCalendar, ...]:
        scripted.lists(OWN, *members)
        with scripted.client() as client:
            return list_calendars(client, scripted.url + HOME[1:])

    return read


@pytest.mark.parametrize(
    "types",
    ["<C:schedule-inbox/>", "<C:schedule-outbox/>", "<CS:notification/>", "<CS:subscribed/>"],
)
def test_what_is_not_for_events_is_left_out(listing, types):
    assert listing(calendar("x", types=types)) == ()


@pytest.mark.parametrize("types", ["<CS:shared/>", "<CS:shared-owner/>"])
def test_shared_calendars_are_kept(listing, types):
    assert len(listing(calendar("x", types=types))) == 1


def component_set(*names: str) -> str:
    inner = "".join(f'<comp name="{name}"/>' for name in names)
    tag = "supported-calendar-component-set"
    return f'<{tag} xmlns="urn:ietf:params:xml:ns:caldav">{inner}</{tag}>'


@pytest.mark.parametrize(
    ("components", "kept"),
    [
        ("", True),
        (component_set(), True),
        (component_set("VEVENT"), True),
        (component_set("VTODO", "vevent"), True),
        (component_set("VTODO"), False),
        (component_set("VTODO", "VJOURNAL"), False),
    ],
)
def test_a_calendar_is_kept_unless_it_says_it_has_no_events(listing, components, kept):
    assert bool(listing(calendar("x", components))) is kept


def privileges(*names: str) -> str:
    inner = "".join(f"<privilege><{name}/></privilege>" for name in names)
    return f"<current-user-privilege-set>{inner}</current-user-privilege-set>"


@pytest.mark.parametrize(
    ("properties", "writable"),
    [
        ("", True),
        (privileges(), False),
        (privileges("all"), True),
        (privileges("write"), True),
        (privileges("write-content"), True),
        (privileges("bind"), True),
        (privileges("read", "bind"), True),
        (privileges("read"), False),
        (privileges("write-properties"), False),
    ],
)
def test_privileges_tell_whether_one_may_write(listing, properties, writable):
    assert listing(calendar("x", properties))[0].writable is writable


@pytest.mark.parametrize(
    ("color", "shown"),
    [
        ("#cc73e1FF", "#CC73E1"),
        ("#CC73E1", "#CC73E1"),
        ("red", ""),
        ("#CC73E1; background:url(x)", ""),
        ("", ""),
    ],
)
def test_a_color_is_six_digits_or_none(listing, color, shown):
    tag = f'<calendar-color xmlns="http://apple.com/ns/ical/">{color}</calendar-color>'
    assert listing(calendar("x", tag))[0].color == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Famille &amp; amis", "Famille & amis"),
        ("  two\n\tlines  ", "two lines"),
        ("\u202egnp.exe\u0085", "gnp.exe"),
        ("👩‍👧 Home", "👩‍👧 Home"),
        ("x" * 1000, "x" * 100),
        ("x" * 3_000_000, "x" * 100),
        ("a\u061c\u2066b\u200bc", "abc"),
        ("\u200b\u2060\ufeff", "a b"),
        ("\u200d\ufe0f", "a b"),
        ("Ho\U000e0041me", "Home"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("", "a b"),
    ],
)
def test_a_name_is_one_short_line(listing, name, shown):
    assert listing(calendar("a%20b", f"<displayname>{name}</displayname>"))[0].name == shown


@pytest.mark.parametrize("segment", ["%00", "%E2%80%AE", "%20"])
def test_a_calendar_without_any_name_still_has_one(listing, segment):
    assert listing(calendar(segment, "<displayname/>"))[0].name == "Calendar"


def test_a_calendar_whose_address_cannot_be_kept_is_left_out_and_logged(listing, caplog):
    names = [each.name for each in listing(calendar("x" * 9000), calendar("y"))]
    assert names == ["y"]
    assert "address cannot be used: /7/calendars/xxx" in caplog.text
    assert len(caplog.text) < 300


def test_a_home_of_thousands_of_calendars_is_a_bad_answer(listing):
    with pytest.raises(BadAnswer, match="more than 2000"):
        listing(*(calendar(str(number)) for number in range(2100)))


def test_a_property_under_404_does_not_hide_the_good_one(scripted):
    empty = (
        "<propstat><prop><displayname/><resourcetype/></prop>"
        "<status>HTTP/1.1 404 Not Found</status></propstat></response>"
    )
    member = calendar("x", "<displayname>Home</displayname>").replace("</response>", empty)
    scripted.lists(OWN, member)
    with scripted.client() as client:
        assert [each.name for each in list_calendars(client, scripted.url + "7/calendars/")] == [
            "Home"
        ]


def test_a_calendar_listed_twice_is_one(listing):
    assert len(listing(calendar("x"), calendar("x"), calendar("x").replace("/x/", "/%78"))) == 1


def test_more_calendars_than_apple_allows_are_cut(listing):
    assert len(listing(*(calendar(str(number)) for number in range(300)))) == 200


def test_an_endless_token_is_none(listing):
    token = f"<sync-token>{'x' * 5000}</sync-token>"
    assert listing(calendar("x", token))[0].sync_token is None


def test_a_home_that_says_it_is_gone_is_not_an_empty_one(scripted):
    gone = f"<response><href>{HOME}</href><status>HTTP/1.1 404 Not Found</status></response>"
    scripted.lists(gone)
    with scripted.client() as client, pytest.raises(NotFound):
        list_calendars(client, scripted.url + "7/calendars/")


def test_an_empty_answer_is_not_an_empty_home(scripted):
    scripted.lists()
    with scripted.client() as client, pytest.raises(BadAnswer):
        list_calendars(client, scripted.url + "7/calendars/")
