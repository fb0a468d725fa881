/** What every button does; shortcuts press the same actions. */

import { toggleRecording } from "../film/recorder.js";
import { closest } from "../lib/dom.js";
import { lettersAllowed } from "../lib/storage.js";
import { toggleTheme } from "../lib/theme.js";
import { notify } from "../lib/toast.js";
import { copyLink, savable } from "../panel/export.js";
import { fullScreen } from "../panel/full-screen.js";
import { showGuide } from "../panel/help.js";
import { isMenuItem, MENU_ACTIONS, openMenu } from "../panel/menu.js";
import { Panel } from "../panel/panel.js";
import { exportAll } from "../panel/sheet.js";
import { currentStage } from "./current.js";

/**
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

/**
 * @param {Stage} stage
 * @param {EventTarget | null} target
 */
function panelAround(stage, target) {
  const figure = closest(target, "figure.panel");
  return stage.panels.find((one) => one.element === figure) || null;
}

/**
 * The panel under the focus, else the first one below the loss chart.
 * @param {Stage} stage
 */
function focusedPanel(stage) {
  const panel = panelAround(stage, document.activeElement) || stage.lastPanel;
  return panel || stage.panels.find((one) => !one.isHost) || stage.panels[0] || null;
}

/** @param {Stage} stage @param {number} place */
const jump = (stage, place) => stage.goTo(place, "step");

/** @param {Stage} stage */
function toGrok(stage) {
  const places = stage.shown.landmarks();
  if (!places.length) {
    notify(stage.shown.noLandmark());
    return;
  }
  const here = places.indexOf(stage.playhead.want);
  jump(stage, places[(here + 1) % places.length]);
}

/**
 * @param {Stage} stage
 * @param {StagePanel} panel
 */
function pin(stage, panel) {
  if (!(panel instanceof Panel) || !panel.perStep) {
    notify("This panel shows all epochs at once; there is nothing to pin.");
    return;
  }
  panel.pin(panel.pinned === null ? panel.track.stepAt(stage.playhead.want) : null);
  panel.picture.endScrub();
  stage.emit("pinned");
  stage.frames.pump();
  stage.settler.one(panel);
}

/** @param {Stage} stage @param {number} by */
const step = (stage, by) => jump(stage, stage.playhead.want + by);

/** @type {Record<string, (stage: Stage, source: HTMLElement | null) => void>} */
const STAGE_ACTIONS = {
  play: (stage) => stage.playback.toggle(),
  first: (stage) => jump(stage, 0),
  last: (stage) => jump(stage, stage.steps.length - 1),
  previous: (stage) => step(stage, -1),
  next: (stage) => step(stage, 1),
  "previous-10": (stage) => step(stage, -10),
  "next-10": (stage) => step(stage, 10),
  slower: (stage) => stage.playback.faster(-1),
  faster: (stage) => stage.playback.faster(1),
  loop: (stage) => stage.playback.setLoop(!stage.playback.loop),
  follow: (stage) => stage.emit("follow"),
  grok: toGrok,
  "previous-k": (stage) => stage.select({ k: stage.selection.k - 1 }),
  "next-k": (stage) => stage.select({ k: stage.selection.k + 1 }),
  range: (stage) => stage.select({ norm: stage.selection.norm === "epoch" ? "run" : "epoch" }),
  "copy-link": (stage) => copyLink(stage.permalink()),
  "export-all": (stage) => exportAll(stage),
  record: (stage) => toggleRecording(stage),
  arrange: (stage, source) => stage.emit("arrange", source && panelAround(stage, source)),
};

/** @type {Record<string, (stage: Stage, panel: StagePanel) => void>} */
const PANEL_ACTIONS = {
  pin,
  full: (_stage, panel) => fullScreen(panel),
  help: (_stage, panel) => showGuide(panel.source, panel.id),
  menu: showMenu,
  save: (stage, panel) => MENU_ACTIONS["png-2"](savable(stage, panel)),
};

/**
 * @param {Stage} stage
 * @param {StagePanel} panel the menu is about
 */
function showMenu(stage, panel) {
  const button = panel.element.querySelector('[data-act="menu"]');
  stage.lastPanel = panel;
  if (button instanceof HTMLElement) openMenu(button);
}

function showKeys() {
  window.dash_clientside.set_props("letters", { value: lettersAllowed() });
  window.dash_clientside.set_props("keys-dialog", { is_open: true });
}

/** @type {Record<string, () => void>} */
const PAGE_ACTIONS = { theme: toggleTheme, keys: showKeys };

/**
 * Do what a button or a shortcut names.
 * @param {string} name
 * @param {EventTarget | null} target
 * @returns {boolean} whether there was anything to do
 */
export function perform(name, target) {
  const source = target instanceof HTMLElement ? target : null;
  if (PAGE_ACTIONS[name]) {
    PAGE_ACTIONS[name]();
    return true;
  }
  const stage = currentStage();
  if (!stage?.steps.length) return false;
  stage.playhead.endPreview();
  if (STAGE_ACTIONS[name]) {
    STAGE_ACTIONS[name](stage, source);
    return true;
  }
  const panel = panelAround(stage, source) || focusedPanel(stage);
  if (!panel) return false;
  if (PANEL_ACTIONS[name]) PANEL_ACTIONS[name](stage, panel);
  else if (isMenuItem(name)) MENU_ACTIONS[name](savable(stage, panel));
  else return false;
  return true;
}

/**
 * Put the focus on the panel with a number, the loss chart not counted.
 * @param {number} number from 1
 * @param {ScrollBehavior} behavior
 */
export function focusPanel(number, behavior) {
  const panel = currentStage()?.panels.filter((one) => !one.isHost)[number - 1];
  if (!panel) return false;
  panel.element.focus();
  panel.element.scrollIntoView({ block: "nearest", behavior });
  return true;
}

/**
 * What says what a press is to do: something pressed, or what an item of a menu holds.
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
export function actorOf(target) {
  const inside = closest(target, ".dropdown-item")?.querySelector("[data-act]");
  return inside instanceof HTMLElement ? inside : closest(target, "[data-act]");
}

/** Listen to the buttons of all pages; once. */
export function listenToButtons() {
  document.addEventListener("click", (event) => {
    const button = actorOf(event.target);
    if (button) perform(button.dataset.act || "", button);
    else {
      const badge = closest(event.target, ".panel.pinned .panel-badge");
      if (badge) perform("pin", badge);
    }
  });
  document.addEventListener("focusin", (event) => {
    const stage = currentStage();
    const panel = stage && panelAround(stage, event.target);
    if (stage && panel) stage.lastPanel = panel;
  });
}
