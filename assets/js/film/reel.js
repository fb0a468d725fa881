/**
 * A film made on the command line. Python says which pictures it has; a page without
 * anything else on it puts them together here and hands them over, some at a time.
 */

import { RunReader } from "../frames/reader.js";
import { HttpSource } from "../frames/source.js";
import { currentTheme } from "../lib/theme.js";
import { regionsOf } from "./boxes.js";
import { FilmCell } from "./cell.js";
import { shareRanges } from "./ranges.js";
import { FilmSheet } from "./sheet.js";

/**
 * @import { FilmColumn, FilmPlan, FilmShot, FigureAnswer, ViewAbout } from "../contract.js"
 * @import { Frame } from "../frames/blocks.js"
 * @import { Box, Region } from "./boxes.js"
 * @import { Named } from "./sheet.js"
 *
 * @typedef {Map<number, Frame>} Frames by epoch
 */

const AGAIN_MS = 300;
const MOST_FRAMES = 64;
/** Shots whose frames are asked for at a time. */
const BLOCK = 16;

/** A view of one run, and where its frames come from. */
class Shown {
  /** @type {number | null} the epoch of the figure that is plotted */
  plotted = null;

  /**
   * @param {RunReader} reader
   * @param {number} column
   * @param {FilmCell} cell
   * @param {AbortSignal} signal
   */
  constructor(reader, column, cell, signal) {
    this.reader = reader;
    this.column = column;
    this.cell = cell;
    this.signal = signal;
  }

  /**
   * An exact figure, with nothing in it still to be computed.
   * @param {number} step
   * @returns {Promise<FigureAnswer>}
   */
  async figure(step) {
    const { fingerprint, selection, source, steps } = this.reader;
    const have = this.cell.perStep ? null : steps.length;
    const wish = { fingerprint, step, theme: currentTheme(), selection, have };
    const answer = await source.figure(this.cell.view.id, wish, this.signal);
    if (!answer.pending) return answer;
    await new Promise((then) => setTimeout(then, AGAIN_MS));
    return this.figure(step);
  }

  /** @param {FigureAnswer} answer */
  async plot(answer) {
    await this.cell.plot(answer.figure, answer);
    this.plotted = answer.step;
  }

  /** Whether every picture is a figure of its own: notes in it are about its epoch. */
  get exact() {
    return this.cell.perStep && (!this.cell.scrubs || this.cell.view.texts);
  }

  /**
   * @param {FilmShot[]} shots
   * @returns {Promise<Frames>} what they need
   */
  async frames(shots) {
    /** @type {Frames} */
    const found = new Map();
    if (!this.cell.scrubs || this.exact) return found;
    const { fingerprint, source } = this.reader;
    const selection = this.reader.arraySelection(this.cell.view);
    const wanted = [...new Set(shots.map(({ steps }) => steps[this.column]))];
    for (let i = 0; i < wanted.length; i += MOST_FRAMES) {
      const steps = wanted.slice(i, i + MOST_FRAMES).sort((a, b) => a - b);
      const asked = { fingerprint, steps, selection, have: null };
      for (const frame of await source.frames(this.cell.view.id, asked, this.signal))
        found.set(frame.step, frame);
    }
    return found;
  }

  /**
   * @param {number} step
   * @param {Frames} frames
   */
  async show(step, frames) {
    this.cell.cursors = [{ x: step }];
    const frame = frames.get(step);
    if (frame) this.cell.draw(frame);
    else if (this.exact && this.plotted !== step) await this.plot(await this.figure(step));
  }
}

class Reel {
  /** @type {Map<number, Promise<Frames[]>>} by block of shots */
  coming = new Map();
  controller = new AbortController();
  /** @type {Shown[]} */
  shown = [];
  /** @type {Region[]} */
  regions = [];

  /** @param {FilmPlan} plan */
  constructor(plan) {
    this.plan = plan;
  }

  async open() {
    const { plan } = this;
    const { chart, columns, height, ratio, views, width } = plan;
    this.regions = regionsOf({
      width: width / ratio,
      height: height / ratio,
      runs: columns.length,
      chart: Boolean(chart),
      panels: views.length,
    });
    const readers = await Promise.all(columns.map((one) => this.read(one)));
    const ids = chart ? [chart, ...views] : views;
    this.shown = ids.flatMap((id, i) =>
      readers.map((reader, column) => this.stand(reader, column, id, chart ? i - 1 : i)),
    );
    for (const id of ids) await this.plotAll(id);
    const cells = this.shown.map(({ cell }) => cell);
    const labels = plan.shots.map(({ label }) => label);
    const widest = labels.reduce((a, b) => (b.length > a.length ? b : a), "");
    this.sheet = new FilmSheet({ ...plan, widest }, cells);
  }

