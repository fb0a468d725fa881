/** Damage met while pictures are asked for: one banner for the run, not one per panel. */

import { byId, setText } from "../lib/dom.js";
import { messageOf } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";

/** @import { Stage } from "./stage.js" */

/** @param {Stage} stage */
export function tellDamage(stage) {
  /** @type {Set<string>} */
  const told = new Set();
  stage.on("damaged", (/** @type {unknown} */ error) => {
    const message = messageOf(error);
    if (told.has(message)) return;
    told.add(message);
    const banner = byId("run-trouble");
    if (!banner) {
      notifyError(error);
      return;
    }
    window.dash_clientside.set_props("run-damage", { is_open: true });
    window.dash_clientside.set_props("run-damage-details", { children: [...told].join("\n") });
    markBroken(banner);
  });
  stage.on("ready", () => {
    const banner = byId("run-trouble");
    if (banner && byId("run-damage")) markBroken(banner);
  });
}

/** @param {HTMLElement} banner which has the word for it */
function markBroken(banner) {
  const state = byId("run-state");
  if (state) state.className = "state state-broken";
  setText(state, banner.dataset.state || "");
}
