"""Whether a person sent a form: Odoo's own hook for reCAPTCHA, Turnstile and whatever else.

Where none is set up nothing is asked.
"""

import logging

from odoo.exceptions import UserError
from odoo.http import request

_logger = logging.getLogger(__name__)

ACTION = "booking"
# What Odoo's modules tell the page when they are set up.
_KEYS = frozenset(("recaptcha_public_key", "turnstile_site_key"))


def is_asked():
    """Whether a form has to prove that a person sends it."""
    return not _KEYS.isdisjoint(request.env["ir.http"].get_frontend_session_info())


def check():
    """Ask once for each request: a token is good for one question, and a lost race asks again.

    :raise UserError: one sentence
    """
    if getattr(request, "booking_person", False):
        return
    heard = request.params
    # Each module looks for its own field, and takes it out.
    request.params = request.httprequest.form.to_dict()
    try:
        request.env["ir.http"]._verify_request_recaptcha_token(ACTION)
    except UserError as refusal:
        _logger.info("Captcha refused %s: %s", request.httprequest.path, refusal)
        raise UserError(
            request.env._(
                "We could not see that a person sent this. Please allow scripts on this page, and "
                "press the button once more."
            )
        ) from None
    finally:
        request.params = heard
    request.booking_person = True
