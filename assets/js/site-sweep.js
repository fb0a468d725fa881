/** The entry of the page of a sweep that needs no server. */

import { writeHovers } from "./canvas/plotly.js";
import { byId, closest, setText } from "./lib/dom.js";
import { messageOf } from "./lib/net.js";
import { toggleTheme } from "./lib/theme.js";
import { standIn } from "./share/host.js";
import { offerPlotly, readJson } from "./share/parts.js";
import { SiteSweepPage } from "./site/sweep.js";

/** @import { SiteSweep } from "./contract.js" */

async function start() {
  standIn();
  /** @type {[SiteSweep, void]} */
  const [page] = await Promise.all([readJson("head"), offerPlotly()]);
  await new SiteSweepPage(page).start();
}

document.addEventListener("click", ({ target }) => {
  if (closest(target, '[data-act="theme"]')) toggleTheme();
});
writeHovers();
start().catch((error) => setText(byId("sweep-page"), messageOf(error)));
