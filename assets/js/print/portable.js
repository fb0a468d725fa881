/**
 * SVG that programs other than browsers show alike. Plotly writes exponents by sizes
 * relative to the text around them and marks their end by characters without width, names
 * one font in a hundred places, and leaves it to the browser to enlarge maps of one pixel
 * per cell. Here every run of letters becomes a text of its own, at the place where the
 * browser has put it.
 */

const SVG = "http://www.w3.org/2000/svg";
const XLINK = "http://www.w3.org/1999/xlink";
const INVISIBLE = /\u200b/g;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻";
const LOWERED = "₀₁₂₃₄₅₆₇₈₉ₖ";
const SMALL = new Map([
  ...spelled(RAISED, "0123456789+−", -0.35),
  ...spelled(LOWERED, "0123456789k", 0.2),
]);
/** Few fonts have these characters, and not all programs look for them in another. */
const OTHERS = /** @type {const} */ ({ "‖": "||" });
const FAMILY = "Arial, 'Liberation Sans', Helvetica, sans-serif";
const SMALL_SIZE = 0.7;
const CELL_PX = 8;
const LARGEST_PX = 2400;
const SHARP = "image-rendering: optimizeSpeed; image-rendering: pixelated;";

/**
 * @param {string} letters
 * @param {string} plain
 * @param {number} dy shift in sizes of the text
 * @returns {[string, { text: string, dy: number }][]}
 */
function spelled(letters, plain, dy) {
  return [...letters].map((one, i) => [one, { text: plain[i], dy }]);
}

/** @param {string | null | undefined} text */
const parsed = (text) => Number.parseFloat(text || "0");

/** @param {number} value */
const short = (value) => String(Math.round(value * 100) / 100);

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** @param {Element} element */
function textNodes(element) {
  const found = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) found.push(/** @type {Text} */ (walker.currentNode));
  return found;
}

/**
 * Write exponents and indices as small letters, raised or lowered.
 * @param {Text} node
 */
function respelled(node) {
  const text = node.data.replace(/‖/g, OTHERS["‖"]);
  node.data = text;
  const runs = text.match(new RegExp(`[${RAISED}]+|[${LOWERED}]+|[^${RAISED}${LOWERED}]+`, "g"));
  if (!runs?.some((run) => SMALL.has(run[0]))) return;
  let back = 0;
  const parts = runs.map((run) => {
    const small = SMALL.get(run[0]);
    const dy = (small ? small.dy : 0) - back;
    back = small ? small.dy : 0;
    const size = small ? SMALL_SIZE : 1;
    const span = part("tspan", { style: `font-size: ${size}em`, dy: `${dy / size}em` });
    span.textContent = [...run].map((one) => SMALL.get(one)?.text ?? one).join("");
    return span;
  });
  // Only one line of a text is ever followed by more of it: what ends raised is the end.
  node.replaceWith(...parts);
}

/**
 * A run of letters of one size, with the line that it is in.
 *
 * @typedef {object} Run
 * @property {string} text
 * @property {Element} line
 * @property {DOMPoint} start
 * @property {CSSStyleDeclaration} look
 */

/**
 * @param {SVGTextElement} text
 * @returns {Run[]}
 */
function runsOf(text) {
  const runs = [];
  let at = 0;
  for (const node of textNodes(text)) {
    const from = at;
    at += node.data.length;
    const letters = node.data.replace(INVISIBLE, "");
    const holder = /** @type {Element} */ (node.parentElement);
    if (!letters.trim()) continue;
    const first = from + node.data.indexOf(letters[0]);
    const start = text.getStartPositionOfChar(first);
    const line = holder.closest("tspan.line") || text;
    runs.push({ text: letters, line, start, look: getComputedStyle(holder) });
  }
  return runs;
}

/**
 * @param {SVGTextElement} text
 * @param {Run} run
 * @param {boolean} alone in its line
 */
