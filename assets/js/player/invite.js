/** Where a run opens at its beginning, it says how to go on. */

import { byId } from "../lib/dom.js";

/** @import { Session } from "./session.js" */

/** @param {Session} session */
export function invite({ reader, stage }) {
  const hint = byId("play-hint");
  const button = document.querySelector('[data-act="play"]');
  if (!hint || !button) return;
  const show = (/** @type {boolean} */ shown) => {
    hint.hidden = !shown;
    button.classList.toggle("inviting", shown);
  };
  stage.on("ready", () => {
    const { kept } = stage.playhead;
    show(kept === 0 && stage.steps.length > 1 && !reader.running);
  });
  stage.on("drawn", () => {
    if (!hint.hidden && stage.playhead.kept > 0) show(false);
  });
  stage.on("playing", () => show(false));
}
