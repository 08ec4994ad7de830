"""Which columns of an event mean what to us."""

# What a session's copy in iCloud is made of.
PUSHED_FIELDS = {
    "name",
    "start",
    "stop",
    "duration",
    "allday",
    "start_date",
    "stop_date",
    "active",
    "user_id",
    "location",
    "description",
    "booking_type_id",
    "seats",
}
TIME_FIELDS = {"start", "stop", "duration", "allday", "start_date", "stop_date"}
# What iCloud says about an imported event, and Odoo does not change.
IMPORTED_FIELDS = PUSHED_FIELDS | {
    "partner_ids",
    "attendee_ids",
    "show_as",
    "privacy",
    "recurrency",
    "rrule",
    "videocall_location",
    "notes",
    "icloud_title",
    "icloud_origin_id",
    "icloud_recurrence_id",
    "icloud_travel",
    "icloud_free",
    "icloud_unanswered",
    "icloud_declined",
}
