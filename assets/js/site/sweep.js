/** The page of a sweep without a server: what is chosen, drawn from what lies in it. */

import { drawFigure } from "../canvas/plotly.js";
import { queryString, readQuery, replaceQuery } from "../lib/address.js";
import { byId, closest, el, setText } from "../lib/dom.js";
import { currentTheme, onTheme } from "../lib/theme.js";
import { headed } from "../panel/headed.js";
import { isMenuItem, MENU_ACTIONS, openMenu } from "../panel/menu.js";
import { actorOf } from "../player/actions.js";
import { filled, keyOf } from "../share/pictures.js";
import { Animation } from "../sweeps/animation.js";
import { narrow } from "../sweeps/narrow.js";
import { plotIn, runAt } from "../sweeps/plot.js";
import { offerSorting } from "./sorting.js";
import { tableAs } from "./swept-numbers.js";

/**
 * @import { Figure, SitePicture, SiteSweep } from "../contract.js"
 * @import { Savable } from "../panel/export.js"
 */

const NONE = "none";

export class SiteSweepPage {
  animation = new Animation();
  /** @type {HTMLElement | null} the panel that the menu is about */
  asked = null;

  /** @param {SiteSweep} page */
  constructor(page) {
    this.page = page;
    this.choice = { ...page.choice };
    this.fields = /** @type {HTMLSelectElement[]} */ ([
      ...document.querySelectorAll("select[data-choice]"),
    ]);
  }

  start() {
    this.read(readQuery());
    for (const field of this.fields) field.addEventListener("change", () => this.chose(field));
    document.addEventListener("click", (event) => this.press(event));
    const playhead = byId("sweep-playhead");
    playhead?.addEventListener("input", () =>
      this.animation.fromSlider(Number(/** @type {HTMLInputElement} */ (playhead).value)),
    );
    onTheme(() => this.draw());
    narrow().addEventListener("change", () => this.draw());
    const details = byId("sweep-shown");
    if (narrow().matches) details?.removeAttribute("open");
    this.sort("sweep-runs");
    return this.show();
  }

  /** @param {Record<string, string>} query of the address: what it cannot be is left */
  read(query) {
    for (const field of this.fields) {
      const name = field.dataset.choice || "";
      const asked = query[name];
      if ([...field.options].some((one) => one.value === asked)) this.choice[name] = asked;
    }
    if (this.choice.y === this.choice.x) this.choice.y = NONE;
  }

  /** @param {HTMLSelectElement} field */
  chose(field) {
    this.choice[field.dataset.choice || ""] = field.value;
    if (this.choice.y === this.choice.x) this.choice.y = NONE;
    const changed = Object.entries(this.choice).filter(
      ([name, value]) => value !== this.page.choice[name],
    );
    replaceQuery(queryString(Object.fromEntries(changed)));
    this.show();
  }

  show() {
    for (const field of this.fields) {
      field.value = this.choice[field.dataset.choice || ""];
      for (const option of field.options)
        option.disabled = field.dataset.choice === "y" && option.value === this.choice.x;
    }
    const tests = byId("sweep-comparisons");
    const key = `x=${this.choice.x}|event=${this.choice.event}`;
    if (tests) tests.innerHTML = this.page.comparisons[key];
    return this.draw();
  }

  /** @param {string} id of what holds a table */
  sort(id) {
    const table = byId(id)?.querySelector("table");
    if (!table) return;
    for (const head of table.querySelectorAll("thead th")) {
      const words = head.textContent || "";
      head.replaceChildren(el("button", { type: "button", class: "site-sort" }, words));
    }
    offerSorting(table, { column: "", falling: false });
  }

  /** @param {SitePicture} picture */
  keyOf({ fields }) {
    const width = narrow().matches ? "narrow" : "wide";
    return keyOf(fields, /** @type {any} */ ({ ...this.choice, width }));
  }

  /**
   * @param {string} name of a picture
   * @returns {Figure}
   */
  figure(name) {
    const picture = this.page.pictures[name];
    const key = `${currentTheme()}|${this.keyOf(picture)}`;
    return filled(picture.figures[key], this.page.pool);
  }

  /** @param {string} name */
  head(name) {
    const picture = this.page.pictures[name];
    return picture.heads[this.keyOf(picture)];
  }

  async draw() {
    this.animation.stop();
    for (const name of Object.keys(this.page.pictures)) {
      const graph = byId(`sweep-graph-${name}`);
      const node = /** @type {HTMLElement | null} */ (graph?.querySelector(".plot"));
      if (!graph || !node) continue;
      const { height, sentence } = this.head(name);
      graph.style.height = `${height}px`;
      setText(byId(`sweep-caption-${name}`), sentence);
      const first = !node.classList.contains("js-plotly-plot");
      const gd = await drawFigure(node, this.figure(name));
      if (first) gd.on("plotly_click", (/** @type {any} */ event) => this.open(name, event));
    }
  }

  /**
   * Open the run that was clicked, if it has a page here.
   * @param {string} name of the picture
   * @param {{ points: any[] }} clicked
   */
  open(name, { points: [point] }) {
    const run = point && runAt(`sweep-graph-${name}`, point);
    const address = run && this.page.addresses[run];
    if (address) window.location.href = address;
  }

  /** @param {MouseEvent} event */
  press({ target }) {
    const player = closest(target, "[data-sweep]");
    if (player) this.animation.toggle(player);
    const button = actorOf(target);
    const act = button?.dataset.act || "";
    if (button && act === "menu") {
      this.asked = closest(button, ".sweep-panel");
      openMenu(button);
    } else if (this.asked && isMenuItem(act)) MENU_ACTIONS[act](this.savable(this.asked));
  }

  /**
   * A picture as something to save; one that is played is saved where it stands.
   * @param {HTMLElement} panel
   * @returns {Savable}
   */
  savable(panel) {
    const name = panel.dataset.picture || "";
    const head = this.head(name);
    const permalink = window.location.href;
    const origin = { ...head.origin, permalink };
    return {
      element: panel,
      heading: () => head.title,
      asked: () => ({ kind: "sweep", of: head.origin.sweep, view: name, query: {} }),
      fileName: (extension) => `${head.file}.${extension}`,
      shot: () => {
        const plot = plotIn(`sweep-graph-${name}`);
        const shown = panel.querySelector(".sweep-play-label")?.textContent || "";
        const figure = shown && plot ? { data: plot.data, layout: plot.layout } : this.figure(name);
        const width = plot?.clientWidth || panel.clientWidth;
        const place = { width, height: head.height, margin: figure.layout.margin };
        const words = shown ? `${head.about}; ${shown}` : head.about;
        const told = { ...origin, ...(shown && { shown }) };
        const title = `${head.title}, ${words}`;
        return Promise.resolve({
          ...headed(figure, head.title, [words], place),
          origin: told,
          title,
        });
      },
      data: (kind) => {
        const picture = this.page.pictures[name];
        const table = filled(picture.tables[this.keyOf(picture)], this.page.pool);
        return tableAs(kind, table, origin);
      },
      permalink: () => permalink,
    };
  }
}
