/**
 * A hand on the slider moves the player alone. Dash's slider hears nothing of the pointer:
 * it would lay out the whole page for every move.
 */

import { clamp } from "../lib/numbers.js";

/**
 * @param {HTMLElement} track around the slider
 * @param {(share: number) => void} move called with where the pointer is along the line
 * @param {AbortSignal} signal
 */
export function followHand(track, move, signal) {
  const options = { capture: true, signal };
  /** @type {{ pointer: number, left: number, width: number } | null} */
  let held = null;

  /** @param {PointerEvent} event */
  function follow({ clientX }) {
    if (held) move(clamp((clientX - held.left) / held.width, 0, 1));
  }

  /** @param {PointerEvent} event */
  function down(event) {
    const target = event.target instanceof Element ? event.target : null;
    const line = target?.closest(".dash-slider-root");
    const thumb = line?.querySelector("[role=slider]");
    if (!line || !(thumb instanceof HTMLElement) || event.button || held) return;
    event.stopPropagation();
    event.preventDefault();
    const { left, width } = line.getBoundingClientRect();
    held = { pointer: event.pointerId, left, width };
    line.setPointerCapture(event.pointerId);
    thumb.focus({ preventScroll: true });
    if (target !== thumb) follow(event); // who takes the thumb beside its middle moves nothing
  }

  /** @param {PointerEvent} event */
  function moved(event) {
    if (event.pointerId !== held?.pointer) return;
    event.stopPropagation();
    follow(event);
  }

  /** @param {PointerEvent} event */
  function up(event) {
    if (event.pointerId !== held?.pointer) return;
    event.stopPropagation();
    held = null;
  }

  track.addEventListener("pointerdown", down, options);
  track.addEventListener("pointermove", moved, options);
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
    track.addEventListener(name, up, options);
}
