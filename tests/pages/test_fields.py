"""What cannot be taken is said at its field, in words, and announced."""

import pytest

from tests.main_job.host import at, iso

WRONG = {"name": " ", "email": "a@b", "phone": "abc"}
SAID = {
    "name": "Please tell us your name.",
    "email": "Please give an e-mail address we can write to.",
    "phone": "Please give a phone number we can call, "
    "from abroad with its country: +49 30 1234567.",
}


def is_said_at_the_fields(visitor):
    for name, words in SAID.items():
        field = visitor.see(f"form [name={name}]")
        assert field.get_attribute("aria-invalid") == "true"
        said = visitor.text(f"#{field.get_attribute('aria-describedby')}")
        assert (name, said) == (name, words)
        assert field.input_value() == WRONG[name]
    return visitor.see(":focus").get_attribute("name") == "name"


def test_with_scripts(offer, visitor):
    visitor.open(offer.path)
    visitor.choose(at(10))
    visitor.fill_in(**WRONG)
    visitor.confirm()
    visitor.see(".o_booking_wrong").first.wait_for()
    visitor.see("[name=name]:focus").wait_for()
    assert is_said_at_the_fields(visitor)
    assert visitor.see("[role=alert]").count() == 0
    # What is right is not marked any more, and what is still wrong is what one stands in.
    visitor.fill_in(phone="12")
    visitor.confirm()
    visitor.see("[name=phone]:focus").wait_for()
    assert visitor.see("[aria-invalid]").count() == 1
    visitor.fill_in(phone="+49 (0)30 / 90 18-20 ext. 8")
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert len(offer.bookings()) == 1


def test_without_scripts(offer, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{offer.path}?plain=1")
    visitor.see(f"label[for='{iso(at(10))}']").click()
    for name, text in WRONG.items():
        visitor.page.fill(f"[name={name}]", text)
    visitor.page.get_by_role("button", name="Confirm").click()
    assert is_said_at_the_fields(visitor)


@pytest.mark.parametrize("phone", ["abc", "12", "1234 or so", "+", "0" * 18, "ext. 12345"])
def test_what_is_no_phone_number(offer, script, phone):
    form = {"name": "Anna Berg", "email": "anna@example.net", "phone": phone}
    answer = script.post(offer.path, start=iso(at(10)), **form)
    assert answer.status_code == 422
    assert 'id="booking_phone_refusal"' in answer.text
    assert offer.bookings() == []


@pytest.mark.parametrize(
    "phone",
    [
        "110-55",
        "\u0660\u0663\u0660 \u0661\u0662\u0663\u0664",
        "0049.30.901820",
        "+1 (212) 736-5000 x12",
    ],
)
def test_what_is_one_however_it_is_written(offer, script, phone):
    form = {"name": "Anna Berg", "email": "anna@example.net", "phone": phone}
    assert script.post(offer.path, start=iso(at(10)), **form).status_code == 303
    assert offer.bookings()[0]["phone"] == phone
