{
    "name": "iCloud Calendar Sync & Bookings",
    "summary": "Booking pages that offer only free times, in step with each host's iCloud Calendar",
    "version": "19.0.1.1.0",
    "category": "Productivity/Calendar",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["calendar", "portal", "resource"],
    # caldav 2 and later bring a package that replaces urllib3; Odoo 19 then does not start.
    # Odoo reads versions with `packaging`, and without it refuses to install us; the last four are
    # Odoo's own as well.
    "external_dependencies": {
        "python": [
            "caldav>=1.6,<2",
            "icalendar>=6.1",
            "cryptography",
            "packaging",
            "lxml",
            "python-dateutil",
            "requests",
            "urllib3",
        ],
    },
    "data": [
        "security/icloud_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "security/icloud_limit_security.xml",
        "data/mail_template.xml",
        "data/mail_template_owner.xml",
        "views/icloud/icloud_account_views.xml",
        "views/icloud/icloud_calendar_views.xml",
        "views/icloud/icloud_log_views.xml",
        "views/booking/icloud_booking_waiting_views.xml",
        "views/offer/icloud_booking_service_views.xml",
        "views/offer/icloud_booking_type_views.xml",
        "views/booking/icloud_booking_views.xml",
        "wizards/icloud_booking_publish_views.xml",
        "wizards/icloud_booking_why_views.xml",
        "views/calendar/calendar_event_views.xml",
        "views/icloud/res_users_views.xml",
        "views/pages/refusal_templates.xml",
        "views/pages/booking_templates.xml",
        "views/pages/choice_templates.xml",
        "views/pages/service_templates.xml",
        "views/pages/token_templates.xml",
        "views/pages/waiting_templates.xml",
        "views/menus.xml",
    ],
    "demo": [
        "demo/icloud_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "icloud_calendar_sync/static/src/backend/**/*",
        ],
        "web.assets_frontend": [
            "icloud_calendar_sync/static/src/booking/**/*",
        ],
    },
    "application": True,
    "uninstall_hook": "uninstall_hook",
}
