/** On the pages of one run: its buttons, and a look whether it goes on again. */

import { byId } from "../lib/dom.js";
import { getJson } from "../lib/net.js";
import { runPath, trainingTools } from "./trainers.js";

/**
 * @import { State } from "../contract.js"
 * @import { Session } from "../player/session.js"
 */

const LOOK_MS = 2400;

/** @param {Session} session */
export function showTraining({ manifest, reader, stage }) {
  const box = byId("run-training");
  if (!box) return;
  /** @type {State | null} */
  let shown = null;

  function show() {
    const { state } = manifest.status;
    if (state === shown) return;
    shown = state;
    box?.replaceChildren(...trainingTools({ id: reader.id, state }));
  }
  show();
  stage.on("grown", show);
  if (reader.running) return;
  /* A run that is not live is asked for again only once someone makes it go on. */
  const look = setInterval(async () => {
    if (!document.querySelector(".modal .log") || !(await goesOn(reader.id)) || stage.closed)
      return;
    clearInterval(look);
    manifest.status.state = "running";
    show();
    stage.emit("restarted");
  }, LOOK_MS);
  stage.signal.addEventListener("abort", () => clearInterval(look));
}

/** @param {string} id of a run */
async function goesOn(id) {
  try {
    const { state } = await getJson(runPath(id, "log"), { cache: "no-store" });
    return state === "running";
  } catch {
    return false; /* the banner says so */
  }
}
