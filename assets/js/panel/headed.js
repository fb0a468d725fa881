/** Lines above a saved figure that name it: whole, however narrow the figure is. */

/** @import { Figure } from "../contract.js" */

const HEAD = 26;
const LINE = 17;
const PAD = 8;
const SIZE = 13;

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/**
 * @param {string} text
 * @param {boolean} bold
 * @param {string} family
 */
function widthOf(text, bold, family) {
  ruler ||= document.createElement("canvas").getContext("2d");
  if (!ruler) return 0;
  ruler.font = `${bold ? "bold " : ""}${SIZE}px ${family}`;
  return ruler.measureText(text).width;
}

/**
 * Words in lines that fit; a word that is wider has a line of its own.
 * @param {string} text
 * @param {(line: string) => boolean} fits
 */
export function wrapped(text, fits) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** @param {string} text for Plotly, which reads some HTML */
const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * The title, and what is said beside it or, where there is no room, below it.
 * @param {string} title
 * @param {string[]} more
 * @param {number} room pixels
 * @param {string} family
 */
function linesOf(title, more, room, family) {
  const strong = (/** @type {string} */ line) => widthOf(line, true, family) <= room;
  const plain = (/** @type {string} */ line) => widthOf(line, false, family) <= room;
  const first = wrapped(title, strong);
  const last = first[first.length - 1];
  const beside = more.length ? `${last}  ${more[0]}` : "";
  const named = first.map((line) => `<b>${escaped(line)}</b>`);
  const below = [...more];
  if (beside && strong(beside)) {
    named[named.length - 1] += `  ${escaped(more[0])}`;
    below.shift();
  }
  return [...named, ...below.flatMap((line) => wrapped(line, plain)).map(escaped)];
}

/**
 * A figure with lines above it that name it.
 * @param {Figure} figure
 * @param {string} title
 * @param {string[]} more what is said after the title, each from a new line if need be
 * @param {{ width: number, height: number, margin: Record<string, number> }} place
 */
export function headed({ data, layout }, title, more, { width, height, margin }) {
  const { l, r, b, t } = margin;
  const family = layout.font?.family || "sans-serif";
  const lines = linesOf(title, more, width - 2 * PAD, family);
  const head = HEAD + LINE * (lines.length - 1);
  const look = {
    ...layout,
    autosize: false,
    width,
    height: height + head,
    margin: { l, r, b, t: t + head },
    title: {
      text: lines.join("<br>"),
      font: { size: SIZE },
      x: 0,
      xref: "container",
      xanchor: "left",
      /* The foot of the first line: only from there do all programs count alike. */
      y: 1 - (PAD + SIZE) / (height + head),
      yref: "container",
      yanchor: "bottom",
      pad: { l: PAD },
    },
  };
  return { figure: { data, layout: look }, width, height: height + head, head };
}
