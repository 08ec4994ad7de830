{
    "name": "iCloud Calendar Sync with Google",
    "summary": "Keeps events imported from iCloud out of Google Calendar",
    "version": "19.0.1.0.0",
    "category": "Productivity/Calendar",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["icloud_calendar_sync", "google_calendar"],
    "auto_install": True,
}
