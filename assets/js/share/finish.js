/** Figures of what the page has computed: ranges, texts and names follow the numbers. */

/**
 * @import { Computed, FigureAnswer, ShareHead, SharedView } from "../contract.js"
 * @import { EmbeddedSource } from "./source.js"
 */

/** Part of its range below which what a map shows looks flat; as in `views/core/ranges`. */
const HIDDEN = 0.25;

/**
 * A view whose figures name the neuron that is picked.
 * @param {SharedView} view
 * @param {ShareHead} head
 * @param {Record<string, any>} selection
 * @returns {SharedView}
 */
export function renamed(view, { network }, { n }) {
  if (view.computed !== "neuron" || !network || n === network.neuron) return view;
  const text = JSON.stringify(view.pictures).replaceAll(`neuron ${network.neuron}`, `neuron ${n}`);
  return { ...view, pictures: JSON.parse(text) };
}

/**
 * The smallest and the largest of some numbers.
 * @param {number[][]} rows
 * @returns {[number, number]}
 */
function ends(rows) {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/**
 * The colours of a map: over the run, or of this epoch where that is picked.
 * @param {FigureAnswer} answer
 * @param {[number, number]} locked
 * @param {{ norm: string, words: { text: string, hints: string[] } }} how
 */
function colour(answer, locked, { norm, words }) {
  const [trace] = answer.figure.data;
  const own = ends(trace.z);
  const [low, high] = norm === "epoch" ? own : locked;
  [trace.zmin, trace.zmax] = [low, high];
  for (const name of Object.keys(answer.limits)) answer.limits[name] = [low, high];
  const flat = own[1] - own[0] < HIDDEN * (locked[1] - locked[0]);
  const pressed = norm === "epoch";
  const offered = { pressed, text: words.text, hint: words.hints[Number(pressed)] };
  answer.range = pressed || flat ? offered : null;
}

/** @type {Record<Computed, (answer: FigureAnswer, of: { source: EmbeddedSource, selection: Record<string, any> }) => void | Promise<void>>} */
const FINISH = {
  attention(answer, { source, selection }) {
    colour(answer, [0, 1], { norm: selection.norm, words: source.head.words.range });
  },
  async neuron(answer, { source, selection }) {
    const { computer, head } = source;
    const [trace] = answer.figure.data;
    const own = selection.n === head.network?.neuron;
    const locked =
      own || !computer ? [trace.zmin, trace.zmax] : await computer.neuronRange(selection.n);
    const how = { norm: selection.norm, words: head.words.range };
    colour(answer, /** @type {[number, number]} */ (locked), how);
  },
  answers(answer) {
    const [trace] = answer.figure.data;
    const names = trace.colorbar.ticktext;
    trace.text = trace.z.map((/** @type {number[]} */ row) => row.map((kind) => names[kind] ?? ""));
  },
  logits(answer, { source, selection }) {
    const { figure } = answer;
    const { manifest, split } = source.head;
    const right = split[selection.a * manifest.p + selection.b] % manifest.p;
    figure.data = [figure.data[0]];
    figure.layout.showlegend = false;
    for (const shape of figure.layout.shapes || [])
      if (shape.x0 === shape.x1) shape.x0 = shape.x1 = right;
    const [low, high] = ends([figure.data[0].y]);
    const room = 0.05 * (high - low || 1);
    figure.layout.yaxis.range = [low - room, high + room];
    answer.limits = {};
    answer.range = null;
  },
};

/**
 * @param {FigureAnswer} answer
 * @param {Computed} kind
 * @param {{ source: EmbeddedSource, selection: Record<string, any> }} of
 */
export const finish = async (answer, kind, of) => FINISH[kind](answer, of);
