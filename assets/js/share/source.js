/** A run that lies in its page: the source of a player without a server. */

import { readBlock } from "../frames/blocks.js";
import { RunReader } from "../frames/reader.js";
import { fill } from "../lib/misfits.js";
import { ServerError } from "../lib/net.js";
import { nearestIndex } from "../lib/numbers.js";
import { Computer } from "./computed.js";
import { finish, renamed } from "./finish.js";
import { numbersOf } from "./numbers.js";
import { readPart } from "./parts.js";
import { keyOf, pictureOf } from "./pictures.js";

/**
 * @import { Manifest, ShareHead, SharedView } from "../contract.js"
 * @import { Frame } from "../frames/blocks.js"
 * @import { Source } from "../frames/source.js"
 */

const NOT_THERE = 404;
/** Milliseconds for which frames are computed before the page is drawn again. */
const TURN_MS = 4;

/** @implements {Source} */
export class EmbeddedSource {
  standsAlone = true;
  /** @type {Map<string, Promise<Map<number, Frame>>>} by name of the part */
  #frames = new Map();

  /** @param {ShareHead} head */
  constructor(head) {
    this.head = head;
    this.id = head.manifest.run;
    this.computer = head.network && new Computer(head, head.network);
  }

  /** @param {string} id */
  view(id) {
    const view = this.head.views[id];
    if (!view) throw new ServerError(`This file has no view ${id}.`, NOT_THERE);
    return view;
  }

  /** @type {Source["manifest"]} */
  manifest(_views, asked) {
    /** @type {Manifest} */
    const manifest = structuredClone(this.head.manifest);
    const reader = new RunReader(this);
    reader.take(manifest);
    /** @type {Record<string, any>} */
    const picked = manifest.selection;
    for (const [name, value] of Object.entries(asked)) {
      if (!(name in picked)) continue;
      const told = reader.misfit(name, value);
      if (told) manifest.notices.push(told);
      picked[name] = reader.clampChoice(name, value) ?? picked[name];
    }
    return Promise.resolve(manifest);
  }

  /** @type {Source["live"]} */
  live() {
    return Promise.reject(new ServerError("A file does not grow.", NOT_THERE));
  }

  /** @type {Source["moments"]} */
  moments() {
    return Promise.resolve(this.head.moments);
  }

  /**
   * The epochs of a view for what is picked.
   * @param {SharedView} view
   * @param {Record<string, any>} selection
   */
  epochs(view, selection) {
    const { network } = this.head;
    const other = view.computed === "neuron" && network && selection.n !== network.neuron;
    return other ? network.epochs : view.epochs;
  }

  /**
   * @param {SharedView} view
   * @param {Record<string, any>} selection
   * @returns {Promise<Map<number, Frame>>} frames of the file, by epoch
   */
  stored(view, selection) {
    const part = view.frames[keyOf(view.reads, selection)];
    if (part === undefined) throw new ServerError(this.absent(view, selection), NOT_THERE);
    let coming = this.#frames.get(part);
    if (!coming) {
      coming = readPart(part, this.head.words.damaged).then(
        (bytes) => new Map(readBlock(bytes).map((frame) => [frame.step, frame])),
      );
      this.#frames.set(part, coming);
    }
    return coming;
  }

  /**
   * Say what the file has instead of what is picked.
   * @param {SharedView} view
   * @param {Record<string, any>} selection
   */
  absent(view, selection) {
    const { controls } = this.head.manifest;
    const keys = Object.keys(view.frames).map(
      (key) => new URLSearchParams(key.replaceAll("|", "&")),
    );
    const wrong = view.reads.find((one) =>
      keys.every((key) => key.get(one) !== String(selection[one])),
    );
    const name = wrong || view.reads[0];
    const values = [...new Set(keys.map((key) => key.get(name)))].join(", ");
    const title = controls.find((one) => one.name === name)?.title ?? name;
    return fill(this.head.words.absent, { name: title, value: selection[name], values });
  }

  /**
   * The numbers of a view at an epoch that it has.
   * @param {SharedView} view
   * @param {number} step
   * @param {Record<string, any>} selection
   * @param {boolean} hurry whether somebody waits for them
   * @returns {Promise<Frame | null>} null where it has nothing but a figure
   */
  async numbers(view, step, selection, hurry) {
    const sentence = await this.sentence(view, step, selection);
    if (!view.computed) {
      if (!Object.keys(view.frames).length) return { step, sentence, arrays: {}, bytes: 0 };
      const frame = (await this.stored(view, selection)).get(step);
      return frame ? { ...frame, sentence } : null;
    }
    if (!this.computer) return null;
    const arrays = await this.computer[view.computed](step, /** @type {any} */ (selection), hurry);
    const bytes = Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0);
    return { step, sentence, arrays, bytes };
  }

  /**
   * @param {SharedView} view
   * @param {number} step
   * @param {Record<string, any>} selection
   */
  sentence(view, step, selection) {
    const known = view.sentences[keyOf(view.reads, selection)];
    const mine = view.computed === "neuron" && selection.n !== this.head.network?.neuron;
    const pair = view.computed === "logits";
    const place = view.epochs.indexOf(step);
    if (known && !mine && !pair && place >= 0) return `${known[place]} ${view.precision}`.trim();
    if (!view.computed || !this.computer) return "";
    return this.computer.sentence(view.computed, step, selection);
  }

  /** @type {Source["frames"]} */
  async frames(id, { steps, selection }, signal) {
    const view = this.view(id);
    const whole = { ...this.head.manifest.selection, ...selection };
    const epochs = new Set(this.epochs(view, whole));
    const found = [];
    let until = performance.now() + TURN_MS;
    for (const step of steps.filter((one) => epochs.has(one))) {
      found.push(await this.numbers(view, step, whole, false));
      if (performance.now() < until) continue;
      await new Promise((then) => setTimeout(then)); // the page is drawn meanwhile
      signal.throwIfAborted();
      until = performance.now() + TURN_MS;
    }
    return found.filter((frame) => frame !== null);
  }

  /** @type {Source["figure"]} */
  async figure(id, wanted) {
    const view = this.view(id);
    const { selection, theme } = wanted;
    const perStep = this.head.manifest.views[id].reads.includes("step");
    const epochs = this.epochs(view, selection);
    const step = epochs[nearestIndex(epochs, wanted.step)];
    const frame = await this.numbers(view, step, selection, true);
    const place = perStep ? view.epochs.indexOf(step) : 0;
    const made = renamed(view, this.head, selection);
    const answer = pictureOf(made, this.head.pool, { theme, selection, place, step }, frame);
    answer.sentence = frame?.sentence || "";
    if (view.computed) await finish(answer, view.computed, { source: this, selection });
    return answer;
  }

  /** @type {Source["words"]} */
  async words(id, wanted) {
    const view = this.view(id);
    const step = view.epochs[nearestIndex(view.epochs, wanted.step)];
    const sentence = await this.sentence(view, step, wanted.selection);
    return { step, sentence, limits: {}, range: null, pending: 0 };
  }

  /** @type {Source["data"]} */
  async data(id, kind, { fingerprint, step, selection }) {
    const wanted = { fingerprint, step, selection, theme: "light", have: null };
    const answer = await this.figure(id, wanted, new AbortController().signal);
    return numbersOf(answer, kind, this.view(id).precision);
  }

  /** @type {Source["guide"]} */
  guide(id) {
    return Promise.resolve(this.head.guides[id]);
  }
}
