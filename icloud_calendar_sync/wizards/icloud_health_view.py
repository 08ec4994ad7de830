from datetime import timedelta
from math import isinf

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import babel_locale_parse, get_lang


class ICloudHealthView(models.TransientModel):
    """What whoever runs the server should know of the sync, on one page."""

    _name = "icloud.health.view"
    _description = "Health of the iCloud sync"

    report = fields.Html(compute="_compute_report", sanitize=False)
    has_token = fields.Boolean(compute="_compute_has_token")

    def _compute_display_name(self):
        self.display_name = self.env._("iCloud health")

    def _compute_has_token(self):
        self.has_token = bool(self.env["icloud.health"]._token_hash())

    def _compute_report(self):
        report = self.env["icloud.health"]._report()
        values = {
            "report": report,
            "checks": [self._line(check) for check in report["checks"]],
            "heading": self._headings()[report["status"]],
            "workers": self._workers(report["workers"]),
            "requests": [self._request(*row) for row in self._requests_of_a_day()],
        }
        self.report = self.env["ir.qweb"]._render("icloud_calendar_sync.health_report", values)

    def action_look_again(self):
        """The same page, with the numbers of now."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "icloud_calendar_sync.action_icloud_health"
        )

    def action_new_token(self):
        """Make the token with which monitoring asks; the one before opens nothing any more."""
        self.ensure_one()
        if not self.env.is_system():
            raise AccessError(self.env._("Only administrators can make this token."))
        token = self.env["icloud.health"]._new_token()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("The new token, shown this once"),
                "message": token,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # -- words ---------------------------------------------------------------------------------

    def _headings(self):
        return {
            "ok": self.env._("All is well"),
            "warning": self.env._("Somebody should have a look"),
            "critical": self.env._("Hosts or customers notice this"),
        }

    def _line(self, check):
        label, advice = self._words()[check.name]
        return {
            "label": label,
            "value": self._shown(check),
            "level": check.level,
            "advice": advice if check.level != "ok" else "",
        }

    def _words(self):
        """{name of a check: (what it is called, what to do about it)}"""
        no_worker = self.env._(
            "Look whether the job is active under Settings → Technical → Scheduled Actions, and "
            "whether this server runs jobs (max_cron_threads)."
        )
        return {
            "push_worker_seconds": (self.env._("Time since bookings were looked for"), no_worker),
            "import_worker_seconds": (self.env._("Time since calendars were looked at"), no_worker),
            "oldest_due_push_seconds": (
                self.env._("Longest wait of a booking that is to be sent"),
                self.env._("One worker may not be enough: see “Several workers” in operating.md."),
            ),
            "failing_pushes": (
                self.env._("Bookings that iCloud refused, tried again"),
                self.env._("Each host finds theirs, with the reason, in the own preferences."),
            ),
            "oldest_calendar_seconds": (
                self.env._("Longest time that a calendar was not read"),
                self.env._("See the last errors under Bookings → iCloud connections."),
            ),
            "stale_calendars_share": (
                self.env._("Calendars not read for an hour"),
                self.env._("Their hosts are not offered. See the requests below for the reason."),
            ),
            "failing_accounts_share": (
                self.env._("Connections whose last look failed"),
                self.env._("See the last errors under Bookings → iCloud connections."),
            ),
            "password_needed_share": (
                self.env._("Connections that need a password"),
                self.env._(
                    "Many at once: Apple may have changed something, or this server's key is not "
                    "the one that their passwords were stored with."
                ),
            ),
            "stopped_as_copy": (
                self.env._("Connections stopped because this is a copy"),
                self.env._("Their owners say in their preferences which database is the real one."),
            ),
            "failed_requests_share": (
                self.env._("Requests that failed within the last hour"),
                self.env._("The requests below tell which: see “When Apple changes something”."),
            ),
        }

    def _shown(self, check):
        if check.value is None:
            return "–"
        if check.name.endswith("_seconds"):
            return self._duration(check.value)
        if check.name.endswith("_share"):
            return format_percent(check.value, locale=self._locale())
        return str(check.value)

    def _duration(self, seconds):
        if isinf(seconds):
            return self.env._("switched off")
        return format_timedelta(timedelta(seconds=seconds), locale=self._locale())

    def _locale(self):
        return babel_locale_parse(get_lang(self.env).code)

    def _workers(self, workers):
        names = {"push": self.env._("Sends bookings"), "import": self.env._("Reads calendars")}
        kinds = {"cron": self.env._("the scheduled job"), "queue": self.env._("jobs of the queue")}
        return [(names[work], kinds[worker["by"]]) for work, worker in workers.items()]

    def _requests_of_a_day(self):
        since = fields.Datetime.now() - timedelta(days=1)
        return self.env["icloud.tally"]._sums(since=since)

    def _request(self, method, outcome, requests, seconds):
        return {
            "method": method,
            "outcome": outcome,
            "requests": format_decimal(int(requests), locale=self._locale()),
            "time": self.env._("%s ms", round(1000 * seconds / requests)) if requests else "–",
        }
