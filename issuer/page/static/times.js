const units = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]);

/**
 * A span in its two largest units, for example `4 min 59 s`.
 * @param {number} seconds
 */
export function secondsInWords(seconds) {
  let rest = Math.abs(Math.trunc(seconds));
  if (rest >= 100 * 365 * 86_400) return 'more than 100 years';
  const words = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}`);
    else if (words.length > 0) break;
  }
  return words.slice(0, 2).join(' ') || '0 s';
}

/**
 * A moment as a date, for example `2026-11-22 19:30:05 UTC`; the number where it is none.
 * @param {number} time seconds since 1970
 */
export function dateInWords(time) {
  const date = new Date(time * 1000);
  if (Number.isNaN(date.getTime())) return String(time);
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/**
 * A moment as seen from another, with its date, for example `in 4 min 59 s (2026-11-22 19:30:05 UTC)`.
 * @param {number} time seconds since 1970
 * @param {number} now seconds since 1970
 */
export function momentInWords(time, now) {
  return `${distanceInWords(time, now)} (${dateInWords(time)})`;
}

/**
 * @param {number} time seconds since 1970
 * @param {number} now seconds since 1970
 */
export function distanceInWords(time, now) {
  const span = secondsInWords(time - now);
  if (Math.trunc(time - now) === 0) return 'now';
  return time > now ? `in ${span}` : `${span} ago`;
}
