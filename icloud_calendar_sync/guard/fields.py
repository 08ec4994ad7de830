"""What strangers sent, as short plain texts: no endpoint meets anything else."""

from odoo.http import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from .routes import MOST_BYTES, MOST_READ

_TYPED = "name email phone note seats start tz user services"
FIELDS = frozenset(f"{_TYPED} from to plain change done once clock seen decision".split())
LONGEST = 20_000  # characters of one field
TICKS = "services"  # the one field that a form sends several times


def read_body():
    """Read what was sent, whole; twice is the same as once.

    :raise HTTPException: it is too long, no form, or has a file in it
    """
    sent = request.httprequest
    length = sent.content_length or 0
    if length > MOST_BYTES:
        if length <= MOST_READ:
            sent.get_data(cache=False)
        raise RequestEntityTooLarge
    try:
        has_files = bool(sent.files)
    except (ValueError, LookupError) as error:
        raise BadRequest from error
    # Odoo compares the token with its own, sign by sign, and knows only these. Of those that come
    # twice it takes the form's, not the address's.
    tokens = sent.values.getlist("csrf_token")
    if has_files or not all(map(str.isascii, tokens)):
        raise BadRequest


def texts(path_args):
    """{name: text} of what this request may say, with what stands in its path.

    A form speaks for itself: what stands in the address beside it is not heard.

    :raise RequestEntityTooLarge: one is too long
    """
    sent = request.httprequest
    source = sent.args if sent.method in ("GET", "HEAD") else sent.form
    found = {name: _text(source.get(name)) for name in FIELDS if name in source}
    return {**found, **path_args}


def _text(value):
    if len(value) > LONGEST:
        raise RequestEntityTooLarge
    # No database stores a NUL or half a sign, and nobody means one. Not nothing, either: a number
    # of seats that is no number was not left out.
    return value.replace("\0", " ").encode(errors="ignore").decode()


def ticks():
    """Each of the boxes that were ticked."""
    return [_text(each) for each in request.httprequest.args.getlist(TICKS)]
