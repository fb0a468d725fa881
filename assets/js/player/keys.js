/** Keyboard. Off while typing; single characters can be switched off altogether. */

import { queryString } from "../lib/address.js";
import { isDialogOpen } from "../lib/dialog.js";
import { byId, calm, closest, isTyping } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl, getJson } from "../lib/net.js";
import { lettersAllowed, remember } from "../lib/storage.js";
import { notify } from "../lib/toast.js";
import { focusPanel, perform } from "./actions.js";
import { currentStage } from "./current.js";
import { Session } from "./session.js";

/** @type {Record<string, string>} */
const CHARACTERS = {
  ",": "slower",
  ".": "faster",
  g: "grok",
  "[": "previous-k",
  "]": "next-k",
  f: "full",
  s: "save",
  S: "export-all",
  l: "copy-link",
  p: "pin",
  d: "theme",
  r: "range",
  "?": "keys",
};

/** @type {Record<string, string>} */
const ARROWS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };

/** Set when the search field is to have the focus on the page that opens. */
export const SEARCH_WANTED = "grokdash-focus-search";

/** @param {KeyboardEvent} event */
function arrow(event) {
  if (closest(event.target, "[role=slider]")) return false;
  const name = ARROWS[event.key];
  if (!name) return false;
  const ten = event.shiftKey && event.key.startsWith("Arrow") ? "-10" : "";
  return perform(name + ten, event.target);
}

/** @param {number} by 1 or −1 in the list of runs */
async function otherRun(by) {
  const stage = currentStage();
  const session = stage?.shown;
  if (!stage || !(session instanceof Session)) return;
  const { run } = session.config;
  const runs = (await getJson("/api/runs")).filter((one) => !one.problem);
  const next = runs[runs.findIndex((one) => one.id === run) + by];
  if (!next) {
    notify(by > 0 ? "This is the last run." : "This is the first run.");
    return;
  }
  const path = window.location.pathname;
  const there = path.replace(encodeURIComponent(run), encodeURIComponent(next.id));
  navigate(`${there}?${queryString({ e: stage.steps[stage.playhead.want] })}`);
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

/** @param {KeyboardEvent} event */
function character(event) {
  const { key } = event;
  if (!lettersAllowed() && key !== "?") return false;
  if (key >= "1" && key <= "6") return focusPanel(Number(key), calm() ? "auto" : "smooth");
  if (key === "/") return search();
  if (key === "j" || key === "k") {
    otherRun(key === "j" ? -1 : 1).catch(() => {});
    return Boolean(currentStage());
  }
  const name = CHARACTERS[key] || CHARACTERS[key.toLowerCase()];
  return name ? perform(name, document.activeElement) : false;
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
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  if (event.key === " ") {
    const pressable = closest(event.target, "button, a, summary, select, .ag-root");
    if (pressable && pressable.dataset.act !== "play") return false;
    return perform("play", event.target);
  }
  if (closest(event.target, ".ag-root")) {
    return event.key === "/" || event.key === "?" ? character(event) : false;
  }
  return arrow(event) || (event.key.length === 1 && character(event));
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
