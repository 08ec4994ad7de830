"""The pages fit every screen and every way to read and operate them."""

import re
from importlib.resources import files

import pytest

from tests.main_job.host import at
from tests.pages.offer import offer_freed_seats

LONG = "First visit with a name as long as Donaudampfschifffahrtsgesellschaftskapitän"

# Everything that a script can tell about labels, roles, languages and sizes.
PROBLEMS = """() => {
    const seen = (el) => el.checkVisibility({ visibilityProperty: true });
    const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
    const name = (el) =>
        (el.getAttribute("aria-label") || el.innerText || el.title || "").trim() ||
        [...el.querySelectorAll("img")].map((img) => img.alt).join("").trim();
    const html = (el) => el.outerHTML.slice(0, 120);
    const small = (el) => {
        const { width, height } = el.getBoundingClientRect();
        return width < 44 || height < 44;
    };
    const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
    return [
        ...(document.documentElement.lang ? [] : ["no language"]),
        ...(all("h1").length === 1 ? [] : ["not one h1"]),
        ...(all("main").length === 1 ? [] : ["not one main"]),
        ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id twice: ${id}`),
        ...all("main :is(button, a)").filter((el) => !name(el)).map((el) => `no name: ${html(el)}`),
        ...all("main :is(input, select, textarea)")
            .filter((el) => !el.labels.length)
            .map((el) => `no label: ${html(el)}`),
        ...all("img").filter((el) => !el.hasAttribute("alt")).map((el) => `no alt: ${html(el)}`),
        ...all("main :is(button, select, textarea, .btn, input:not([type=radio]))")
            .filter(small)
            .map((el) => `small: ${html(el)}`),
        ...all("main fieldset")
            .filter((el) => !el.querySelector("legend")?.innerText.trim())
            .map((el) => `choices without a question: ${html(el)}`),
        ...all("main .fa").filter((el) => !el.closest("[aria-hidden=true]"))
            .map((el) => `icon read out: ${html(el)}`),
        ...all("[aria-labelledby]")
            .filter((el) => !document.getElementById(el.getAttribute("aria-labelledby")))
            .map((el) => `label nowhere: ${html(el)}`),
    ];
}"""

# WCAG 2.2, 1.4.3, over the nearest opaque or tinted backgrounds.
FAINT = """() => {
    const parse = (text) => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
        return { r, g, b, a };
    };
    const over = (top, below) => ({
        r: top.r * top.a + below.r * (1 - top.a),
        g: top.g * top.a + below.g * (1 - top.a),
        b: top.b * top.a + below.b * (1 - top.a),
        a: 1,
    });
    const background = (el) =>
        el
            ? over(parse(getComputedStyle(el).backgroundColor), background(el.parentElement))
            : { r: 255, g: 255, b: 255, a: 1 }; // under all of it: paper
    const light = ({ r, g, b }) => {
        const [x, y, z] = [r, g, b].map((c) =>
            c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4
        );
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const contrast = (el) => {
        const below = background(el);
        const ink = over(parse(getComputedStyle(el).color), below);
        const [high, low] = [light(ink), light(below)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const hasText = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    return [...document.querySelectorAll("main *:not(option, style, script)")]
        .filter((el) => el.checkVisibility({ visibilityProperty: true }) && hasText(el))
        .filter((el) => contrast(el) < 4.5)
        .map((el) => `${contrast(el).toFixed(2)}: ${el.outerHTML.slice(0, 120)}`);
}"""


# Colours change over a moment.
SETTLED = """() => Promise.all(
    document
        .getAnimations()
        .filter((each) => each instanceof CSSTransition)
        .map((each) => each.finished.catch(() => {}))
)"""

