/** Numbers: bounds, places in lists, and how they are written. */

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * 9600 → "9,600", as sentences and figures write it.
 * @param {number} step
 */
export const formatEpoch = (step) => String(step).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/**
 * What was typed into a field for an epoch, as a number: "9,600" is 9600.
 * @param {string} text
 */
export const readEpoch = (text) => text.replace(/[\s\u202f,_]/g, "");

/**
 * Index of the entry of an ascending list that is closest to a value; −1 if it is empty.
 * @param {ArrayLike<number>} sorted
 * @param {number} value
 */
export function nearestIndex(sorted, value) {
  let low = 0;
  let high = sorted.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle;
  }
  return value - sorted[low] <= sorted[high] - value ? low : high;
}

/** @param {number | null | undefined} bytes */
export function formatBytes(bytes) {
  if (!bytes) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 10 && unit ? 1 : 0)} ${units[unit]}`;
}

/**
 * How long ago something was.
 * @param {number | null | undefined} unixSeconds
 * @param {number} now in milliseconds
 */
export function formatAge(unixSeconds, now = Date.now()) {
  if (!unixSeconds) return "–";
  const seconds = Math.max(0, now / 1000 - unixSeconds);
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

/**
 * A share as per cent, as `grokdash/written.py` writes it: 0.366 → "36.6 %".
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function formatPercent(value, digits = 1) {
  if (value === null || value === undefined) return "–";
  return `${(100 * value).toFixed(digits)} %`;
}

/**
 * @param {number[]} values
 * @param {number} q within 0 … 1
 */
export function quantile(values, q) {
  if (!values.length) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
