import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { pyToJsLocale } from "@web/core/l10n/utils";
import { renderToFragment } from "@web/core/utils/render";
import { Interaction } from "@web/public/interaction";
import { FreeTimes } from "./free_times";
import { dayAfterKey } from "./month";
import { Words } from "./words";
import { browserZone, fillZones } from "./zones";

const { DateTime } = luxon;
const AHEAD = 300; // milliseconds: what is shown is drawn first

/**
 * Choosing a time, for booking and for moving: a month, its free days, a day's free times, and
 * then the form that the server put beside them.
 */
export class BookingPicker extends Interaction {
    static selector = ".o_booking_picker";
    dynamicContent = {
        ".o_booking_previous": {
            "t-on-click": () => this.turn(-1),
            "t-att-aria-disabled": () => String(!this.canTurn(-1)),
        },
        ".o_booking_next": {
            "t-on-click": () => this.turn(1),
            "t-att-aria-disabled": () => String(!this.canTurn(1)),
        },
        ".o_booking_month_name": { "t-out": () => this.words.month(this.month) },
        ".o_booking_calendar": {
            "t-on-click": this.onCalendarClick,
            "t-on-keydown": this.onCalendarKeydown,
            "t-att-aria-busy": () => String(Boolean(this.loading)),
        },
        ".o_booking_times": { "t-on-click": this.onTimesClick },
        ".o_booking_zone": { "t-on-change": this.onZoneChange },
        ".o_booking_clock": { "t-on-change": this.onClockChange },
        ".o_booking_week": { "t-on-change": this.onWeekChange },
        ".o_booking_offset": { "t-out": () => this.words.offset(this.shownMoment()) },
        "input[name=tz]": { "t-att-value": () => this.words.zone },
        ".o_booking_hosts": { "t-on-change": this.onHostChange },
        ".o_booking_if_booking": { "t-att-hidden": () => this.isWaiting },
        ".o_booking_if_waiting": { "t-att-hidden": () => !this.isWaiting },
        ".o_booking_confirm": {
            "t-att-formaction": () => this.isWaiting && this.el.dataset.waitUrl,
        },
        ".o_booking_choose": { "t-att-hidden": () => this.isAsking },
        ".o_booking_details": {
            "t-att-hidden": () => !this.isAsking,
            "t-on-submit": this.onSubmit,
        },
        ".o_booking_change": { "t-on-click": this.onChangeClick },
        _window: { "t-on-popstate": this.onPopstate, "t-on-pageshow": this.onPageshow },
    };

    setup() {
        this.times = new FreeTimes(this.el.dataset, () => this.showPatience());
        this.locale = pyToJsLocale(document.documentElement.lang.replace("-", "_"));
        const { zone, clock, weekStart, there } = this.el.dataset;
        const habits = { clock, weekStart: Number(weekStart), there };
        this.words = new Words(zone || browserZone(), this.locale, habits);
        this.month = null; // first day of the month that is shown
        this.days = new Map(); // ISO date → slots
        this.day = null; // ISO date
        this.slot = null;
        this.loading = null; // what the server was asked last, a promise
        this.isSending = false;
        this.isWaiting = Boolean(this.el.dataset.isWaiting); // for a seat of a full time
        // After a refusal the server shows the form at once.
        this.isAsking = !this.find(".o_booking_details").hidden;
    }

    start() {
        this.keepForm();
        fillZones(this.find(".o_booking_zone"), this.words.zone);
        this.find("[aria-invalid=true], .o_booking_not")?.focus();
        return this.open();
    }

    /**
     * The form keeps its token for as long as this page stands in the browser's history, also where
     * the browser loads the page anew for whoever comes back: it books once.
     */
    keepForm() {
        const input = this.find("input[name=once]");
        if (history.state?.bookingForm) {
            input.value = history.state.bookingForm;
        } else {
            history.replaceState({ ...history.state, bookingForm: input.value }, "");
        }
    }

    find(selector) {
        return this.el.querySelector(selector);
    }

    /** The moment whose distance to GMT stands beside the zone. */
    shownMoment() {
        return (this.slot || this.days.get(this.day)?.[0])?.start ?? this.times.first;
    }

    // -- looking ----------------------------------------------------------------------------

    /** Show the month with the first free time. */
    open() {
        return this.load(async () => {
            const slot = await this.times.firstFrom(this.times.first);
            await this.showMonth(this.words.local(slot ? slot.start : this.times.first));
        });
    }

    /** Run `work`, which asks the server; tell when it cannot be asked. The last one counts. */
    async load(work) {
        const loading = work();
        this.loading = loading;
        this.retry = () => this.load(work);
        this.updateContent();
        let failure = null;
        try {
            await this.waitFor(loading);
        } catch (error) {
            failure = error;
        }
        if (this.loading !== loading) {
            return;
        }
        this.loading = null;
        if (failure) {
            console.warn(failure);
            this.find(".o_booking_calendar").replaceChildren();
            this.draw(".o_booking_times", "BookingFailed", {});
        }
        this.updateContent();
    }

