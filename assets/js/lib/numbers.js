/**
 * Numbers: bounds, places in lists, and how they are written: as `grokdash/written.py`
 * does it, case by case (`tests/written.json`).
 */

/** What stands for a number that does not exist; never "NaN". */
const UNDEFINED = "undefined";

/** What stands for a number that nobody has. */
export const MISSING = "–";

/** The decades between which numbers are written without a power of ten. */
const [SMALLEST, LARGEST] = [-4, 5];

/** From here on a number is written with a power of ten, whatever was asked for. */
const TOO_LONG = 1e15;

/** @typedef {number | null | undefined} Known */

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * What is written for what has no digits.
 * @param {Known} value
 */
function withoutDigits(value) {
  if (value === null || value === undefined) return MISSING;
  if (Number.isNaN(value)) return UNDEFINED;
  return value > 0 ? "∞" : "−∞";
}

/**
 * @param {Known} value
 * @returns {value is number}
 */
const hasDigits = (value) => Number.isFinite(value);

/**
 * All digits, with commas between thousands; zero has no sign.
 * @param {string} digits as toFixed gives them
 */
function plain(digits) {
  const [, sign, before, after] = /^(-?)(\d+)(.*)$/.exec(digits) || ["", "", digits, ""];
  const minus = sign && /[1-9]/.test(digits) ? "−" : "";
  return `${minus}${before.replace(/\B(?=(\d{3})+$)/g, ",")}${after}`;
}

/** @param {string} digits without the zeros that end them */
const trimmed = (digits) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);

/**
 * −8 → "10⁻⁸"
 * @param {number} decade
 */
export const powerOfTen = (decade) =>
  `10${String(decade).replace(/./g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]))}`;

/**
 * So many digits that count: "−0.0123", "1.2 × 10⁻⁸".
 * @param {Known} value
 * @param {number} digits
 */
export function formatNumber(value, digits = 3) {
  if (!hasDigits(value)) return withoutDigits(value);
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const decade = Number(exponent);
  if (decade >= SMALLEST && decade <= LARGEST) {
    return plain(trimmed(value.toFixed(Math.max(0, digits - 1 - decade))));
  }
  const times = plain(trimmed(mantissa));
  const bare = /^−?1$/.test(times);
  return `${bare ? times.slice(0, -1) : `${times} × `}${powerOfTen(decade)}`;
}

/**
 * So many decimals: "−0.50", "12,345.7".
 * @param {Known} value
 * @param {number} decimals
 */
export function formatFixed(value, decimals = 2) {
  if (!hasDigits(value)) return withoutDigits(value);
  return Math.abs(value) >= TOO_LONG ? formatNumber(value) : plain(value.toFixed(decimals));
}

/**
 * 9600 → "9,600"
 * @param {Known} step
 */
export const formatEpoch = (step) => formatFixed(step, 0);

/**
 * A number in a format of d3, as hovers name them: ".4g", ".2f", ",d".
 * @param {string} format
 * @returns {((value: Known) => string) | null} null if it is another format
 */
export function writerOf(format) {
  const [, digits, kind] = /^,?(?:\.(\d+)|)([gfd])$/.exec(format) || [];
  if (kind === "d") return formatEpoch;
  if (digits === undefined) return null;
  const write = kind === "g" ? formatNumber : formatFixed;
  return (value) => write(value, Number(digits));
}

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

/**
 * 52400000 → "52 MB"
 * @param {Known} bytes
 */
export function formatBytes(bytes) {
  if (!hasDigits(bytes)) return withoutDigits(bytes);
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatFixed(value, value < 10 && unit ? 1 : 0)} ${units[unit]}`;
}

/**
 * A duration as people say it: 42 s, 3 min 20 s, 2 h 5 min.
 * @param {Known} seconds
 */
export function formatDuration(seconds) {
  if (!hasDigits(seconds)) return withoutDigits(seconds);
  const count = Math.round(seconds);
  if (count < 60) return `${count} s`;
  if (count < 3600) return `${Math.floor(count / 60)} min ${count % 60} s`;
  return `${formatEpoch(Math.floor(count / 3600))} h ${Math.floor((count % 3600) / 60)} min`;
}

/**
 * How long ago something was.
 * @param {Known} unixSeconds
 * @param {number} now in milliseconds
 */
export function formatAge(unixSeconds, now = Date.now()) {
  if (!unixSeconds) return MISSING;
  const seconds = Math.max(0, now / 1000 - unixSeconds);
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

/**
 * A share as per cent: 0.366 → "36.6 %".
 * @param {Known} value
 * @param {number} digits
 */
export const formatPercent = (value, digits = 1) =>
  hasDigits(value) ? `${formatFixed(100 * value, digits)} %` : withoutDigits(value);

/**
 * @param {number[]} values
 * @param {number} q within 0 … 1
 */
export function quantile(values, q) {
  if (!values.length) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