function written(text, { text: letters, line, start, look }, alone) {
  const made = /** @type {SVGTextElement} */ (text.cloneNode(false));
  const anchored = alone && line.getAttribute("x");
  made.setAttribute("x", anchored || short(start.x));
  made.setAttribute("y", short(start.y));
  made.setAttribute("xml:space", "preserve");
  if (!anchored) made.setAttribute("text-anchor", "start");
  const { fontSize, fontWeight, fontStyle, fontFamily, fill } = look;
  Object.assign(made.style, {
    fontSize,
    fontFamily,
    fill,
    fontWeight: fontWeight === "400" ? "" : fontWeight,
    fontStyle: fontStyle === "normal" ? "" : fontStyle,
    textAnchor: "",
    whiteSpace: "",
  });
  made.textContent = letters;
  return made;
}

/**
 * Replace a text by one for each of its runs.
 * @param {SVGTextElement} text
 */
function separated(text) {
  const runs = runsOf(text);
  /** @param {Run} run */
  const alone = (run) => runs.filter(({ line }) => line === run.line).length === 1;
  const made = runs.map((run) => written(text, run, alone(run)));
  return () => text.replaceWith(...made);
}

/**
 * Repeat every pixel of a picture, so that no program blurs its cells when it enlarges it.
 * @param {Element} picture
 */
async function enlarged(picture) {
  const image = new Image();
  image.src = picture.getAttributeNS(XLINK, "href") || picture.getAttribute("href") || "";
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const shown = Math.max(
    parsed(picture.getAttribute("width")) / width,
    parsed(picture.getAttribute("height")) / height,
  );
  const wanted = Math.max(CELL_PX, Math.ceil(3 * shown));
  const times = Math.min(wanted, Math.floor(LARGEST_PX / Math.max(width, height)));
  picture.setAttribute("style", SHARP);
  if (shown <= 1 || times <= 1) return;
  const canvas = document.createElement("canvas");
  canvas.width = width * times;
  canvas.height = height * times;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  picture.removeAttribute("href");
  picture.setAttributeNS(XLINK, "xlink:href", canvas.toDataURL("image/png"));
}

/**
 * Say of fill and stroke how transparent they are; not all programs ask the whole.
 * @param {SVGElement} leaf
 */
function divided({ style }) {
  const whole = Number(style.opacity || 1);
  style.opacity = "";
  if (whole === 1) return;
  style.fillOpacity = String(whole * Number(style.fillOpacity || 1));
  style.strokeOpacity = String(whole * Number(style.strokeOpacity || 1));
}

/**
 * Take out what draws nothing.
 * @param {Element} root
 */
function cleared(root) {
  for (const one of [...root.querySelectorAll("g, path:not([d]), rect:not([width])")].reverse())
    if (!one.childElementCount && !one.textContent) one.remove();
  const styled = /** @type {NodeListOf<SVGElement>} */ (root.querySelectorAll("[style]"));
  for (const one of styled) if (!one.childElementCount) divided(one);
  for (const one of root.querySelectorAll('[opacity="1"]')) one.removeAttribute("opacity");
}

/**
 * Read what Plotly has written as SVG and make it fit for other programs.
 * @param {string} text
 * @param {string} [family] fonts, instead of those of the app
 * @returns {Promise<SVGSVGElement>}
 */
export async function portable(text, family = FAMILY) {
  const read = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const root = /** @type {SVGSVGElement} */ (
    /** @type {unknown} */ (document.importNode(read, true))
  );
  const stage = document.createElement("div");
  Object.assign(stage.style, { position: "fixed", left: "0", top: "0", visibility: "hidden" });
  stage.append(root);
  document.body.append(stage);
  try {
    const texts = [...root.querySelectorAll("text")];
    for (const one of texts) {
      one.style.fontFamily = family;
      textNodes(one).forEach(respelled);
    }
    for (const replace of texts.map(separated)) replace();
    cleared(root);
    await Promise.all([...root.querySelectorAll("image")].map(enlarged));
    return root;
  } finally {
    root.remove();
    stage.remove();
  }
}
