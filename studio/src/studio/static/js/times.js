// When something happened, in the words a person would use.

const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [86400 * 30, "day", 86400],
];

/** "3 min. ago", "yesterday", or the date when it is long ago. */
export function ago(iso, now = Date.now()) {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return "";
  const seconds = Math.round((then - now) / 1000);
  if (Math.abs(seconds) < 45) return "just now";
  const step = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return new Date(then).toLocaleDateString("en", { dateStyle: "medium" });
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  return words.format(Math.round(seconds / step[2]), step[1]);
}

/** The moment in full, for a tooltip. */
export function moment(iso) {
  const then = new Date(iso);
  return Number.isNaN(then.getTime()) ? "" : then.toLocaleString("en", { dateStyle: "full", timeStyle: "short" });
}
