/** The page of a sweep while it is open: its theme, its animation, the menu of a picture. */

import { byId, closest, setAttribute } from "../lib/dom.js";
import { currentTheme, onTheme } from "../lib/theme.js";
import { isMenuItem, MENU_ACTIONS, openMenu } from "../panel/menu.js";
import { actorOf } from "../player/actions.js";
import { Animation } from "./animation.js";
import { Driver } from "./driver.js";
import { narrow } from "./narrow.js";
import { savable } from "./picture.js";

/**
 * @import { SweepConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/** @implements {OpenPage} */
export class SweepPage {
  controller = new AbortController();
  /** What its slider moves. */
  timeline = new Animation();
  /** @type {HTMLElement | null} the panel that the menu is about */
  asked = null;

  /** @param {SweepConfig} config */
  constructor({ id }) {
    this.id = id;
    const { signal } = this.controller;
    this.driver = new Driver(id, signal);
    const tell = () => window.dash_clientside.set_props("sweep-theme", { data: currentTheme() });
    onTheme(tell, signal);
    const width = narrow();
    width.addEventListener("change", tellNarrow, { signal });
    if (width.matches) window.dash_clientside.set_props("sweep-shown", { open: false });
    this.names = new MutationObserver(nameSliders);
    const page = byId("sweep-page");
    if (page) this.names.observe(page, { childList: true, subtree: true });
    document.addEventListener("click", (event) => this.press(event), { signal });
  }

  /** @param {MouseEvent} event */
  press({ target }) {
    const player = closest(target, "[data-sweep]");
    if (player) this.timeline.toggle(player);
    const button = actorOf(target);
    const act = button?.dataset.act || "";
    if (button && act === "menu") {
      this.asked = closest(button, ".sweep-panel");
      openMenu(button);
    } else if (this.asked && isMenuItem(act)) MENU_ACTIONS[act](savable(this.id, this.asked));
  }

  close() {
    this.timeline.stop();
    this.names.disconnect();
    this.controller.abort();
  }
}

const tellNarrow = () =>
  window.dash_clientside.set_props("sweep-narrow", { data: narrow().matches });

/** Dash gives the thumb of a slider no name; it has that of its label. */
function nameSliders() {
  for (const thumb of document.querySelectorAll("#sweep-page [role=slider]")) {
    const label = thumb.closest(".sweep-control")?.querySelector("label")?.textContent;
    setAttribute(thumb, "aria-label", label || "Epoch up to which curves are drawn");
  }
}
