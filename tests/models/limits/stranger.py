"""Somebody who asks our routes over HTTP, inside the tests' transaction."""

import threading
from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.guard.limits import PARAMETER
from odoo.http import Request
from odoo.sql_db import db_connect
from odoo.tests.common import HttpCase
from odoo.tools import config

from ..common import BookingCase


class StrangerCase(BookingCase, HttpCase):
    """A class with a waiting list, a menu, and a stranger without any session before."""

    LIMITS = "all=off"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_limits(cls.LIMITS)
        cls.offer = cls.make_type(
            cls.mara, kind="class", seats=1, waiting_list=True, slug="fuzzed", seats_per_booking=1
        )
        cls.menu = cls.make_type(
            kind="service",
            slug="fuzzed-menu",
            choose_host=True,
            service_ids=[(0, 0, {"name": "Cut", "duration": 30})],
        )
        # As a proxy in front of the server tells who comes.
        cls.startClassPatcher(patch.dict(config.options, {"proxy_mode": True}))

    @classmethod
    def set_limits(cls, words):
        cls.env["ir.config_parameter"].set_param(PARAMETER, words)

    def setUp(self):
        super().setUp()
        # As Odoo's own runner leaves it; its map of routes asks for it.
        threading.current_thread().dbname = self.env.cr.dbname
        self.address = "192.0.2.1"
        self.new_browser()
        self.addCleanup(self.forget_counts)

    def have_links(self):
        """The tokens of a booking that fills a session, and of who waits for it."""
        booking = self.book(10, booking_type=self.offer)
        customer = {"name": "Wai Ting", "email": "wai@example.com"}
        waiting = self.offer.join_waiting_list(self.iso(10), customer)
        self.env.flush_all()
        return booking.token, waiting.token

    def forget_counts(self):
        with db_connect(self.env.cr.dbname).cursor() as cursor:
            cursor.execute("DELETE FROM icloud_limit")

    def new_browser(self):
        self.authenticate(None, None)
        self.csrf = Request.csrf_token(self)

    def ask(self, method, path, headers=(), **options):
        proxy = {"X-Forwarded-For": self.address, "X-Forwarded-Host": "book.example"}
        return self.opener.request(
            method,
            self.base_url() + path,
            timeout=60,
            allow_redirects=False,
            headers={**proxy, **dict(headers)},
            **options,
        )

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, **fields):
        return self.ask("POST", path, data={"csrf_token": self.csrf, **fields})

    def post_booking(self, booking_type, start, email="anna@example.com", name="Anna Berg"):
        path = f"/bookings/{booking_type.slug}"
        return self.post(path, name=name, email=email, start=start)

    def queue(self, booking_type, start, email):
        path = f"/bookings/{booking_type.slug}/wait"
        return self.post(path, name="Wai Ting", email=email, start=start)

    def mails_to(self, email):
        return self.env["mail.mail"].search([("email_to", "ilike", email)], order="id")
