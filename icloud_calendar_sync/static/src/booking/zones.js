const { DateTime } = luxon;

/** The zone this browser is in. */
export function browserZone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** “New York” of America/New_York. */
export function cityOf(zone) {
    return zone.split("/").at(-1).replaceAll("_", " ");
}

/** “GMT−5”: how far a zone is from GMT at a moment (milliseconds). */
export function offsetOf(zone, moment) {
    const minutes = DateTime.fromMillis(moment, { zone }).offset;
    const hours = Math.floor(Math.abs(minutes) / 60) || "";
    const rest = Math.abs(minutes) % 60;
    const sign = minutes < 0 ? "−" : minutes > 0 ? "+" : "";
    return `GMT${sign}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** Fill a select with all zones by region, with `current` chosen. */
export function fillZones(select, current) {
    // Browsers leave some out, UTC for one.
    const zones = new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")]);
    const groups = new Map();
    for (const zone of [...zones].sort((a, b) => cityOf(a).localeCompare(cityOf(b)))) {
        const region = zone.includes("/") ? zone.split("/")[0] : "";
        if (!groups.has(region)) {
            groups.set(region, document.createElement("optgroup"));
            groups.get(region).label = region;
        }
        groups.get(region).append(new Option(cityOf(zone), zone, false, zone === current));
    }
    select.replaceChildren(...[...groups.keys()].sort().map((region) => groups.get(region)));
}
