// Stretches of time as the reports take them: days of a zone, or times on a quarter of an hour.

const QUARTER = 15 * 60_000;
const DAY = 24 * 60 * 60_000;

/** By the hour up to so many days, by the day beyond. */
const MOST_DAYS_BY_HOUR = 8;

export const RANGES = { today: "Today", "24h": "24 hours", "7d": "7 days", "30d": "30 days", custom: "Other" };

/** The date in a zone, as YYYY-MM-DD. */
export function dateIn(zone, at) {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return format.format(at);
}

/** A date so many days later. */
export function later(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** How far a zone is from UTC at some time, in milliseconds. */
function offset(zone, at) {
  const names = ["year", "month", "day", "hour", "minute", "second"];
  const numbers = Object.fromEntries(names.map((name) => [name, "numeric"]));
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...numbers });
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(at / 1000) * 1000;
}

const written = (at) => new Date(at).toISOString().replace(".000Z", "Z");

/** The window that the address asks for. `to` of the address is its last day; the API's is the day after. */
export function asked({ range, from, to, zone }, now) {
  const today = dateIn(zone, now);
  switch (range) {
    case "24h":
      return { from: written(Math.floor((now - DAY) / QUARTER) * QUARTER), to: written(Math.ceil(now / QUARTER) * QUARTER), tz: zone };
    case "7d":
    case "30d":
      return { from: later(today, range === "7d" ? -6 : -29), to: later(today, 1), tz: zone };
    case "custom":
      return { from, to: later(to, 1), tz: zone };
    default:
      return { from: today, to: later(today, 1), tz: zone };
  }
}

/** `hourly` for short windows, `daily` for longer ones. */
export function reportOverTime({ from, to }) {
  return Date.parse(to) - Date.parse(from) <= MOST_DAYS_BY_HOUR * DAY ? "hourly" : "daily";
}

export function today(zone, now) {
  const date = dateIn(zone, now);
  return { from: date, to: later(date, 1), tz: zone };
}

/** The same day last week, until the time that it is now by the clocks of the zone. */
export function lastWeek(zone, now) {
  const date = later(dateIn(zone, now), -7);
  const then = now - 7 * DAY;
  const sameClock = then + offset(zone, now) - offset(zone, then);
  // Later than midnight, also at midnight: no window is empty.
  const until = (Math.floor(sameClock / QUARTER) + 1) * QUARTER;
  return { from: date, to: written(until), tz: zone };
}
