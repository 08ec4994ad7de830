-- A copy of a database must not write into anybody's iCloud, and whoever is given it has no need of
-- what came from there. Customers and their bookings stay, as Odoo's own contacts do.

-- What was imported goes as a whole, times included: nothing would ever update it.
DELETE FROM calendar_event WHERE icloud_origin_id IS NOT NULL;
-- Takes along what we know of remote events: their addresses, UIDs and states.
DELETE FROM icloud_event_outcome;
DELETE FROM icloud_due;
DELETE FROM icloud_log;
DELETE FROM icloud_wish;
DELETE FROM icloud_recount;
UPDATE icloud_account
   SET state = 'disconnected',
       username = NULL,
       secret = NULL,
       home_url = NULL,
       addresses = NULL,
       home_database = NULL,
       is_copied = FALSE,
       primary_calendar_id = NULL,
       next_import = NULL,
       last_error = NULL;
DELETE FROM icloud_calendar;

-- Nobody books by mistake on a test server, and the copy opens no customer's real booking.
UPDATE icloud_booking_type SET is_published = FALSE;
UPDATE icloud_booking SET token = replace(gen_random_uuid()::text, '-', '');
UPDATE icloud_booking_waiting SET token = replace(gen_random_uuid()::text, '-', '');
