/** The entry of a page of several runs that needs no server. */

import { Comparison } from "./compare/comparison.js";
import { writeHovers } from "./canvas/plotly.js";
import { byId, setText } from "./lib/dom.js";
import { isAbort, messageOf } from "./lib/net.js";
import { listenToSkips } from "./lib/skip.js";
import { listenToButtons } from "./player/actions.js";
import { listenToKeys } from "./player/keys.js";
import { standIn } from "./share/host.js";
import { offerPlotly, readJson } from "./share/parts.js";
import { SiteCompareSource } from "./site/compare-source.js";

/** @import { SiteCompare } from "./contract.js" */

async function start() {
  standIn();
  const root = byId("compare-page");
  if (!root) return;
  /** @type {[SiteCompare, void]} */
  const [page] = await Promise.all([readJson("head"), offerPlotly()]);
  await new Comparison(page.config, root, new SiteCompareSource(page)).start();
}

listenToButtons();
listenToSkips();
listenToKeys();
writeHovers();
start().catch((error) => {
  if (!isAbort(error)) setText(byId("compare-page"), messageOf(error));
});