  /** @param {FilmColumn} column */
  async read({ run, selection }) {
    const { chart, views } = this.plan;
    const reader = new RunReader(new HttpSource(run));
    const wanted = chart ? [chart, ...views] : views;
    reader.take(await reader.source.manifest(wanted, selection, this.controller.signal));
    return reader;
  }

  /**
   * @param {RunReader} reader
   * @param {number} column
   * @param {string} id of the view
   * @param {number} place among the panels; −1 is the chart
   */
  stand(reader, column, id, place) {
    const { chart, panels } = this.regions[column];
    const box = /** @type {Box} */ (place < 0 ? chart : panels[place]);
    /** @type {ViewAbout} */
    const view = reader.manifest.views[id];
    const look = { title: view.title, box, ratio: this.plan.ratio, veiled: place < 0 };
    return new Shown(reader, column, new FilmCell(view, look), this.controller.signal);
  }

  /** @param {string} id of a view, drawn for every run in the ranges of all */
  async plotAll(id) {
    const steps = this.plan.shots[0].steps;
    const own = this.shown.filter(({ cell }) => cell.view.id === id);
    const answers = await Promise.all(own.map((one) => one.figure(steps[one.column])));
    shareRanges(answers.map(({ figure }) => figure));
    for (const [i, one] of own.entries()) await one.plot(answers[i]);
  }

  /**
   * What the pictures of a block need; asked for once.
   * @param {number} block
   */
  frames(block) {
    let coming = this.coming.get(block);
    if (!coming) {
      coming = this.framesOf(this.plan.shots.slice(block * BLOCK, (block + 1) * BLOCK));
      coming.catch(() => {}); // who waits for it hears of it
      this.coming.set(block, coming);
    }
    return coming;
  }

  /** @param {FilmShot[]} shots */
  framesOf = (shots) => Promise.all(this.shown.map((one) => one.frames(shots)));

  /**
   * Pictures of some shots as JPEG in base64; "" for one that is the same as before.
   * @param {number} from
   * @param {number} to
   * @param {number} quality of the JPEG, from 0 to 1
   * @returns {Promise<string[]>}
   */
  async shoot(from, to, quality) {
    const { shots } = this.plan;
    const pictures = [];
    for (let i = from; i < to; i++) {
      const block = Math.floor(i / BLOCK);
      const frames = await this.frames(block);
      this.coming.delete(block - 1);
      if ((block + 1) * BLOCK < shots.length) this.frames(block + 1); // while these are painted
      const same = i > 0 && shots[i].steps.join() === shots[i - 1].steps.join();
      pictures.push(same ? "" : await this.picture(shots[i], frames, quality));
    }
    return pictures;
  }

  /**
   * Pictures from all over the film.
   * @param {number} count
   * @param {number} quality
   */
  async sample(count, quality) {
    const { shots } = this.plan;
    const pictures = [];
    for (let i = 0; i < count; i++) {
      const shot = shots[Math.round((i * (shots.length - 1)) / Math.max(count - 1, 1))];
      pictures.push(await this.picture(shot, await this.framesOf([shot]), quality));
    }
    return pictures;
  }

  /**
   * @param {FilmShot} shot
   * @param {Frames[]} frames
   * @param {number} quality
   */
  async picture({ label, names, steps }, frames, quality) {
    for (const [i, one] of this.shown.entries()) await one.show(steps[one.column], frames[i]);
    /** @type {Named[]} */
    const named = this.regions.map(({ name }, i) => ({ box: name, text: names[i] || "" }));
    this.sheet?.paint(label, named);
    const address = this.sheet?.canvas.toDataURL("image/jpeg", quality) || "";
    return address.slice(address.indexOf(",") + 1);
  }
}

/** @type {Reel | null} */
let reel = null;

/**
 * Get ready for a film.
 * @param {FilmPlan} plan
 */
export async function open(plan) {
  reel = new Reel(plan);
  await reel.open();
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} quality
 */
export const shoot = async (from, to, quality) => (reel ? reel.shoot(from, to, quality) : []);

/**
 * @param {number} count
 * @param {number} quality
 */
export const sample = async (count, quality) => (reel ? reel.sample(count, quality) : []);
