/** Hovering or dragging over the loss chart moves the playhead. */

import { subplots } from "../canvas/plotly.js";
import { clamp } from "../lib/numbers.js";

/**
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

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

/** @param {Stage} stage */
export function scrubOnChart(stage) {
  const panel = stage.host;
  if (!panel) return;
  const { picture } = panel;
  const placeAt = (/** @type {number} */ epoch) => panel.placeOf(epoch);
  let enteredAt = 0;
  let pressed = false;

  /**
   * @param {PlotElement} gd
   * @param {PointerEvent} event
   */
  function go(gd, event) {
    if (!stage.steps.length) return;
    stage.emit("hand");
    stage.playhead.seek(placeAt(epochAt(gd, event.clientX)), "chart");
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    const { gd } = picture;
    if (!gd || !(pressed || inside(gd, event))) {
      enteredAt = 0;
      return;
    }
    const now = performance.now();
    if (!enteredAt) enteredAt = now;
    const hovering = event.pointerType === "mouse" && event.buttons === 0;
    if (pressed) {
      stage.playback.pause();
      go(gd, event);
    } else if (hovering && !stage.playhead.playing && now - enteredAt > DWELL_MS) {
      go(gd, event);
    }
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    const { gd } = picture;
    if (!gd || !inside(gd, event) || event.button > 0) return;
    pressed = true;
    stage.playback.pause();
    go(gd, event);
  }

  const { body } = picture;
  const options = { signal: stage.signal, capture: true, passive: true };
  body.classList.add("chart-scrub");
  body.addEventListener("pointermove", onMove, options);
  body.addEventListener("pointerdown", onDown, options);
  window.addEventListener("pointermove", (event) => pressed && onMove(event), options);
  window.addEventListener("pointerup", () => (pressed = false), options);
  window.addEventListener("pointercancel", () => (pressed = false), options);
  body.addEventListener("pointerleave", () => (enteredAt = 0), options);
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
      if (typeof epoch !== "number") return;
      stage.playback.pause();
      stage.playhead.seek(panel.placeOf(epoch), "chart");
    });
  });
}
