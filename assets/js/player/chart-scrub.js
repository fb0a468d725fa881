/**
 * The pointer on charts over all of training. On the loss chart it previews an epoch and
 * comes back on leaving; a press or a drag stays there. On other charts a click stays.
 */

import { subplots } from "../canvas/plotly.js";
import { clamp } from "../lib/numbers.js";

/**
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

/** A pointer that only crosses the chart changes nothing. */
const DWELL_MS = 90;

/**
 * @param {PlotElement} gd
 * @param {number} clientX
 */
function epochAt(gd, clientX) {
  const { xa } = subplots(gd)[0];
  const x = clientX - gd.getBoundingClientRect().left - xa._offset;
  return xa.p2c(clamp(x, 0, xa._length));
}

/**
 * @param {PlotElement} gd
 * @param {PointerEvent} event
 */
function inside(gd, event) {
  const { xa, ya } = subplots(gd)[0];
  const box = gd.getBoundingClientRect();
  const x = event.clientX - box.left - xa._offset;
  const y = event.clientY - box.top - ya._offset;
  return x >= -4 && x <= xa._length + 4 && y >= -4 && y <= ya._length + 24;
}

/** Hovering and pressing on the loss chart. */
class ChartScrub {
  enteredAt = 0;
  /** @type {number | null} the pointer that is down */
  pressed = null;

  /**
   * @param {Stage} stage
   * @param {StagePanel} panel above the scrub bar
   */
  constructor(stage, panel) {
    this.stage = stage;
    this.panel = panel;
    const { body } = panel.picture;
    this.flag = /** @type {HTMLElement | null} */ (body.querySelector(".preview-flag"));
    const options = { signal: stage.signal, capture: true, passive: true };
    body.classList.add("chart-scrub");
    body.addEventListener("pointermove", (event) => this.hover(event), options);
    body.addEventListener("pointerdown", (event) => this.down(event), options);
    body.addEventListener("pointerleave", () => this.left(), options);
    window.addEventListener("pointermove", (event) => this.moved(event), options);
    window.addEventListener("pointerup", (event) => this.up(event), options);
    window.addEventListener("pointercancel", () => this.cancelled(), options);
    stage.on("drawn", () => this.showFlag());
  }

  /** The drawn chart, once there is something to go to. */
  get gd() {
    return this.stage.steps.length ? this.panel.picture.gd : null;
  }

  /**
   * @param {PlotElement} gd
   * @param {PointerEvent} event
   */
  placeAt(gd, event) {
    return this.panel.placeOf(epochAt(gd, event.clientX));
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const { gd, stage } = this;
    const other = this.pressed !== null || event.pointerType === "touch" || event.buttons;
    if (!gd || other) return;
    if (!inside(gd, event)) {
      this.left();
      return;
    }
    const now = performance.now();
    this.enteredAt ||= now;
    if (stage.playhead.playing || now - this.enteredAt <= DWELL_MS) return;
    stage.playhead.preview(this.placeAt(gd, event));
  }

  /** @param {PointerEvent} event */
  moved(event) {
    if (this.gd && this.pressed === event.pointerId) this.drag(this.gd, event);
  }

  /** @param {PointerEvent} event */
  down(event) {
    const { gd } = this;
    if (!gd || !inside(gd, event) || event.button > 0 || this.pressed !== null) return;
    this.pressed = event.pointerId;
    this.stage.playback.pause();
    this.drag(gd, event);
  }

  /**
   * A finger may be about to scroll the page: until it is lifted its place is a preview.
   * @param {PlotElement} gd
   * @param {PointerEvent} event
   */
  drag(gd, event) {
    const place = this.placeAt(gd, event);
    if (event.pointerType === "touch") this.stage.playhead.preview(place);
    else this.stage.goTo(place, "chart");
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (this.pressed !== event.pointerId) return;
    this.pressed = null;
    const { playhead } = this.stage;
    if (playhead.home !== null) this.stage.goTo(playhead.want, "chart");
  }

  cancelled() {
    this.pressed = null;
    this.left();
  }

  left() {
    this.enteredAt = 0;
    if (this.pressed === null) this.stage.playhead.endPreview();
  }

  /** Say beside the line that this is a preview, and how to stay. */
  showFlag() {
    const { flag, gd } = this;
    if (!flag || !gd) return;
    flag.hidden = this.stage.playhead.home === null;
    if (flag.hidden) return;
    const { xa, ya } = subplots(gd)[0];
    const at = this.panel.picture.cursorX;
    const beside = at > xa._offset + xa._length / 2 ? "calc(-100% - 6px)" : "6px";
    const bottom = ya._offset + ya._length - 4;
    flag.style.transform = `translate(${at}px, ${bottom}px) translate(${beside}, -100%)`;
  }
}

/** @param {Stage} stage */
export function scrubOnChart(stage) {
  const panel = stage.host;
  if (panel) new ChartScrub(stage, panel);
}

/**
 * On other charts over epochs a click goes there; dragging still zooms.
 * @param {Stage} stage
 */
export function clickOnCharts(stage) {
  stage.on("graph", (/** @type {StagePanel} */ panel, /** @type {PlotElement} */ gd) => {
    if (!panel.view.cursor || panel.isHost) return;
    gd.on("plotly_click", (event) => {
      const epoch = event.points[0]?.x;
      if (typeof epoch === "number") stage.goTo(panel.placeOf(epoch), "chart");
    });
  });
}
