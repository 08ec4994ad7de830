"""Making, changing and deleting calendars; what the person's iPhone can do directly."""

import pytest

from tests.local_icloud.calls import DAV, EMAIL, NAMESPACES, event, responses

COLOR = "{http://apple.com/ns/ical/}calendar-color"


def make(call, name, *components, properties="<D:displayname>New</D:displayname>"):
    listed = "".join(f'<C:comp name="{each}"/>' for each in components)
    if listed:
        listed = (
            f"<C:supported-calendar-component-set>{listed}</C:supported-calendar-component-set>"
        )
    inside = f"<D:set><D:prop>{properties}{listed}</D:prop></D:set>"
    body = f"<C:mkcalendar {NAMESPACES}>{inside}</C:mkcalendar>"
    return call("MKCALENDAR", call.path(f"{name}/"), body)


def patch(call, name, properties):
    inside = f"<D:set><D:prop>{properties}</D:prop></D:set>"
    body = f"<D:propertyupdate {NAMESPACES}>{inside}</D:propertyupdate>"
    return call("PROPPATCH", call.path(f"{name}/"), body)


def test_a_calendar_is_made_for_one_component_type(cloud, call):
    assert make(call, "fresh", "VEVENT").status_code == 201
    assert call.put("fresh/one.ics", event()).status_code == 201
    assert make(call, "fresh", "VEVENT").status_code == 405
    refused = make(call, "mixed", "VEVENT", "VTODO")
    assert refused.status_code == 400
    assert refused.headers["Content-Type"].startswith("text/html")
    assert make(call, "diary", "VJOURNAL").status_code == 400


@pytest.mark.parametrize("name", ["a", "with space", "a%2Fb", "semi;colon"])
def test_short_and_odd_calendar_names_are_refused(call, name):
    assert make(call, name).status_code == 400


def test_mkcol_is_not_known(call):
    assert call("MKCOL", call.path("fresh/")).status_code == 405


def test_a_calendar_is_deleted_with_its_events(cloud, call):
    make(call, "fresh")
    call.put("fresh/one.ics", event())
    assert call("DELETE", call.path("fresh/")).status_code == 204
    assert call.propfind(call.path("fresh/")).status_code == 404
    assert call.put("home/one.ics", event()).status_code == 201


@pytest.mark.parametrize("name", ["home/", "inbox/", "outbox/", "notification/", ""])
def test_what_every_account_needs_cannot_be_deleted(call, name):
    assert call("DELETE", call.path(name)).status_code == 403


@pytest.mark.parametrize(
    ("color", "comes_back"),
    [("#00FF00", "#00FF00FF"), ("#00ff0080", "#00FF0080"), ("blue", "#CB30E0FF")],
)
def test_a_color_comes_back_with_alpha_and_a_named_one_as_purple(call, color, comes_back):
    assert patch(call, "home", f"<A:calendar-color>{color}</A:calendar-color>").status_code == 207
    (found,) = responses(call.propfind(call.path("home/"))).values()
    assert found[COLOR].text == comes_back


def test_a_renamed_calendar_is_what_it_was_otherwise(cloud, call):
    token = responses(call.propfind(call.path("work/")))[call.path("work/")][f"{DAV}sync-token"]
    patch(call, "work", "<D:displayname>Salon</D:displayname>")
    (found,) = responses(call.propfind(call.path("work/"))).values()
    assert found[f"{DAV}displayname"].text == "Salon"
    assert found[f"{DAV}sync-token"].text == token.text
    assert cloud.calendars(EMAIL)["Salon"] == call.path("work/")


def test_the_inbox_and_a_read_only_calendar_cannot_be_renamed(cloud, call):
    for path in ("inbox", cloud.calendars(EMAIL)["School holidays"].split("/")[-2]):
        assert patch(call, path, "<D:displayname>Mine</D:displayname>").status_code == 403


def test_the_phone_may_write_what_no_client_could(cloud, call):
    """Real calendars hold broken resources; they are listed and delivered as they are."""
    broken = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:broken\r\nDTSTART:whenever\r\n"
    href = cloud.put_event(EMAIL, "home", broken)
    assert href in responses(call.sync(call.path("home/")))
    assert call("GET", href).content == broken
    assert cloud.events(EMAIL, "home") == {href: broken}


def test_the_phone_may_edit_an_event_in_place(cloud, call):
    href = cloud.put_event(EMAIL, "home", uid="a", summary="Dentist", start="20261122")
    before = call("GET", href).headers["ETag"]
    cloud.put_event(EMAIL, "home", event("a", title="Moved"), href=href)
    assert call("GET", href).headers["ETag"] != before
    assert len(cloud.events(EMAIL, "home")) == 1


def test_a_calendar_nobody_has_is_named_in_the_error(cloud):
    with pytest.raises(LookupError, match="has no calendar Nowhere"):
        cloud.put_event(EMAIL, "Nowhere", summary="x")
