from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime, format_duration

from ...scheduling.search import Search
from .busy_time import busy_rows, people_of
from .host_rows import host_rows
from .minutes import day_number, from_minutes, minutes_down
from .zones import local_day

_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60


class ICloudBookingExplanation(models.AbstractModel):
    """Puts into words which rules of the engine a start breaks; it decides nothing itself."""

    _name = "icloud.booking.explanation"
    _description = "Why a time is not offered"

    @api.model
    def _why_not(self, booking_type, start, choice):
        """See `icloud.booking.type.why_not`; `start` is naive UTC."""
        availability = self.env["icloud.booking.availability"]
        offers = availability._offers(booking_type, start, start + timedelta(minutes=1), choice)
        offer = next((each for each in offers if from_minutes(each.start) == start), None)
        hosts = availability._asked(booking_type, host_rows(booking_type), choice)
        general = self._general(booking_type, start, offer)
        answer = {"offered": bool(offer) and not general, "general": general, "hosts": []}
        if not offer and hosts:
            answer["hosts"] = self._by_host(booking_type, hosts, start, choice)
        return answer

    # -- for everybody -------------------------------------------------------------------------

    def _general(self, booking_type, start, offer):
        now, zone = fields.Datetime.now(), booking_type.tz
        day = local_day(start, zone)
        sentences = [
            (not booking_type.is_published, self.env._("This booking type is not published.")),
            (not booking_type.host_ids, self.env._("It has no hosts.")),
            (start < now, self.env._("This time has passed.")),
            (
                now <= start < now + timedelta(minutes=booking_type.min_notice),
                self.env._("It is less than the notice of %s min away.", booking_type.min_notice),
            ),
            (
                start >= now + timedelta(days=booking_type.horizon_days),
                self.env._("It is more than %s days ahead.", booking_type.horizon_days),
            ),
            (
                booking_type.first_day and day < booking_type.first_day,
                self.env._("Days are offered from %s on.", booking_type.first_day),
            ),
            (
                booking_type.last_day and day > booking_type.last_day,
                self.env._("Days are offered until %s.", booking_type.last_day),
            ),
            (
                bool(offer) and not offer.seats_left,
                self.env._("All seats of this session are taken."),
            ),
        ]
        return [sentence for applies, sentence in sentences if applies]

    # -- host by host --------------------------------------------------------------------------

    def _by_host(self, booking_type, hosts, start, choice):
        availability = self.env["icloud.booking.availability"]
        wide = start, start + timedelta(minutes=1)
        if booking_type.only_adjacent:
            wide = availability._whole_days(booking_type, *wide)
        search = Search(availability._facts(booking_type, hosts, *wide, choice))
        refusals = search.refusals(minutes_down(start))
        answers = []
        for row in hosts:
            host = self.env["icloud.booking.host"].browse(row.id)
            reasons = [
                sentence
                for rule in refusals[row.user_id]
                for sentence in self._sentences(rule, host, search, start, choice)
            ]
            if not row.active:
                reasons.append(self._not_a_host(host))
            if row.unread and booking_type.stale_policy == "hide":
                reasons.append(self.env._("iCloud has not been read lately."))
            answers.append(
                {
                    "user_id": row.user_id,
                    "name": host.user_id.name,
                    "reasons": reasons or [self._free(host)],
                }
            )
        return answers

    @api.model
    def _not_a_host(self, host):
        """Why this user takes no bookings at all, or None."""
        if not host.user_id.active:
            return self.env._("%s is archived, and takes no bookings.", host.user_id.name)
        if host.user_id.share:
            return self.env._(
                "%s is no internal user any more, and takes no bookings.", host.user_id.name
            )
        return None

    def _free(self, host):
        if host.type_id.kind in ("collective", "round_robin") and len(host.type_id.host_ids) > 1:
            return self.env._("Free; somebody else who must come is not.")
        return self.env._("Free.")

    def _sentences(self, rule, host, search, start, choice):
        if rule == "busy":
            return self._busy_sentences(host, search, start, choice)
        sentence = {
            "service": self._service_sentence,
            "hours": self._hours_sentence,
            "holiday": self._holiday_sentence,
            "step": self._step_sentence,
            "room": self._room_sentence,
            "full": self._full_sentence,
            "host_full": self._host_full_sentence,
            "adjacent": self._adjacent_sentence,
        }[rule]
        return [sentence(host, search, start, choice)]

    def _service_sentence(self, host, _search, _start, choice):
        services = self.env["icloud.booking.service"].browse(choice.service_ids)
        others = services.filtered(lambda service: not service._is_done_by(host))
        return self.env._("Does not do %s.", ", ".join(others.mapped("name")))

    def _hours_sentence(self, host, search, start, _choice):
        if not (host.schedule_id or host.type_id._schedule() or host.type_id.override_ids):
            return self.env._("There are no hours: neither here, nor of the company.")
        hours = search.facts.hours[self._engine_host(host, search).hours]
        midnight = day_number(local_day(start, hours.zone))
        first = midnight * _MINUTES_A_DAY
        spans = [
            f"{format_duration((begin - first) / 60)}–{format_duration((end - first) / 60)}"
            for begin, end in sorted(hours.weekly + hours.opened)
            if first <= begin < first + _MINUTES_A_DAY
        ]
        if not spans:
            return self.env._("Does not work on this day.")
        return self.env._(
            "Outside the hours of this day: %(hours)s (%(zone)s).",
            hours=", ".join(spans),
            zone=hours.zone,
        )

    def _holiday_sentence(self, _host, _search, _start, _choice):
        return self.env._("Public holiday.")

    def _step_sentence(self, host, _search, _start, _choice):
        return self.env._(
            "Starts are every %s minutes from the beginning of the hours.", host.type_id.slot_step
        )

    def _room_sentence(self, host, _search, _start, choice):
        services = self.env["icloud.booking.service"].browse(choice.service_ids)
        content = services or host.type_id
        rooms = content.room_ids | content.equipment_ids
        return self.env._("Not all of it is free: %s.", ", ".join(rooms.mapped("name")))

    def _full_sentence(self, _host, _search, _start, _choice):
        return self.env._("The day or the week has all the sessions it may have.")

    def _host_full_sentence(self, _host, _search, _start, _choice):
        return self.env._("Has all the sessions of this day or week.")

    def _adjacent_sentence(self, _host, _search, _start, _choice):
        return self.env._("Not next to another booking of this day.")

    def _engine_host(self, host, search):
        return next(each for each in search.facts.hosts if each.key == host.user_id.id)

    # -- what a host is busy with --------------------------------------------------------------

    def _busy_sentences(self, host, search, start, choice):
        legs = self._engine_host(host, search).legs
        stop = start + timedelta(minutes=sum(leg.duration for leg in legs))
        padded = (
            start - timedelta(minutes=legs[0].before),
            stop + timedelta(minutes=legs[-1].after),
        )
        rows = busy_rows(self.env, people_of(host.user_id), [], *padded, choice.ignored_ids)
        span = minutes_down(start), minutes_down(stop)
        return [
            self._busy_sentence(host, row, span, legs)
            for row in rows
            if row.start < minutes_down(padded[1]) and row.stop > minutes_down(padded[0])
        ]

    def _busy_sentence(self, host, row, span, legs):
        if row.source == "unknown":
            return self.env._(
                "What stands in iCloud from %s on is not known: some event repeats more often than "
                "can be read. The log of this host's iCloud names it.",
                format_datetime(self.env, from_minutes(row.start), tz=host.type_id.tz),
            )
        words = {
            "booking": self.env._("Booked %(time)s"),
            # That it is a leave is for those to know to whom Odoo shows it.
            "leave": self.env._("Busy %(time)s"),
            "icloud": self.env._("Busy in iCloud %(time)s"),
            "event": self.env._("Busy %(time)s"),
        }[row.source] % {"time": self._span_words(row, host.type_id.tz)}
        if title := self._title(row):
            words = self.env._("%(busy)s (%(title)s)", busy=words, title=title)
        buffer = 0
        if row.start >= span[1]:
            buffer = legs[-1].after
        elif row.stop <= span[0]:
            buffer = legs[0].before
        if buffer:
            words = self.env._("%(busy)s, buffer %(minutes)s min", busy=words, minutes=buffer)
        return " ".join(filter(None, [self.env._("%s.", words), self._chosen(row)]))

    def _chosen(self, row):
        """The choice of the host that has an event block, as a sentence, or None."""
        event = self.env["calendar.event"].browse(row.event_id or [])
        if row.source != "icloud" or not event:
            return None
        return {
            "all_day": self.env._(
                "All-day events of this calendar block, as chosen in the host's preferences."
            ),
            "unanswered": self.env._(
                "Invitations not answered yet block in this calendar, as chosen in the host's "
                "preferences."
            ),
            "free": self.env._(
                "Events marked free block in this calendar, as chosen in the host's preferences."
            ),
        }.get(event.sudo()._blocking_setting())

    def _span_words(self, row, zone):
        start, stop = from_minutes(row.start), from_minutes(row.stop)
        is_one_day = local_day(start, zone) == local_day(stop, zone)
        form = "HH:mm" if is_one_day else "EEE d MMM HH:mm"
        first, last = (
            format_datetime(self.env, moment, tz=zone, dt_format=form) for moment in (start, stop)
        )
        return f"{first}–{last}"

    def _title(self, row):
        """What whoever asks may know of it: the owner's words are the owner's."""
        event = self.env["calendar.event"].sudo(False).browse(row.event_id or [])
        if not event or not event.has_access("read"):
            return ""
        [values] = event.read(["display_name"])
        title = values["display_name"]
        return "" if title in (self.env._("Busy"), self.env._("Booked")) else title
