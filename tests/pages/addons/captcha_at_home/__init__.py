"""Loaded with the server (`server_wide_modules`): no question of a test leaves this machine.

Odoo has the two addresses in its code. All else is Odoo's own, on both sides of the question.
"""

import os
from urllib.parse import urlsplit

import requests

ASKED = ("www.recaptcha.net", "challenges.cloudflare.com")
_send = requests.Session.send


def _send_home(self, asked, **options):
    address = urlsplit(asked.url)
    if address.hostname in ASKED:
        asked.url = f"{os.environ['CAPTCHA_AT_HOME']}/{address.hostname}"
        options["proxies"] = {}
    return _send(self, asked, **options)


requests.Session.send = _send_home
