/**
 * The weeks of a month as rows of seven; null where a cell belongs to another month. Weeks that
 * are over before `first` are left out: on a phone they only push the rest down.
 *
 * @param {luxon.DateTime} month first day of the month
 * @param {luxon.DateTime} first
 * @param {number} weekStart 1 is Monday
 */
export function weeksOf(month, first, weekStart) {
    const before = (month.weekday - weekStart + 7) % 7;
    const cells = Array(before).fill(null);
    for (let day = 0; day < month.daysInMonth; day++) {
        cells.push(month.plus({ days: day }));
    }
    while (cells.length % 7) {
        cells.push(null);
    }
    const weeks = Array.from({ length: cells.length / 7 }, (_, week) =>
        cells.slice(7 * week, 7 * week + 7)
    );
    return weeks.filter((week) => week.some((day) => day && day.endOf("day") >= first));
}

/** The seven weekdays in the visitor's order, each {short, long}. */
export function weekdaysOf(month, weekStart) {
    const first = month.plus({ days: (weekStart - month.weekday + 7) % 7 });
    return Array.from({ length: 7 }, (_, day) => {
        const weekday = first.plus({ days: day });
        const short = weekday.toLocaleString({ weekday: "short" });
        return {
            // Some languages have no short ones.
            short: short.length > 4 ? weekday.toLocaleString({ weekday: "narrow" }) : short,
            long: weekday.toLocaleString({ weekday: "long" }),
        };
    });
}

/**
 * Where an arrow key leads from one free day: an index into `days`, undefined for other keys.
 *
 * @param {string} key
 * @param {string[]} days ISO dates, ascending; those between have no free times
 * @param {number} index
 * @param {(iso: string, days: number) => string} shift
 */
export function dayAfterKey(key, days, index, shift) {
    const last = days.length - 1;
    const weekLater = shift(days[index], 7);
    const weekEarlier = shift(days[index], -7);
    const below = days.findIndex((day) => day >= weekLater);
    return {
        ArrowRight: Math.min(index + 1, last),
        ArrowLeft: Math.max(index - 1, 0),
        ArrowDown: below < 0 ? last : below,
        ArrowUp: Math.max(days.findLastIndex((day) => day <= weekEarlier), 0),
        Home: 0,
        End: last,
    }[key];
}
