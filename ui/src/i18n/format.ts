// Owns numbers, dates and ages in the form of a language. Must never contain texts: those are in the
// catalogs.

export type Format = {
  /** 18204 as "18,204" or "18.204". */
  number(value: number): string;
  /** Milliseconds since 1970 (UTC) as a day in the user's time zone. */
  day(ms: number): string;
  /** Milliseconds since 1970 (UTC) as day and time. */
  moment(ms: number): string;
  /** Milliseconds since 1970 (UTC) as the time of day if it is today, otherwise with the day. */
  clock(ms: number, now: number): string;
  /** A span in milliseconds as minutes and seconds: "9:05". */
  span(ms: number): string;
  /** "2 min ago"; null below one minute, for which there is a text. */
  ago(ms: number, now: number): string | null;
  /** "A, B and C". */
  list(items: readonly string[]): string;
  plural(n: number): Intl.LDMLPluralRule;
};

export function makeFormat(locale: string): Format {
  const numbers = new Intl.NumberFormat(locale);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const plurals = new Intl.PluralRules(locale);
  return {
    number: (value) => numbers.format(value),
    day: (ms) => days.format(ms),
    moment: (ms) => moments.format(ms),
    clock: (ms, now) => (days.format(ms) === days.format(now) ? times : moments).format(ms),
    span: (ms) => {
      const seconds = Math.max(0, Math.floor(ms / 1_000));
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    },
    ago: (ms, now) => {
      const minutes = Math.floor((now - ms) / 60_000);
      if (minutes < 1) return null;
      if (minutes < 60) return relative.format(-minutes, "minute").replace(/\.(?=\s|$)/, "");
      const hours = Math.floor(minutes / 60);
      if (hours < 48) return relative.format(-hours, "hour").replace(/\.(?=\s|$)/, "");
      return relative.format(-Math.floor(hours / 24), "day");
    },
    list: (items) => lists.format(items),
    plural: (n) => plurals.select(n),
  };
}
