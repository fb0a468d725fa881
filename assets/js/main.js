/**
 * The entry of everything but the first picture: what every page listens to, which pages
 * there are, and the functions that callbacks of Dash call. Dash starts once this has run.
 */

import { loadPlotly, writeHovers } from "./canvas/plotly.js";
import { Comparison } from "./compare/comparison.js";
import { nameOf } from "./compare/names.js";
import { offerRuns, offerTicked } from "./compare/picker.js";
import { HttpCompareSource } from "./compare/source.js";
import { early } from "./first.js";
import { openGuide } from "./guide/guide.js";
import { byId } from "./lib/dom.js";
import { registerFormulas } from "./lib/formula.js";
import { Lifecycle } from "./lib/lifecycle.js";
import { isAbort } from "./lib/net.js";
import { showPlace } from "./lib/place.js";
import { listenToSkips } from "./lib/skip.js";
import { notifyError } from "./lib/toast.js";
import { listenToButtons } from "./player/actions.js";
import { offerWayBack, takeAlong } from "./player/carry.js";
import { invite } from "./player/invite.js";
import { listenToKeys } from "./player/keys.js";
import { followRun } from "./player/live.js";
import { noteMoments } from "./player/notes.js";
import { arrangePanels } from "./player/panels.js";
import { showPhases } from "./player/phase-strip.js";
import { showSelection } from "./player/selection.js";
import { Session } from "./player/session.js";
import { nameTab } from "./player/tab.js";
import { ReportsPage } from "./report/list.js";
import { ReportPage } from "./report/page.js";
import { registerCells } from "./runs/cells.js";
import { offerGrid } from "./runs/grid.js";
import { showTraining } from "./runs/of-run.js";
import { openRunsPage } from "./runs/page.js";
import { listenToNewRun } from "./runs/run-form.js";
import * as sweep from "./sweeps/callbacks.js";
import { SweepsPage } from "./sweeps/list-page.js";
import { SweepPage } from "./sweeps/page.js";
import { beginStep, tourParts } from "./tour/step.js";
import { listenToWaysIn, offerToContinue, showWelcome, waitForRun } from "./tour/ways.js";

/**
 * @import { CompareConfig, PlayerConfig, ReportConfig, RunsConfig, SweepConfig, TourConfig } from "./contract.js"
 * @import { PageConfig } from "./lib/lifecycle.js"
 */

const pages = new Lifecycle();

/** @type {{ timeline: { fromSlider(place: number): void } | null } | null} */
let scrubbed = null;

/**
 * What a page starts may end with the page; other failures are told.
 * @param {Promise<void>} started
 */
function guard(started) {
  started.catch((error) => {
    if (!isAbort(error)) notifyError(error);
  });
}

pages.define("run", (/** @type {PlayerConfig} */ config) => {
  const root = byId("run-page");
  if (!root) return null;
  const session = new Session(config, root, early.sourceOf(config.run));
  scrubbed = session;
  const handOver = () => early.handOver(session.stage);
  const inHand = [followRun, nameTab, showSelection, arrangePanels, takeAlong];
  const parts = [handOver, ...inHand, showTraining, invite, showPhases, noteMoments];
  guard(session.start(parts));
  showPlace();
  return session;
});

pages.define("tour", (/** @type {TourConfig} */ config) => {
  const root = byId("tour-page");
  if (!root) return null;
  beginStep(config);
  const session = new Session(config, root, early.sourceOf(config.run));
  scrubbed = session;
  guard(session.start([followRun, showPhases, ...tourParts(config)]));
  return session;
});
pages.define("tour-entrance", () => {
  guard(offerToContinue());
  return null;
});
pages.define("tour-waiting", waitForRun);

pages.define("compare", (/** @type {CompareConfig} */ config) => {
  const root = byId("compare-page");
  if (!root) return null;
  const source = new HttpCompareSource(config.columns.map(nameOf).join(","));
  const comparison = new Comparison(config, root, source);
  scrubbed = comparison;
  guard(comparison.start());
  return comparison;
});

pages.define("compare-empty", (config) => {
  offerRuns(config);
  return null;
});

pages.define("runs", (/** @type {RunsConfig} */ config) => {
  guard(showWelcome());
  return openRunsPage(config, [(api) => offerTicked(api, config)]);
});
pages.define("guide", () => {
  offerWayBack();
  return openGuide();
});
pages.define("stored", () => {
  showPlace();
  return null;
});
pages.define("reports", () => new ReportsPage());
pages.define("report", (/** @type {ReportConfig} */ config) => new ReportPage(config));
pages.define("sweeps", () => new SweepsPage());
pages.define("sweep", (/** @type {SweepConfig} */ config) => {
  const page = new SweepPage(config);
  scrubbed = page;
  return page;
});

/**
 * A page has been laid out.
 * @param {PageConfig | null} config
 */
function open(config) {
  scrubbed = null;
  pages.open(config);
  requestAnimationFrame(() => early.close());
  requestIdleCallback(fetchPlotly); // others load it once they are idle
  return window.dash_clientside.no_update;
}

/** @param {string} name of a large script that this page may need at once */
const pageLoads = (name) => Boolean(document.querySelector(`meta[name=loads][content~="${name}"]`));

/** Who needs it hears of a failure. */
function fetchPlotly() {
  loadPlotly().catch(() => {});
}

/** @param {number} place of the slider */
function scrub(place) {
  scrubbed?.timeline?.fromSlider(place);
  return window.dash_clientside.no_update;
}

if (pageLoads("plotly")) fetchPlotly();
listenToButtons();
listenToSkips();
listenToKeys();
writeHovers();
listenToNewRun();
listenToWaysIn();
registerCells();
offerGrid(pageLoads("grid"));
registerFormulas();
window.dash_clientside = {
  ...window.dash_clientside,
  grokdash: {
    open,
    scrub,
    sweepTheme: sweep.sweepTheme,
    sweepRemember: sweep.sweepRemember,
    sweepOpen: sweep.sweepOpen,
  },
};
