import { browser } from "@web/core/browser/browser";

const { DateTime } = luxon;
const DAY = 24 * 60 * 60 * 1000;
// The server answers at most 62 days at once.
const SHORTEST_STRETCH = 31 * DAY;
const LONGEST_STRETCH = 60 * DAY;
// Too many ask at once, or the server cannot count them.
const LATER = [429, 503];
const MOST_TRIES = 5;
const LONGEST_WAIT = 60; // seconds

function slotOf({ start, stop, seats_left: seatsLeft }) {
    return {
        iso: start,
        start: Date.parse(start),
        stop: Date.parse(stop),
        seatsLeft, // null where that is not shown
        isFull: seatsLeft === 0,
    };
}

/** Wait as many seconds as the server asks for, and a moment more: not all come back at once. */
function pause(seconds) {
    const wait = Math.min(Math.max(Number(seconds) || 1, 1), LONGEST_WAIT) + Math.random();
    return new Promise((resolve) => browser.setTimeout(resolve, wait * 1000));
}

/**
 * The free times of one offer, from now on as far as anybody looked: one stretch that grows, so
 * that nothing is asked twice and nothing is left out. Full times are among them where there is a
 * waiting list. All moments are milliseconds.
 */
export class FreeTimes {
    /**
     * @param {Object} dataset of the picker
     * @param {string} dataset.query what every question says: services and host
     * @param {string} [dataset.firstUrl] the first question, as the page asked it already
     * @param {Function} [onWait] called when the server asks for patience
     */
    constructor(dataset, onWait = () => {}) {
        const { slotsUrl, query, firstUrl, first, until, end } = dataset;
        this.dataset = dataset;
        this.onWait = onWait;
        this.slotsUrl = slotsUrl;
        this.query = query;
        this.firstUrl = firstUrl;
        this.firstUntil = Date.parse(until);
        this.first = Date.parse(first);
        this.end = Date.parse(end);
        this.reached = this.first;
        this.slots = [];
        this.queue = Promise.resolve();
    }

    /** The same offer with something else asked, as {user: id}; empty for no such question. */
    of(changes) {
        const query = new URLSearchParams(this.query);
        for (const [name, value] of Object.entries(changes)) {
            value ? query.set(name, value) : query.delete(name);
        }
        return new FreeTimes({ ...this.dataset, query: query.toString(), firstUrl: "" }, this.onWait);
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
            const { slots } = await this.ask((isFirst && this.firstUrl) || this.urlUntil(stop));
            this.slots.push(...slots.map(slotOf));
            this.reached = stop;
        }
    }

    nextStop(moment) {
        const stretch = Math.max(moment - this.reached, SHORTEST_STRETCH);
        return Math.min(this.reached + Math.min(stretch, LONGEST_STRETCH), this.end);
    }

    urlUntil(stop) {
        const question = new URLSearchParams(this.query);
        question.set("from", new Date(this.reached).toISOString());
        question.set("to", new Date(stop).toISOString());
        return `${this.slotsUrl}?${question}`;
    }

    async ask(url) {
        let response = await browser.fetch(url);
        for (let tries = 1; LATER.includes(response.status) && tries < MOST_TRIES; tries++) {
            this.onWait();
            await pause(response.headers.get("Retry-After"));
            response = await browser.fetch(url);
        }
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
