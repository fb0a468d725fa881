/** Titles of axes that are longer than their axis: two lines instead of a cut one. */

/** Pixels of a letter of a title, of 11 pixels and in any font of the system at most. */
const LETTER = 6;
const LINE = 13;

/**
 * The title on two lines, broken at the space nearest to its middle.
 * @param {string} text
 */
export function broken(text) {
  const middle = text.length / 2;
  const spaces = [...text.matchAll(/ /g)].map((match) => match.index);
  if (!spaces.length || text.includes("<")) return text;
  const at = spaces.reduce((a, b) => (Math.abs(b - middle) < Math.abs(a - middle) ? b : a));
  return `${text.slice(0, at)}<br>${text.slice(at + 1)}`;
}

/**
 * Break the titles of x axes that do not fit, and give the second line its room.
 * @param {Record<string, any>} layout
 * @param {number} width of the figure in pixels
 */
export function fitTitles(layout, width) {
  const { l = 80, r = 80, b = 80 } = layout.margin || {};
  let more = 0;
  for (const [name, axis] of Object.entries(layout)) {
    const text = /^xaxis\d*$/.test(name) ? axis.title?.text : "";
    if (!text) continue;
    const [low, high] = axis.domain || [0, 1];
    if (text.length * LETTER <= (width - l - r) * (high - low) + r) continue;
    axis.title = { ...axis.title, text: broken(text) };
    if (axis.title.text !== text) more = LINE;
  }
  if (more) layout.margin = { ...layout.margin, b: b + more };
}
