{
    "name": "iCloud Calendar Sync with Job Queue",
    "summary": "Shares the sync with iCloud among several Odoo workers and servers",
    "version": "19.0.1.0.0",
    "category": "Productivity/Calendar",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["icloud_calendar_sync", "queue_job"],
    "data": ["data/queue_job.xml"],
    # Without the channel root.icloud in the runner's settings nothing changes.
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
