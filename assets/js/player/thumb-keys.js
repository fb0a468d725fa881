/** Keys of the slider's thumb go from checkpoint to checkpoint, wherever these lie. */

import { clamp } from "../lib/numbers.js";

/** @import { Stage } from "./stage.js" */

/** @type {Record<string, number>} checkpoints by which a key moves the thumb */
const BY = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: -Infinity,
  End: Infinity,
};
const WITH_SHIFT = 10;

/**
 * @param {Stage} stage
 * @param {HTMLElement} track around the slider
 */
export function walkByKeys(stage, track) {
  /** @param {KeyboardEvent} event */
  function walk(event) {
    const by = BY[event.key];
    const last = stage.steps.length - 1;
    if (by === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the slider itself would go by one of its ten thousand values
    const many = event.shiftKey && Math.abs(by) === 1 ? WITH_SHIFT : 1;
    stage.goTo(clamp(stage.playhead.kept + many * by, 0, last), "step");
  }
  track.addEventListener("keydown", walk, { capture: true, signal: stage.signal });
}
