/** The ways into the tour: the welcome, where one left off, and the runs to begin with. */

import { byId, closest, el } from "../lib/dom.js";
import { follow, navigate } from "../lib/navigation.js";
import { appUrl, getJson, messageOf, postJson } from "../lib/net.js";
import { postStart } from "../lib/process-log.js";
import { recall, remember } from "../lib/storage.js";
import { notify, notifyError } from "../lib/toast.js";
import { runPath, showLog } from "../runs/trainers.js";
import { KEPT } from "./step.js";

/** @import { OpenPage } from "../lib/lifecycle.js" */

const WELCOMED = "welcomed";
const LOOK_MS = 800;
const PATIENCE_MS = 60_000;

/**
 * Show what the app is, and where one left off, until that has been dismissed. A page
 * without runs says it itself.
 */
export async function showWelcome() {
  if (recall(WELCOMED) || byId("runs-empty")?.hidden === false) return;
  window.dash_clientside.set_props("welcome", { is_open: true });
  await offerToContinue();
}

/** @returns {{ run: string, step: number } | null} the step that was open last */
function kept() {
  try {
    const { run, step } = JSON.parse(recall(KEPT) || "{}");
    return typeof run === "string" && Number.isInteger(step) ? { run, step } : null;
  } catch {
    return null;
  }
}

/** First of the ways into the tour is where one left off, if that run is still there. */
export async function offerToContinue() {
  const last = kept();
  if (!last) return;
  const runs = await getJson("/api/runs");
  const box = document.querySelector(".tour-ways");
  if (!box || !runs.some((one) => one.id === last.run)) return;
  const href = appUrl(tourAddress(last.run, last.step));
  const link = el("a", { href, class: "tool primary" }, `Continue at step ${last.step}`);
  link.addEventListener("click", (event) => follow(event, href));
  box.querySelector(".primary")?.classList.replace("primary", "framed");
  box.prepend(link);
}

/**
 * @param {string} run
 * @param {number} step
 */
const tourAddress = (run, step) => `/tour/${encodeURIComponent(run)}/${step}`;

/**
 * Train a run for the tour, and open the tour on it as soon as it is there.
 * @param {HTMLButtonElement} button
 */
async function train(button) {
  const words = button.textContent || "";
  button.disabled = true;
  try {
    const body = { preset: button.dataset.tourTrain || "", fields: {} };
    const { run } = await postStart("/api/train", body, button);
    button.textContent = "Starting …";
    if (await begins(run)) navigate(appUrl(tourAddress(run, 1)));
    else showLog(run);
    button.textContent = words;
  } catch (error) {
    notifyError(error);
  }
  button.disabled = false;
}

/**
 * Put the run that comes with grokdash into the store and go where the link goes; it can
 * be looked at even if that fails.
 * @param {MouseEvent} event
 * @param {HTMLAnchorElement} link
 */
async function seeExample(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    await postJson("/api/example", {});
  } catch (error) {
    notifyError(error);
  }
  navigate(link.pathname);
}

/**
 * Wait until a start has become a run; a failed one never does.
 * @param {string} run
 */
async function begins(run) {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const { state } = await getJson(runPath(run, "log"), { cache: "no-store" });
    if (state === "failed") return false;
    if (state !== "starting") return true;
    await new Promise((then) => setTimeout(then, LOOK_MS));
  }
  return false;
}

/**
 * The tour waits for the first checkpoint of its run.
 * @returns {OpenPage}
 */
export function waitForRun() {
  const timer = setInterval(async () => {
    const [, run] = window.location.pathname.split("/tour/")[1].match(/^([^/]+)/) || [];
    try {
      const { steps } = await getJson(`/api/run/${run}/live?have=0`, { cache: "no-store" });
      if (steps.length) window.location.reload();
    } catch (error) {
      notify(messageOf(error), "problem");
    }
  }, LOOK_MS);
  return { close: () => clearInterval(timer) };
}

/** Listen to the buttons of the welcome and of the tour's first page; once. */
export function listenToWaysIn() {
  document.addEventListener("click", (event) => {
    const button = closest(event.target, "[data-tour-train]");
    if (button instanceof HTMLButtonElement) train(button);
    const link = closest(event.target, "a[data-example]");
    if (link instanceof HTMLAnchorElement) seeExample(event, link);
    if (closest(event.target, "#welcome .btn-close")) remember(WELCOMED, "1");
  });
}
