// Numbers, money and times, as the reader's locale writes them.

export const NOTHING = "–";

const whole = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const known = (write) => (value) => (value === null || value === undefined ? NOTHING : write(value));

export const count = known((value) => whole.format(value));
export const share = known((value) => percent.format(value));
export const milliseconds = known((value) => `${whole.format(value)} ms`);

/** An amount as the API writes it: text with six digits behind the point. */
export function money(amount, currency) {
  if (amount === null || amount === undefined) return NOTHING;
  const value = Number(amount);
  const small = value !== 0 && Math.abs(value) < 1;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: small ? 4 : 2 };
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency, ...digits }).format(value);
  } catch {
    // Not every word for a currency is a code that the browser knows.
    return `${new Intl.NumberFormat(undefined, digits).format(value)} ${currency ?? ""}`.trim();
  }
}

/** The sum of such amounts, in whole millionths so that nothing is lost; null where none is known. */
export function sum(amounts) {
  const known = amounts.filter((amount) => amount !== null && amount !== undefined);
  if (known.length === 0) return null;
  return known.reduce((total, amount) => total + Math.round(Number(amount) * 1e6), 0) / 1e6;
}

const STYLES = {
  moment: { dateStyle: "medium", timeStyle: "medium" },
  minute: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  hour: { hour: "2-digit", minute: "2-digit" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short" },
  date: { day: "numeric", month: "short" },
  weekday: { weekday: "long" },
};
const formats = new Map();

/** A moment (anything that Date takes) in a zone, in one of the styles above. */
export function time(at, zone, style) {
  const key = `${style} ${zone}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, { ...STYLES[style], timeZone: zone }));
  return formats.get(key).format(new Date(at));
}

/** How a value stands against an earlier one: an arrow, a share and words for those who don't see the arrow. */
export function change(now, before) {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (now === before) return { sign: "=", text: "the same", words: "the same as" };
  const up = now > before;
  const text = before === 0 ? (up ? "new" : NOTHING) : percent.format(Math.abs(now - before) / Math.abs(before));
  return { sign: up ? "▲" : "▼", text, words: `${text} ${up ? "more" : "less"} than` };
}

/** `7 mints`, `1 mint`. */
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
