import { _t } from "@web/core/l10n/translation";
import { weekdaysOf, weeksOf } from "./month";
import { cityOf, offsetOf } from "./zones";

const { DateTime } = luxon;
const LONG_DAY = { weekday: "long", day: "numeric", month: "long" };
const DAY = { day: "numeric", month: "long" };
const TIME = { hour: "numeric", minute: "2-digit" };

/**
 * What the picker says and shows, in one zone and one language. Slots come from FreeTimes.
 */
export class Words {
    constructor(zone, locale) {
        this.zone = zone;
        this.locale = locale;
    }

    /** A moment (milliseconds) in this zone and language. */
    local(moment) {
        return DateTime.fromMillis(moment, { zone: this.zone, locale: this.locale });
    }

    offset(moment) {
        return offsetOf(this.zone, moment);
    }

    month(month) {
        return month ? month.toLocaleString({ month: "long", year: "numeric" }) : "";
    }

    /** “Tuesday, November 24, free times: 16”; full ones are not free. */
    day(date, slots) {
        const day = date.toLocaleString(LONG_DAY);
        const count = slots.filter((slot) => !slot.isFull).length;
        if (slots.length && !count) {
            return _t("%(day)s, full, with a waiting list", { day });
        }
        return _t("%(day)s, free times: %(count)s", { day, count });
    }

    /** “3 left”, nothing where that is not shown. */
    seats({ seatsLeft, isFull }) {
        if (isFull) {
            return _t("Full – join the waiting list");
        }
        return seatsLeft ? _t("%s left", seatsLeft) : "";
    }

    /**
     * Values of the calendar's template.
     *
     * @param {DateTime} month its first day
     * @param {number} first the first moment that is offered
     * @param {Map<string, Object[]>} days free slots by ISO date
     * @param {string} chosen ISO date
     */
    calendar(month, first, days, chosen) {
        const today = this.local(Date.now()).toISODate();
        const cell = (date) => {
            const iso = date.toISODate();
            const slots = days.get(iso) || [];
            return {
                iso,
                isOffered: slots.length > 0,
                isFull: slots.every((slot) => slot.isFull),
                number: date.toLocaleString({ day: "numeric" }),
                label: this.day(date, slots),
                isChosen: iso === chosen,
                isToday: iso === today,
            };
        };
        const weeks = weeksOf(month, this.local(first));
        return {
            weekdays: weekdaysOf(month),
            weeks: weeks.map((week) => week.map((date) => date && cell(date))),
        };
    }

    /** Values of the template of a day's times. */
    times(slots, chosen) {
        const parts = [
            { name: _t("Morning"), until: 12, times: [] },
            { name: _t("Afternoon"), until: 17, times: [] },
            { name: _t("Evening"), until: 24, times: [] },
        ];
        for (const slot of slots) {
            const start = this.local(slot.start);
            parts.find((part) => start.hour < part.until).times.push({
                iso: slot.iso,
                words: start.toLocaleString(TIME),
                seats: this.seats(slot),
                isFull: slot.isFull,
                isChosen: slot === chosen,
            });
        }
        return {
            heading: this.local(slots[0].start).toLocaleString(LONG_DAY),
            parts: parts.filter((part) => part.times.length),
        };
    }

    /**
     * Values of the template of a month without times.
     *
     * @param {DateTime} month
     * @param {Object} [later] the first slot after it
     * @param {Object} [any] the first slot of all
     */
    noTimes(month, later, any) {
        const slot = later || any;
        if (!slot) {
            return { text: _t("No free times at the moment. Please look in again.") };
        }
        const day = this.local(slot.start).toLocaleString(DAY);
        return {
            text: _t("No free times in %s.", month.toLocaleString({ month: "long" })),
            label: later ? _t("Next free: %s", day) : _t("First free: %s", day),
            start: slot.iso,
        };
    }

    /** A chosen slot, line by line. */
    chosen(slot) {
        const start = this.local(slot.start);
        const stop = this.local(slot.stop);
        return {
            day: start.toLocaleString(DateTime.DATE_HUGE),
            times: `${start.toLocaleString(TIME)} – ${stop.toLocaleString(TIME)}`,
            zone: `${cityOf(this.zone)} (${this.offset(slot.start)})`,
        };
    }
}