    async showMonth(date, day = null) {
        const month = date.startOf("month");
        const next = month.plus({ months: 1 });
        this.month = month;
        await this.times.reach(next.toMillis());
        const days = this.times.byDay(this.words.zone);
        const free = [...days.keys()].filter((iso) => iso.startsWith(month.toFormat("yyyy-MM-")));
        const later = free.length ? null : await this.times.firstFrom(next.toMillis());
        if (this.month !== month) {
            return; // turned on meanwhile
        }
        this.days = days;
        const open = free.find((iso) => days.get(iso).some((slot) => !slot.isFull));
        this.day = free.includes(day) ? day : open || free[0];
        this.drawCalendar();
        if (this.day) {
            this.drawTimes();
        } else {
            this.drawNoTimes(later);
        }
        this.lookAhead(next);
    }

    /** Ask for the month after this one before anybody turns to it, and let nobody wait for that. */
    lookAhead(next) {
        const { times } = this;
        const until = next.plus({ months: 1 }).toMillis();
        // What fails here is asked again, and told, when somebody turns.
        this.waitForTimeout(() => times.reach(until).catch(() => {}), AHEAD);
    }

    canTurn(months) {
        const month = this.month?.plus({ months });
        const end = month?.plus({ months: 1 });
        return Boolean(month) && end.toMillis() > this.times.first && month.toMillis() < this.times.end;
    }

    async turn(months) {
        if (this.canTurn(months)) {
            const month = this.month.plus({ months });
            await this.load(() => this.showMonth(month));
        }
    }

    async onZoneChange(ev) {
        this.words = this.words.with({ zone: ev.target.value });
        const month = this.month?.setZone(this.words.zone, { keepLocalTime: true });
        await (month ? this.load(() => this.showMonth(month, this.day)) : this.open());
    }

    /** 12 or 24 hours, kept for the pages that follow and for another day. */
    onClockChange(ev) {
        this.changeHabit("booking_clock", { clock: ev.target.value });
    }

    onWeekChange(ev) {
        this.changeHabit("booking_week", { weekStart: Number(ev.target.value) });
    }

    changeHabit(name, habit) {
        cookie.set(name, Object.values(habit)[0]);
        this.words = this.words.with(habit);
        if (this.day && !this.loading) {
            this.drawCalendar();
            this.drawTimes();
        }
    }

    async onHostChange(ev) {
        const { value, dataset } = ev.target;
        this.times = this.times.of({ user: value });
        this.find("input[name=user]").value = value;
        this.find(".o_booking_chosen_host").textContent = value ? dataset.words : "";
        this.total = dataset.total;
        this.showTotal(this.total);
        const query = this.times.query.replaceAll("%2C", ","); // as the server writes it
        history.replaceState(history.state, "", `?${query}`);
        await (this.month ? this.load(() => this.showMonth(this.month, this.day)) : this.open());
    }

    // -- drawing ----------------------------------------------------------------------------

    drawCalendar() {
        const hadFocus = this.find(".o_booking_calendar").contains(document.activeElement);
        const values = this.words.calendar(this.month, this.times.first, this.days, this.day);
        this.draw(".o_booking_calendar", "BookingCalendar", values);
        if (hadFocus) {
            this.find(".o_booking_day[aria-pressed=true]")?.focus();
        }
    }

    drawTimes() {
        const slots = this.days.get(this.day);
        this.announce(this.words.day(this.words.local(slots[0].start), slots));
        const { countsSeats } = this.el.dataset;
        const words = this.words.times(slots, this.slot);
        const values = { ...words, countsSeats, isWide: countsSeats || words.isWide };
        this.draw(".o_booking_times", "BookingTimes", values);
    }

    /** Say so, and lead to the nearest month that has some. */
    drawNoTimes(later) {
        const values = this.words.noTimes(this.month, later, this.times.slots[0]);
        this.announce(values.text);
        this.draw(".o_booking_times", "BookingNoTimes", values);
    }

    /** Too many ask at once: what was asked is asked again. */
    showPatience() {
        if (!this.loading) {
            return; // it is asked ahead: nobody waits for it
        }
        this.announce(_t("Many people are looking at these times just now. We show them in a moment."));
        this.draw(".o_booking_times", "BookingPatience", {});
    }

    announce(text) {
        this.find(".o_booking_status").textContent = text;
    }

    draw(selector, template, values) {
        const fragment = renderToFragment(`icloud_calendar_sync.${template}`, values);
        this.find(selector).replaceChildren(fragment);
    }

    // -- choosing ---------------------------------------------------------------------------

    onCalendarClick(ev) {
        const day = ev.target.closest(".o_booking_day")?.dataset.day;
        if (day && !this.loading) {
            this.day = day;
            this.drawCalendar();
            this.drawTimes();
            this.bringIntoView(this.find(".o_booking_times"));
        }
    }

