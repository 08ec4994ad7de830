{
    "name": "iCloud Calendar Sync with Outlook",
    "summary": "Keeps events imported from iCloud out of Outlook Calendar",
    "version": "19.0.1.0.0",
    "category": "Productivity/Calendar",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["icloud_calendar_sync", "microsoft_calendar"],
    "auto_install": True,
}
