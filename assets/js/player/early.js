/**
 * A page of a run before Dash has laid it out. Its frame comes with the first answer of
 * the server, and what it is to show is known; so the figures are asked for at once and
 * sketched into the frame. When the page is there, sketches and figures go over to it.
 */

import { sketchFigure } from "../canvas/sketch.js";
import { HttpSource } from "../frames/source.js";
import { readQuery } from "../lib/address.js";
import { byId, setText } from "../lib/dom.js";
import { formatEpoch } from "../lib/numbers.js";
import { currentTheme } from "../lib/theme.js";
import { adaptLayout } from "../panel/strip.js";
import { firstPlace } from "./first-place.js";

/**
 * @import { FigureAnswer, PlayerConfig } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

const FRAME = "first-frame";
const CONFIG = "first-page";
/** So long everything else waits for the first pictures. */
const HOLD_MS = 300;
/** Then something is wrong, and what Dash says of it should be seen. */
const LONGEST_MS = 30_000;

export class Early {
  frame = byId(FRAME);
  controller = new AbortController();
  /** @type {HttpSource | null} */
  source = null;
  /** The epoch that is sketched. */
  step = NaN;

  /** Ask for the figures that the first screen will show; wait a while for their sketches. */
  async start() {
    setTimeout(() => this.close(), LONGEST_MS);
    /** @type {PlayerConfig | null} of another page than a run's */
    const config = JSON.parse(byId(CONFIG)?.textContent || "null");
    if (!config || !this.frame) return;
    const { run, query, manifest } = config;
    const { fingerprint, selection, steps } = manifest;
    const asked = readQuery();
    const place = firstPlace(manifest, asked);
    if (place < 0 || asked.pin || JSON.stringify(query) !== JSON.stringify(asked)) return;
    this.step = steps[place];
    const source = new HttpSource(run);
    this.source = source;
    const wanted = {
      fingerprint,
      step: this.step,
      theme: currentTheme(),
      selection,
      have: null,
    };
    setText(this.frame.querySelector(".epoch-label"), formatEpoch(this.step));
    const shown = this.panels().filter(({ dataset }) => {
      const view = manifest.views[dataset.view || ""];
      return view && !view.missing;
    });
    const coming = shown.map(async (panel) => {
      const id = panel.dataset.view || "";
      this.show(panel, await source.figureAhead(id, wanted, this.controller.signal));
    });
    const late = new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    // What fails is asked again by the page, which tells.
    await Promise.race([late, Promise.allSettled(coming)]);
  }

  /** The panels of the frame that are on screen. */
  panels() {
    const all = /** @type {HTMLElement[]} */ ([...(this.frame?.querySelectorAll(".panel") || [])]);
    return all.filter((panel) => panel.getBoundingClientRect().top < window.innerHeight);
  }

  /**
   * @param {HTMLElement} panel
   * @param {FigureAnswer} answer
   */
  show(panel, answer) {
    if (this.frame) sketchInto(panel, answer);
  }

  /**
   * The source of a run, which has its first figures.
   * @param {string} run
   */
  sourceOf(run) {
    const { source } = this;
    this.source = null;
    return source?.id === run ? source : new HttpSource(run);
  }

  /**
   * The page is there: what has been sketched stands in it until its panels are drawn, or
   * another epoch is asked for.
   * @param {Stage} stage
   */
  handOver(stage) {
    for (const { id, element } of stage.panels) {
      const canvas = this.frame?.querySelector(`[data-view="${id}"] canvas.sketch`);
      if (!canvas) continue;
      element.querySelector(".panel-body")?.append(canvas);
      element.classList.add("sketched");
    }
    wipeOnce(stage, this.step);
  }

  /** Take the frame away from over the page. */
  close() {
    this.frame?.remove();
    this.frame = null;
  }
}

/**
 * Sketch a figure into a panel that has none yet.
 * @param {HTMLElement} panel
 * @param {FigureAnswer} answer
 */
export function sketchInto(panel, { figure, sentence }) {
  setText(panel.querySelector("figcaption"), sentence);
  const body = panel.querySelector(".panel-body");
  adaptLayout(figure.layout, panel);
  const canvas = body && sketchFigure(figure, body.clientWidth, body.clientHeight);
  if (!canvas) return;
  body.append(canvas);
  panel.classList.add("sketched");
}

/**
 * Take sketches away from panels that are drawn, and all of them at another epoch.
 * @param {Stage} stage
 * @param {number} step the epoch that is sketched
 */
export function wipeOnce(stage, step) {
  stage.on("plotted", (/** @type {StagePanel} */ panel) => wipe(panel.element));
  stage.on("drawn", (/** @type {number} */ drawn) => {
    if (drawn !== step) for (const { element } of stage.panels) wipe(element);
  });
}

/** @param {HTMLElement} panel whose sketch has had its time */
function wipe(panel) {
  panel.querySelector("canvas.sketch")?.remove();
  panel.classList.remove("sketched");
}
