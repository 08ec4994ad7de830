"""How long one run of a worker may take under the limits that an operator set."""

from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.models.icloud.icloud_worker import run_seconds
from odoo.addons.icloud_calendar_sync.models.icloud.push.claiming import LEASE
from odoo.tools import config

from tests.models.common import ICloudCase


class TestRunTime(ICloudCase):
    def test_a_short_limit_still_lets_bookings_out_and_events_in(self):
        self.connect(self.mara)
        self.run_import()
        for seconds in (60, 45, 30):
            limits = {"limit_time_real": seconds, "limit_time_real_cron": -1}
            with self.subTest(seconds=seconds), patch.dict(config.options, limits):
                self.book(10, days=seconds, user_id=self.mara.id)
                self.cloud.clear_requests()
                self.run_import()
                self.assertTrue(self.cloud.requests())
                self.push()
                self.assertEqual(len(self.puts()), 1)

    def test_no_run_outlasts_the_lease_of_its_orders_or_the_limit(self):
        for limit in (10, 30, 60, 120, 600, 3600, 86_400, 0):
            self.assertLess(run_seconds(limit), LEASE.total_seconds())
            if limit:
                self.assertLess(run_seconds(limit), limit)
