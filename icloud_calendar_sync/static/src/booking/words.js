import { _t } from "@web/core/l10n/translation";
import { weekdaysOf, weeksOf } from "./month";
import { cityOf, offsetOf } from "./zones";

const { DateTime } = luxon;
const LONG_DAY = { weekday: "long", day: "numeric", month: "long" };
const SHORT_DAY = { weekday: "short", day: "numeric", month: "short" };
const DAY = { day: "numeric", month: "long" };
const TIME = { hour: "numeric", minute: "2-digit" };

/**
 * What the picker says and shows, in one zone and one language. Slots come from FreeTimes.
 */
export class Words {
    /**
     * @param {string} zone
     * @param {string} locale
     * @param {Object} habits of the visitor
     * @param {"12"|"24"} habits.clock
     * @param {number} habits.weekStart 1 is Monday
     * @param {string} habits.there the host's zone
     */
    constructor(zone, locale, habits) {
        Object.assign(this, { zone, locale, habits });
        // As the server does: what the language does by itself is not changed.
        const { hour12 } = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions();
        const hourCycle = habits.clock === "24" ? "h23" : "h12";
        this.timeFormat = hour12 === (habits.clock === "12") ? TIME : { ...TIME, hourCycle };
    }

    /** The same with something else, as {zone} or {clock}. */
    with({ zone = this.zone, ...habits }) {
        return new Words(zone, this.locale, { ...this.habits, ...habits });
    }

    /** A moment (milliseconds) in this zone and language. */
    local(moment) {
        return DateTime.fromMillis(moment, { zone: this.zone, locale: this.locale });
    }

    /** “2:30 PM”; “1:30 AM (GMT−4)” where that comes twice. */
    time(moment, zone = this.zone) {
        const local = this.local(moment).setZone(zone);
        const words = local.toLocaleString(this.timeFormat);
        return local.getPossibleOffsets().length > 1 ? `${words} (${offsetOf(zone, moment)})` : words;
    }

    /** Whether the host's clock shows something else. */
    isElsewhere(moment) {
        return offsetOf(this.habits.there, moment) !== this.offset(moment);
    }

    /** “3:00 AM Berlin”, with the weekday where it is another; nothing where clocks agree. */
    timeThere(moment) {
        const { there } = this.habits;
        if (!this.isElsewhere(moment)) {
            return "";
        }
        const [here, local] = [this.local(moment), this.local(moment).setZone(there)];
        const weekday = here.day === local.day ? "" : local.toLocaleString({ weekday: "short" }) + " ";
        return `${weekday}${this.time(moment, there)} ${cityOf(there)}`;
    }

    /** That the clocks change on an ISO date, here or where the host is. */
    clockChange(iso) {
        const changes = (zone) => {
            const midnight = DateTime.fromISO(iso, { zone });
            return midnight.offset !== midnight.plus({ days: 1 }).offset;
        };
        const zones = [...new Set([this.zone, this.habits.there])].filter(changes);
        const cities = zones.map(cityOf).join(", ");
        return cities && _t("The clocks change on this day: %s.", cities);
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
        const words =
            slots.length && !count
                ? _t("%(day)s, full, with a waiting list", { day })
                : _t("%(day)s, free times: %(count)s", { day, count });
        const change = this.clockChange(date.toISODate());
        return change ? `${words}. ${change}` : words;
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
                changesClocks: Boolean(this.clockChange(iso)),
            };
        };
        const { weekStart } = this.habits;
        const weeks = weeksOf(month, this.local(first), weekStart);
        return {
            weekdays: weekdaysOf(month, weekStart),
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
                words: this.time(slot.start),
                there: this.timeThere(slot.start),
                seats: this.seats(slot),
                isFull: slot.isFull,
                isChosen: slot === chosen,
            });
        }
        return {
            heading: this.local(slots[0].start).toLocaleString(LONG_DAY),
            change: this.clockChange(this.local(slots[0].start).toISODate()),
            isWide: slots.some((slot) => this.isElsewhere(slot.start)),
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
        return {
            day: start.toLocaleString(DateTime.DATE_HUGE),
            times: `${this.time(slot.start)} – ${this.time(slot.stop)}`,
            zone: `${cityOf(this.zone)} (${this.offset(slot.start)})`,
            there: this.chosenThere(slot),
            change: this.clockChange(start.toISODate()),
        };
    }

    /** “Wed, Nov 25, 3:00 AM – 3:30 AM, Berlin (GMT+1)”: as the server has it. */
    chosenThere({ start, stop }) {
        const { there } = this.habits;
        if (!this.isElsewhere(start)) {
            return "";
        }
        const local = this.local(start).setZone(there);
        const isSameDay = local.toISODate() === this.local(start).toISODate();
        const day = isSameDay ? "" : `${local.toLocaleString(SHORT_DAY)}, `;
        const times = `${this.time(start, there)} – ${this.time(stop, there)}`;
        return `${day}${times}, ${cityOf(there)} (${offsetOf(there, start)})`;
    }
}