AXE = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary}`)
    );
}"""


def pages(offer, class_offer, menu_offer):
    """(name, path, what to do there) of every page."""
    token = offer.book(at(10))["token"]
    cancelled = offer.book(at(12))["token"]
    ids = [each["id"] for each in offer.bookings() if each["token"] == cancelled]
    offer.admin.call("icloud.booking", "action_cancel", ids)

    def pick(visitor):
        visitor.see(".o_booking_time").first.wait_for()

    def fill(visitor):
        visitor.see(".o_booking_time").first.click()
        visitor.see(".o_booking_details").wait_for()

    def be_refused(visitor):
        fill(visitor)
        visitor.fill_in()
        visitor.page.evaluate("document.querySelector('[name=start]').value = '2026-01-01'")
        visitor.confirm()
        visitor.see(".o_booking_refusal").wait_for()

    def be_wrong(visitor):
        fill(visitor)
        visitor.fill_in(email="a@b", phone="abc")
        visitor.confirm()
        visitor.see(".o_booking_wrong").first.wait_for()

    def change_habits(visitor):
        pick(visitor)
        visitor.see(".o_booking_habits summary").click()

    yield "all offers", "/bookings", None
    yield "times", offer.path, pick
    yield "clock and week", offer.path, change_habits
    yield "wrong details", offer.path, be_wrong
    yield "details", offer.path, fill
    yield "refusal", offer.path, be_refused
    yield "without scripts", f"{offer.path}?plain=1", None
    yield "booking", f"/booking/{token}", None
    yield "move", f"/booking/{token}/move", pick
    yield "new time", f"/booking/{token}/move", fill
    yield "cancel", f"/booking/{token}/cancel", None
    yield "cancelled", f"/booking/{cancelled}", None
    yield "no booking", "/booking/nothing", None
    yield "no offer", "/bookings/nothing", None
    yield "we have written", f"{offer.path}/written", None
    yield "turned away", f"/bookings?note={'too much ' * 2_500}", None
    yield from class_pages(class_offer, pick)
    yield from menu_pages(menu_offer, pick)


def class_pages(offer, pick):
    """Two lines wait, and one is offered the seat that got free meanwhile."""
    freed, kept = offer.book(at(10)), offer.book(at(11))
    waiting = [offer.wait(start, name="Cy", email="cy@example.net") for start in (at(10), at(11))]
    offer.admin.call("icloud.booking", "action_cancel", [freed["id"]])
    offer_freed_seats(offer.admin)
    held = next(each for each in offer.bookings() if each["customer_name"] == "Cy")

    def wait(visitor):
        visitor.choose(at(11))
        visitor.see(".o_booking_details").wait_for()

    yield "seats left", offer.path, pick
    yield "wait", offer.path, wait
    yield "class without scripts", f"{offer.path}?plain=1", None
    yield "class booking", f"/booking/{kept['token']}", None
    yield "seat offered", f"/booking/waiting/{waiting[0]}", None
    yield "waiting", f"/booking/waiting/{waiting[1]}", None
    yield "seat held", f"/booking/{held['token']}", None


def menu_pages(offer, pick):
    (service,) = offer.admin.find("icloud.booking.service", [("type_id", "=", offer.type_id)])

    def tick(visitor):
        visitor.see(".o_booking_service input").check()
        visitor.see(".o_booking_sum").wait_for()

    def see_plan(visitor):
        visitor.see(".o_booking_time").first.click()
        visitor.see(".o_booking_plan li").wait_for()

    yield "menu", offer.path, tick
    yield "who does what", f"{offer.path}?services={service['id']}", see_plan
    yield "times of services", f"{offer.path}?services={service['id']}", pick
    yield "services without scripts", f"{offer.path}?services={service['id']}&plain=1", None


@pytest.fixture
def class_offer(new_offer):
    return new_offer(kind="class", seats=1, seats_per_booking=3, waiting_list=True)


@pytest.fixture
def menu_offer(new_offer):
    service = {"name": "Cut", "price": 40, "category": "Hair", "description": LONG}
    offer = new_offer(kind="service", choose_host=True, service_ids=[(0, 0, service)])
    offer.new_host("Jonas")
    return offer


@pytest.fixture
def wordy_offer(new_offer):
    return new_offer(
        name=LONG,
        location="https://example.com/a-place-with-an-address-that-goes-on-and-on-and-on-and-on",
    )


# 320 pixels are left of 1280 at 400 % (WCAG 2.2, 1.4.10).
@pytest.mark.parametrize(("width", "height"), [(320, 740), (1280, 900)])
def test_no_page_needs_scrolling_sideways(
    wordy_offer, class_offer, menu_offer, new_visitor, width, height
):
    visitor = new_visitor(viewport={"width": width, "height": height}, is_mobile=False)
    for name, path, act in pages(wordy_offer, class_offer, menu_offer):
        visitor.page.goto(path)
        if act:
            act(visitor)
        for direction in ("ltr", "rtl"):
            visitor.page.evaluate("dir => (document.documentElement.dir = dir)", direction)
            runs = visitor.see("main").evaluate("el => getComputedStyle(el).direction")
            found = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert runs == direction
            assert found <= width, f"{name} is {found} pixels wide ({direction})"


def test_everybody_can_read_and_operate_them_by_day_and_by_night(
    offer, class_offer, menu_offer, visitor
):
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text()
    for name, path, act in pages(offer, class_offer, menu_offer):
        visitor.page.emulate_media(color_scheme="light")
        visitor.page.goto(path)
        if act:
            act(visitor)
        assert (name, visitor.page.evaluate(PROBLEMS)) == (name, [])
        visitor.page.evaluate(axe)
        for scheme in ("light", "dark"):
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.page.evaluate(SETTLED)
            found = visitor.page.evaluate(FAINT) + visitor.page.evaluate(AXE)
            assert (name, scheme, found) == (name, scheme, [])


def test_the_night_is_dark(offer, new_visitor):
    visitor = new_visitor(color_scheme="dark")
    visitor.open(offer.path)
    for selector in ("body", "main", ".o_booking_card", "header nav"):
        colour = visitor.see(selector).first.evaluate("el => getComputedStyle(el).backgroundColor")
        red, green, blue, *_alpha = map(float, re.findall(r"[\d.]+", colour))
        assert max(red, green, blue) < 64, f"{selector}: {colour}"


def test_no_bar_covers_what_has_the_focus(offer, new_visitor):
    small = {"width": 390, "height": 560}
    visitor = new_visitor(viewport=small, is_mobile=False, reduced_motion="reduce")
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.see(".o_booking_details h2:focus").wait_for()
    for name in ("", "name", "email", "phone", "note"):
        visitor.page.keyboard.press("Tab")
        focus = visitor.see(":focus")
        assert (focus.get_attribute("name") or "") == name
        bar = visitor.see(".o_booking_actions").bounding_box()
        # Of a field of many lines the one that is written in.
        line = min(focus.bounding_box()["height"], 48)
        assert focus.bounding_box()["y"] + line <= bar["y"], f"{name} is under the bar"


def test_confirm_stays_in_reach_of_the_thumb(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.page.evaluate("scrollTo(0, 0)")
    box = visitor.see(".o_booking_confirm").bounding_box()
    assert box["y"] + box["height"] <= 844


def test_a_screen_reader_hears_what_a_day_offers(offer, visitor):
    visitor.open(offer.path)
    visitor.turn_to(at(10).date())
    words = f"{at(10):%A, %B} {at(10).day}, free times: 20"
    day = visitor.see(f"[data-day='{at(10).date()}']")
    assert day.get_attribute("aria-label") == words
    day.click()
    assert visitor.see("[role=status]").text_content() == words
    assert visitor.page.get_by_role("group", name="Morning").count() == 1


def test_whoever_asked_for_no_motion_gets_none(offer, new_visitor):
    visitor = new_visitor(reduced_motion="reduce")
    visitor.page.goto("/bookings")
    card = visitor.see(".o_booking_offer").first
    assert card.evaluate("el => getComputedStyle(el).transitionDuration") == "0s"
