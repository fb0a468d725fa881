/** The buttons in the sentences: each names an epoch, a selection, a stretch to play. */

import { closest, setAttribute } from "../lib/dom.js";

/**
 * @import { Session } from "../player/session.js"
 *
 * @typedef {Record<string, number>} Place "e" an epoch, "until" another one; all else is picked
 */

/** A stretch is played so slowly that one can follow it. */
const STRETCH_SECONDS = 4;

/**
 * Whether a place is where one is.
 * @param {Place} place
 * @param {number} epoch
 * @param {Record<string, unknown>} selection
 */
export function isHere({ e, until, ...picks }, epoch, selection) {
  if (until !== undefined || (e !== undefined && e !== epoch)) return false;
  return Object.entries(picks).every(([name, value]) => selection[name] === value);
}

/**
 * @param {HTMLElement} button
 * @returns {Place}
 */
const placeOf = (button) => JSON.parse(button.dataset.go || "{}");

/** @param {Session} session */
export function listenToPlaces(session) {
  const { stage } = session;
  const { playback, playhead, root, signal } = stage;
  /** @type {number | null} where playing ends */
  let end = null;

  /** @param {Place} place */
  function go({ e, until, ...picks }) {
    playback.pause();
    stage.select(picks);
    if (e !== undefined) playhead.seek(session.placeOf(e), "mark");
    stage.emit("hand");
    if (until === undefined) return;
    playback.play((session.placeOf(until) - playhead.want) / STRETCH_SECONDS);
    end = until;
  }

  function show() {
    const epoch = stage.steps[playhead.shown];
    for (const button of root.querySelectorAll("[data-go][aria-pressed]")) {
      if (!(button instanceof HTMLElement)) continue;
      const here = isHere(placeOf(button), epoch, stage.selection);
      setAttribute(button, "aria-pressed", String(here));
    }
  }

  root.addEventListener(
    "click",
    (event) => {
      const button = closest(event.target, "[data-go]");
      if (button) go(placeOf(button));
    },
    { signal },
  );
  stage.on("playing", (/** @type {boolean} */ playing) => {
    if (!playing) end = null;
  });
  stage.on("drawn", (/** @type {number} */ epoch) => {
    if (end !== null && epoch >= end) {
      const place = session.placeOf(end);
      playback.pause();
      playhead.seek(place, "mark");
    }
    show();
  });
  stage.on("selected", show);
}
