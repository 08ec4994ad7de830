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
# A session is one event: these would make it one of many.
RECURRENCE_FIELDS = {"recurrency", "recurrence_id"}
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
# What an owner may still do with an imported event in Odoo: be reminded of it, sort and link it,
# talk about it. All else is closed. The two wishes to be sent elsewhere are set by every write.
IMPORTED_OPEN = {
    "activity_ids",
    "alarm_ids",
    "categ_ids",
    "current_status",
    "message_follower_ids",
    "message_ids",
    "message_partner_ids",
    "need_sync",
    "need_sync_m",
    "recurrence_update",
    "res_id",
    "res_model_id",
}
