/** What every stage has beside its panels. */

import { DAMAGED, messageOf, statusOf } from "../lib/net.js";
import { notify } from "../lib/toast.js";
import { linkPicks } from "../panel/picks.js";
import { showLegend } from "../panel/strip.js";
import { walkByKeys } from "../panel/walk.js";
import { clickOnCharts, scrubOnChart } from "./chart-scrub.js";
import { tellDamage } from "./damage.js";
import { measureSpeed } from "./hud.js";

/**
 * @import { ViewAbout } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

const RELOAD_MS = 1200;

/** @param {Stage} stage with its panels on it */
export function startParts(stage) {
  linkPicks(stage);
  walkByKeys(stage);
  scrubOnChart(stage);
  clickOnCharts(stage);
  measureSpeed(stage);
  stage.on("plotted", (/** @type {StagePanel} */ panel) => {
    if (panel.isHost) showLegend(panel);
  });
  stage.on("rewritten", reload);
  tellDamage(stage);
  stage.on("problem", (/** @type {unknown} */ error, /** @type {ViewAbout} */ view) => {
    if (statusOf(error) === DAMAGED) stage.emit("damaged", error);
    else notify(`${view.title}: ${messageOf(error)}`, "problem");
  });
}

/** The history itself was rewritten: frames in memory are of another run. */
function reload() {
  notify("This run was written anew. Loading it again.");
  setTimeout(() => window.location.reload(), RELOAD_MS);
}
