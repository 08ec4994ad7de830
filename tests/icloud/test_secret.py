"""What is stored of a password, and what counts as one."""

import pytest

from icloud_calendar_sync.icloud import secret
from icloud_calendar_sync.icloud.errors import NotAppSpecific, SecretLost

PASSWORD = "abcd-efgh-ijkl-mnop"


def test_a_password_comes_back_with_the_same_key():
    key = secret.new_key()
    assert secret.decrypt(key, secret.encrypt(key, PASSWORD)) == PASSWORD


def test_the_ciphertext_shows_nothing_and_is_never_the_same():
    key = secret.new_key()
    first, second = secret.encrypt(key, PASSWORD), secret.encrypt(key, PASSWORD)
    assert "abcd" not in first
    assert first != second


@pytest.mark.parametrize("damage", [lambda text: text[:-4], lambda text: "x" + text, lambda _: "ü"])
def test_a_damaged_ciphertext_is_a_lost_secret(damage):
    key = secret.new_key()
    with pytest.raises(SecretLost):
        secret.decrypt(key, damage(secret.encrypt(key, PASSWORD)))


def test_another_key_cannot_read_it():
    ciphertext = secret.encrypt(secret.new_key(), PASSWORD)
    with pytest.raises(SecretLost):
        secret.decrypt(secret.new_key(), ciphertext)


def test_the_first_of_several_keys_encrypts_and_all_decrypt():
    old, new = secret.new_key(), secret.new_key()
    before = secret.encrypt(old, PASSWORD)
    for between in (b",", b"\n", b" , ", b"\r\n"):
        both = new + between + old + b"\n"
        assert secret.decrypt(both, before) == PASSWORD
        assert secret.decrypt(new, secret.encrypt(both, PASSWORD)) == PASSWORD


def test_a_secret_moves_to_the_first_key_once():
    old, new = secret.new_key(), secret.new_key()
    both = new + b"," + old
    moved = secret.rotate(both, secret.encrypt(old, PASSWORD))
    assert secret.decrypt(new, moved) == PASSWORD
    assert secret.rotate(both, moved) is None
    with pytest.raises(SecretLost):
        secret.rotate(both, secret.encrypt(secret.new_key(), PASSWORD))


def test_one_of_several_keys_that_is_none_is_noticed():
    assert secret.is_usable(secret.new_key())
    assert secret.is_usable(secret.new_key() + b"," + secret.new_key())
    assert not secret.is_usable(secret.new_key() + b",typo")
    assert not secret.is_usable(b"")


@pytest.mark.parametrize("key", [b"", b"too short", b"\xff" * 44])
def test_a_key_that_is_none_is_a_lost_secret(key):
    with pytest.raises(SecretLost):
        secret.encrypt(key, PASSWORD)


@pytest.mark.parametrize(
    "typed",
    [
        "abcd-efgh-ijkl-mnop",
        "ABCD-efgh-Ijkl-mnop",
        "abcdefghijklmnop",
        " abcd efgh\tijkl mnop\n",
        "abcd–efgh—ijkl−mnop",
        "abcd\u00a0efgh\u200bijkl\u2011mnop",
    ],
)
def test_an_app_specific_password_is_understood_however_it_is_typed(typed):
    assert secret.normalise_app_password(typed) == PASSWORD


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hunter2",
        "abcd-efgh-ijkl-mno",
        "abcd-efgh-ijkl-mnopq",
        "abcd-efgh-ijkl-mn0p",
        "äbcdefghijklmnop",
    ],
)
def test_anything_else_is_no_app_specific_password(typed):
    with pytest.raises(NotAppSpecific) as refusal:
        secret.normalise_app_password(typed)
    assert typed == "" or typed not in str(refusal.value)
