{
    "name": "iCloud Calendar Sync with Ratings",
    "summary": "The mail after a visit asks how it was, by one click",
    "version": "19.0.1.0.0",
    "category": "Productivity/Calendar",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["icloud_calendar_sync", "rating"],
    "data": ["views/icloud_booking_views.xml"],
    "auto_install": True,
}
