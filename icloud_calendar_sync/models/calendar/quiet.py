"""How what the sync stores is written: nobody is told of it."""

# Nobody is written to because of what the sync stores.
QUIET = {
    "no_mail_to_attendees": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
    "skip_contact_description": True,
    "dont_notify": True,
    "no_calendar_sync": True,
}
