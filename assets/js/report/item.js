/** One item of a report on its page: a frozen picture, or words alone. */

import { el } from "../lib/dom.js";
import { appUrl } from "../lib/net.js";
import { titleField } from "./heading.js";
import { Prose } from "./prose.js";

/**
 * @import { ShownItem } from "../contract.js"
 * @import { Pictures } from "./pictures.js"
 */

/**
 * What an item asks of the page.
 *
 * @typedef {object} Desk
 * @property {boolean} writable
 * @property {Pictures} pictures
 * @property {() => void} changed
 * @property {() => void} done
 * @property {(id: string, by: number) => void} move
 * @property {(id: string) => void} remove
 */

/** What is said of a picture whose runs are not what they were. */
const SINCE = {
  same: "",
  grown: "Goes on",
  anew: "Trained anew",
  gone: "Cannot be read any more",
};

/**
 * @param {string} words
 * @param {string} label
 * @param {() => void} press
 */
function tool(words, label, press) {
  const button = el("button", { type: "button", class: "tool", "aria-label": label, title: label });
  button.textContent = words;
  button.addEventListener("click", press);
  return button;
}

export class ItemView {
  /**
   * @param {ShownItem} item
   * @param {Desk} desk
   */
  constructor(item, desk) {
    this.item = item;
    this.desk = desk;
    const words = item.kind === "text";
    this.prose = new Prose({
      label: words ? "Words" : "Caption",
      empty: words ? "Write" : "Add a caption",
      writable: desk.writable,
      text: () => item.caption,
      html: () => item.html,
      changed: (text) => {
        item.caption = text;
        desk.changed();
      },
      done: desk.done,
    });
    this.element = el(
      words ? "section" : "figure",
      { class: `report-item report-${item.kind}`, id: item.id, "data-item": item.id },
      this.head(),
      this.told(),
      item.figure ? desk.pictures.place(item.figure, item.height, item.sentence) : null,
      words ? this.prose.element : this.caption(),
    );
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  get name() {
    return this.item.title || "words without a title";
  }

  head() {
    const { item, desk } = this;
    const title = titleField({
      tag: "h2",
      label: "Title of this item",
      title: item.title,
      writable: desk.writable,
      changed: (text) => {
        item.title = text;
        desk.changed();
      },
      done: desk.done,
    });
    const tools = el("div", { class: "report-tools" });
    if (desk.writable)
      tools.append(
        tool("↑", `Move up: ${this.name} (Alt+↑)`, () => desk.move(item.id, -1)),
        tool("↓", `Move down: ${this.name} (Alt+↓)`, () => desk.move(item.id, 1)),
        tool("Remove", `Remove: ${this.name}`, () => desk.remove(item.id)),
      );
    return el("div", { class: "report-head" }, ...title, tools);
  }

  told() {
    const { since, told } = this.item;
    if (!told) return null;
    const kind = since === "grown" ? "alert-info" : "alert-warning";
    const words = el("strong", {}, `${SINCE[since]}: `);
    return el("p", { class: `report-since alert ${kind}`, role: "note" }, words, `${told}.`);
  }

  caption() {
    const { about, permalink, sentence, since } = this.item;
    const there = /^\/[a-z]/.test(permalink) && since !== "gone";
    const href = there ? appUrl(permalink) : "";
    const link = there ? el("a", { href, class: "report-link" }, "Open in the app") : null;
    return el(
      "figcaption",
      {},
      this.prose.element,
      el("p", { class: "report-sentence" }, sentence),
      el("p", { class: "quiet report-about" }, about, " ", link),
    );
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.altKey || !this.desk.writable || this.prose.editing) return;
    event.preventDefault();
    event.stopPropagation();
    this.desk.move(this.item.id, by);
  }

  /**
   * Focus what moves the item, so that the same key moves it on.
   * @param {number} by
   */
  focus(by) {
    const tools = this.element.querySelectorAll(".report-tools button");
    const button = tools[by < 0 ? 0 : 1];
    if (button instanceof HTMLElement) button.focus();
  }
}
