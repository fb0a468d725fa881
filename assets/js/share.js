/** The entry of a file to share: the player of the app on a run that lies in the page. */

import { loadPlotly, writeHovers } from "./canvas/plotly.js";
import { readQuery } from "./lib/address.js";
import { byId, nextTurn, setText } from "./lib/dom.js";
import { isAbort, messageOf } from "./lib/net.js";
import { listenToSkips } from "./lib/skip.js";
import { currentTheme } from "./lib/theme.js";
import { listenToButtons } from "./player/actions.js";
import { sketchInto, wipeOnce } from "./player/early.js";
import { firstPlace } from "./player/first-place.js";
import { invite } from "./player/invite.js";
import { listenToKeys } from "./player/keys.js";
import { followRun } from "./player/live.js";
import { noteMoments } from "./player/notes.js";
import { showPhases } from "./player/phase-strip.js";
import { showSelection } from "./player/selection.js";
import { Session } from "./player/session.js";
import { nameTab } from "./player/tab.js";
import { pairLogits } from "./share/network.js";
import { standIn } from "./share/host.js";
import { offerPlotly, readJson } from "./share/parts.js";
import { EmbeddedSource } from "./share/source.js";

/** @import { PlayerConfig, ShareHead } from "./contract.js" */

/**
 * Sketch what is on screen before what draws figures has come.
 * @param {EmbeddedSource} source
 * @returns {Promise<number>} the epoch that is sketched
 */
async function sketch(source) {
  const { manifest, order } = source.head;
  const asked = readQuery();
  const { selection } = await source.manifest(order, asked, new AbortController().signal);
  const step = manifest.steps[firstPlace(manifest, asked)];
  const wanted = { fingerprint: manifest.fingerprint, step, theme: currentTheme(), have: null };
  const shown = order
    .map((id) => ({ id, panel: byId(`panel-${id}`) }))
    .filter(({ id }) => source.view(id).computed !== "answers") // they take a second
    .filter(({ panel }) => panel && panel.getBoundingClientRect().top < window.innerHeight);
  for (const { id, panel } of shown) {
    const answer = await source.figure(id, { ...wanted, selection }, new AbortController().signal);
    if (panel) sketchInto(panel, answer);
  }
  return step;
}

async function start() {
  standIn();
  const root = byId("run-page");
  if (!root) return;
  /** @type {ShareHead} */
  const head = await readJson("head");
  const source = new EmbeddedSource(head);
  const sketched = await sketch(source).catch(() => NaN); // what fails is told by its panel
  await nextTurn();
  await offerPlotly();
  await loadPlotly();
  const [host] = head.order;
  /** @type {PlayerConfig} */
  const config = {
    kind: "run",
    run: head.manifest.run,
    page: "explore",
    views: head.order,
    host,
    query: {},
    manifest: head.manifest,
    arrangement: null,
  };
  const session = new Session(config, root, source);
  const wipe = () => wipeOnce(session.stage, sketched);
  await session.start([wipe, followRun, nameTab, showSelection, invite, showPhases, noteMoments]);
  const { computer } = source;
  window.grokdash = {
    ...window.grokdash,
    file: {
      epochs: head.network?.epochs || [],
      /** @param {number} epoch */
      answers: async (epoch) => computer && [...(await computer.answersAt(epoch))],
      /** @param {number} epoch @param {number} a @param {number} b */
      logits: async (epoch, a, b) =>
        computer && [...pairLogits(await computer.weights(epoch), a, b)],
      /** @param {number} epoch @param {number} n */
      neuron: async (epoch, n) =>
        computer && [...(await computer.neuron(epoch, { n }))["0.z"].data],
      /** @param {number} epoch @param {number} h */
      attention: async (epoch, h) =>
        computer && [...(await computer.attention(epoch, { h }))["0.z"].data],
    },
  };
}

listenToButtons();
listenToSkips();
listenToKeys();
writeHovers();
start().catch((error) => {
  if (!isAbort(error)) setText(byId("run-page"), messageOf(error));
});
