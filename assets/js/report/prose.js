/** Words in Markdown: shown as the server has rendered them, edited as they are written. */

import { el } from "../lib/dom.js";

const LEAST_ROWS = 3;

/** @param {HTMLTextAreaElement} area made as high as what is in it */
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

/**
 * What the server has made of Markdown: nothing in it runs.
 * @param {string} html
 */
function nodesOf(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return [...body.childNodes];
}

export class Prose {
  /**
   * @param {object} what
   * @param {string} what.label of the field
   * @param {string} what.empty what the button says where nothing is written
   * @param {boolean} what.writable
   * @param {() => string} what.text as it is written
   * @param {() => string} what.html as it is shown
   * @param {(text: string) => void} what.changed
   * @param {() => void} what.done writing has ended
   */
  constructor(what) {
    this.what = what;
    this.shown = el("div", { class: "prose" });
    this.button = el("button", { type: "button", class: "tool prose-edit" });
    this.button.addEventListener("click", () => this.edit());
    this.area = el("textarea", {
      class: "form-control prose-area",
      "aria-label": `${what.label}, in Markdown`,
      rows: LEAST_ROWS,
      hidden: true,
    });
    this.area.addEventListener("input", () => {
      grow(this.area);
      what.changed(this.area.value);
    });
    this.area.addEventListener("blur", () => this.end());
    this.area.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.end();
      this.button.focus();
    });
    this.shown.addEventListener("dblclick", () => what.writable && this.edit());
    this.element = el("div", { class: "prose-holder" }, this.shown, this.area, this.button);
    this.show();
  }

  get editing() {
    return !this.area.hidden;
  }

  /** Show what is written as the server has rendered it last. */
  show() {
    const { text, html, writable, empty, label } = this.what;
    if (this.editing) return;
    const written = text().trim();
    this.shown.replaceChildren(...nodesOf(html()));
    this.shown.hidden = !written;
    this.button.hidden = !writable;
    this.button.textContent = written ? "Edit" : empty;
    if (written) this.button.setAttribute("aria-label", `Edit: ${label}`);
    else this.button.removeAttribute("aria-label");
    this.element.classList.toggle("prose-empty", !written);
  }

  edit() {
    this.area.value = this.what.text();
    this.area.hidden = false;
    this.shown.hidden = true;
    this.button.hidden = true;
    this.area.focus();
    grow(this.area);
  }

  end() {
    if (!this.editing) return;
    this.area.hidden = true;
    this.show();
    this.what.done();
  }
}