    onCalendarKeydown(ev) {
        const months = { PageUp: -1, PageDown: 1 }[ev.key];
        if (months) {
            ev.preventDefault();
            return this.turn(months);
        }
        const buttons = [...this.el.querySelectorAll(".o_booking_day")];
        const days = buttons.map((button) => button.dataset.day);
        const shift = (iso, number) => DateTime.fromISO(iso).plus({ days: number }).toISODate();
        const index = dayAfterKey(this.mirrored(ev.key), days, buttons.indexOf(ev.target), shift);
        if (index !== undefined) {
            ev.preventDefault();
            buttons[index].focus();
        }
    }

    /** What a key means where text runs from right to left. */
    mirrored(key) {
        const isRightToLeft = getComputedStyle(this.el).direction === "rtl";
        const swapped = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
        return (isRightToLeft && swapped[key]) || key;
    }

    onTimesClick(ev) {
        const button = ev.target.closest("button");
        if (button?.matches(".o_booking_retry")) {
            return this.retry();
        }
        const slot = this.times.slots.find((each) => each.iso === button?.dataset.start);
        if (button?.matches(".o_booking_jump")) {
            return this.load(() => this.showMonth(this.words.local(slot.start)));
        }
        if (slot && !this.loading) {
            return this.choose(slot);
        }
    }

    choose(slot) {
        this.slot = slot;
        this.isWaiting = slot.isFull;
        this.drawTimes();
        this.offerSeats(slot);
        for (const [name, words] of Object.entries(this.words.chosen(slot))) {
            const line = this.find(`.o_booking_chosen_${name}`);
            line.textContent = words;
            line.hidden = !words;
        }
        this.find(".o_booking_chosen").hidden = false;
        this.find(".o_booking_actions").hidden = false;
        const input = this.find("input[name=start]");
        input.value = slot.iso;
        input.disabled = false;
        // The refusal of another time is answered.
        this.find(".o_booking_not")?.remove();
        history.pushState({ ...history.state, bookingDetails: true }, "");
        this.show(true);
        return this.showPlan(slot);
    }

    /** Who does which services at this time, and for how much: what is confirmed is what is seen. */
    async showPlan(slot) {
        const { planUrl } = this.el.dataset;
        if (!planUrl) {
            return;
        }
        this.draw(".o_booking_plan", "BookingPlan", {}); // nothing is seen yet
        const question = new URLSearchParams(this.times.query);
        question.set("start", slot.iso);
        question.set("tz", this.words.zone);
        let plan = null;
        try {
            plan = await this.waitFor(this.times.ask(`${planUrl}?${question}`));
        } catch (error) {
            console.warn(error); // the server looks again when it is confirmed
        }
        if (plan && this.slot === slot && this.isAsking) {
            this.draw(".o_booking_plan", "BookingPlan", plan);
            this.find(".o_booking_chosen_times").textContent = plan.times;
            this.showTotal(plan.total);
        }
    }

    /** Beside the picker stands what was chosen before the time: “from $ 40.00”. */
    showTotal(words) {
        const total = document.querySelector(".o_booking_summary_total");
        if (total) {
            this.total ??= total.textContent;
            total.textContent = words ?? this.total;
        }
    }

    /** Not more seats than are left, and no question where there is one answer. */
    offerSeats({ seatsLeft }) {
        const select = this.find("select[name=seats]");
        if (!select) {
            return;
        }
        // Where nobody knows how many are left, or waits for some, all can be asked for.
        const most = Math.min(seatsLeft || select.options.length, select.options.length);
        for (const option of select.options) {
            option.hidden = option.disabled = option.value > most;
        }
        select.value = Math.min(select.value || most, most);
        this.find(".o_booking_seats").hidden = most === 1;
    }

    /** Show the form, or the times; keyboards and screen readers go on at its heading. */
    show(isAsking) {
        this.isAsking = isAsking;
        this.showTotal();
        this.updateContent();
        this.find(isAsking ? ".o_booking_details h2" : ".o_booking_choose h2").focus({
            preventScroll: true,
        });
        this.bringIntoView(this.el);
    }

    onChangeClick() {
        if (history.state?.bookingDetails) {
            history.back(); // as the phone's own button
        } else {
            this.show(false);
        }
    }

    onPopstate(ev) {
        this.show(Boolean(ev.state?.bookingDetails && this.slot));
    }

    onSubmit(ev) {
        if (this.isSending) {
            ev.preventDefault(); // the second tap of two
        }
        this.isSending = true;
    }

    onPageshow() {
        this.isSending = false; // back from the next page
    }

    /** Scroll only when needed, and without a ride for those who asked for none. */
    bringIntoView(el) {
        const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        const { top, bottom } = el.getBoundingClientRect();
        if (top < 0 || bottom > innerHeight) {
            el.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
        }
    }
}

registry.category("public.interactions").add("icloud_calendar_sync.booking_picker", BookingPicker);
