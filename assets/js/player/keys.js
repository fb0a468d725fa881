/** Keyboard. Off while typing; single characters can be switched off altogether. */

import { queryString, runAddress } from "../lib/address.js";
import { isDialogOpen } from "../lib/dialog.js";
import { byId, calm, closest, isTyping } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl, getJson } from "../lib/net.js";
import { lettersAllowed, remember } from "../lib/storage.js";
import { notify, notifyError } from "../lib/toast.js";
import { focusPanel, perform } from "./actions.js";
import { currentStage } from "./current.js";
import { Session } from "./session.js";

/** @import { KeyAction, KeysConfig } from "../contract.js" */

/** Set when the search field is to have the focus on the page that opens. */
export const SEARCH_WANTED = "grokdash-focus-search";

/**
 * What a key does, as Python says it in the frame of every page.
 * @returns {KeysConfig["actions"]}
 */
function keyActions() {
  const text = byId("app")?.dataset.keys;
  return text ? JSON.parse(text).actions : {};
}

/**
 * The action of a key: with Shift first, a letter in either case.
 * @param {Record<string, KeyAction>} actions
 * @param {string} key by the browser's name
 * @param {boolean} shift
 * @returns {KeyAction | undefined}
 */
export function actionOf(actions, key, shift) {
  if (key.length > 1) return (shift && actions[`Shift+${key}`]) || actions[key];
  return actions[key] || actions[key.toLowerCase()];
}

/** @param {number} by 1 or −1 in the list of runs */
async function otherRun(by) {
  const stage = currentStage();
  const session = stage?.shown;
  if (!stage || !(session instanceof Session)) return;
  const { page, run } = session.config;
  const runs = (await getJson("/api/runs")).filter((one) => !one.problem);
  const next = runs[runs.findIndex((one) => one.id === run) + by];
  if (!next) {
    notify(by > 0 ? "This is the last run." : "This is the first run.");
    return;
  }
  const there = appUrl(runAddress(next.id, page));
  navigate(`${there}?${queryString(session.picked())}`);
}

function search() {
  const field = byId("runs-search-field");
  if (field) field.focus();
  else {
    sessionStorage.setItem(SEARCH_WANTED, "1");
    navigate(appUrl("/"));
  }
  return true;
}

/** @param {string} id of a link, on pages that have it */
function pressLink(id) {
  const link = byId(id);
  link?.click();
  return link !== null;
}

/**
 * @param {KeyAction} action
 * @param {KeyboardEvent} event
 * @returns {boolean} whether there was anything to do
 */
function act(action, event) {
  switch (action) {
    case "search":
      return search();
    case "focus-panel":
      return focusPanel(Number(event.key), calm() ? "auto" : "smooth");
    case "previous-step":
    case "next-step":
      return pressLink(`tour-${action.replace("-step", "")}`);
    case "previous-run":
    case "next-run":
      otherRun(action === "next-run" ? 1 : -1).catch(notifyError);
      return Boolean(currentStage());
    default:
      return perform(action, event.key.length > 1 ? event.target : document.activeElement);
  }
}

/**
 * Whether a key belongs to what has the focus: a field, a slider, a grid, a button.
 * @param {KeyboardEvent} event
 * @param {KeyAction} action
 */
function isTaken({ key, target }, action) {
  if (isTyping(target)) return true;
  if (key === " ") {
    const pressable = closest(target, "button, a, summary, select, .ag-root");
    return Boolean(pressable && pressable.dataset.act !== action);
  }
  if (closest(target, ".ag-root")) return action !== "search" && action !== "keys";
  if (key.length > 1) return Boolean(closest(target, "[role=slider]"));
  return !lettersAllowed() && action !== "keys";
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key is ours
 */
function handle(event) {
  if (isDialogOpen() || closest(event.target, ".dropdown-menu")) return false;
  if (event.key === "Escape") {
    currentStage()?.emit("escape");
    return false;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const action = actionOf(keyActions(), event.key, event.shiftKey);
  return action !== undefined && !isTaken(event, action) && act(action, event);
}

/** Listen to the keys of all pages; once. */
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (handle(event)) event.preventDefault();
  });
  /* A focused play button would otherwise press itself again on key up. */
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && closest(event.target, '[data-act="play"]')) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box instanceof HTMLInputElement && box.id === "letters")
      remember("letters", box.checked ? "1" : "0");
  });
}
