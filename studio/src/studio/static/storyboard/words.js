// Numbers in the words a person would use.

/** "3 images", "1 image". */
export const images = (count) => `${count} ${count === 1 ? "image" : "images"}`;

/** "free", "$0.05", "under 1 ¢", or "price not known". */
export function money(dollars) {
  if (dollars === null || dollars === undefined) return "price not known";
  if (dollars === 0) return "free";
  return dollars < 0.01 ? "under 1 ¢" : `$${dollars.toFixed(2)}`;
}

/** "0.4 s", "12 s", "2 min." */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min.`;
}

/** "Over the shoulder" */
export const shotName = (shot) => shot.charAt(0).toUpperCase() + shot.slice(1).replaceAll("-", " ");
