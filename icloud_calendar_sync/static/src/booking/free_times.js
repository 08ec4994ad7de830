import { browser } from "@web/core/browser/browser";

const { DateTime } = luxon;
const DAY = 24 * 60 * 60 * 1000;
// The server answers at most 62 days at once.
const SHORTEST_STRETCH = 31 * DAY;
const LONGEST_STRETCH = 60 * DAY;

/**
 * The free times of one offer, from now on as far as anybody looked: one stretch that grows, so
 * that nothing is asked twice and nothing is left out. All moments are milliseconds.
 */
export class FreeTimes {
    constructor({ slotsUrl, firstUrl, first, until, end }) {
        this.slotsUrl = slotsUrl;
        this.firstUrl = firstUrl;
        this.firstUntil = Date.parse(until);
        this.first = Date.parse(first);
        this.end = Date.parse(end);
        this.reached = this.first;
        this.slots = [];
        this.queue = Promise.resolve();
    }

    /** Know everything before `moment`. Rejects when the server cannot be asked. */
    reach(moment) {
        // After a failure the next one tries again.
        this.queue = this.queue.catch(() => {}).then(() => this.grow(Math.min(moment, this.end)));
        return this.queue;
    }

    async grow(moment) {
        while (this.reached < moment) {
            const isFirst = this.reached === this.first;
            const stop = isFirst ? this.firstUntil : this.nextStop(moment);
            const { slots } = await this.ask(isFirst ? this.firstUrl : this.urlUntil(stop));
            for (const { start, stop } of slots) {
                this.slots.push({ iso: start, start: Date.parse(start), stop: Date.parse(stop) });
            }
            this.reached = stop;
        }
    }

    nextStop(moment) {
        const stretch = Math.max(moment - this.reached, SHORTEST_STRETCH);
        return Math.min(this.reached + Math.min(stretch, LONGEST_STRETCH), this.end);
    }

    urlUntil(stop) {
        const from = new Date(this.reached).toISOString();
        return `${this.slotsUrl}?${new URLSearchParams({ from, to: new Date(stop).toISOString() })}`;
    }

    async ask(url) {
        const response = await browser.fetch(url);
        if (!response.ok) {
            throw new Error(`${url} answered ${response.status}`);
        }
        return response.json();
    }

    /** The first slot that starts at `moment` or later, undefined when there is none. */
    async firstFrom(moment) {
        const find = () => this.slots.find((slot) => slot.start >= moment);
        while (!find() && this.reached < this.end) {
            await this.reach(this.reached + SHORTEST_STRETCH);
        }
        return find();
    }

    /** Map of ISO date in `zone` to its slots. */
    byDay(zone) {
        const days = new Map();
        for (const slot of this.slots) {
            const day = DateTime.fromMillis(slot.start, { zone }).toISODate();
            days.set(day, [...(days.get(day) || []), slot]);
        }
        return days;
    }
}
