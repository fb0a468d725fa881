/** The dialog in which the panels of a page are chosen and put in order. */

import { closeDialog, openDialog } from "../lib/dialog.js";
import { el, setText } from "../lib/dom.js";

/** @import { Arrangement, OfferedView } from "../contract.js" */

/**
 * Views that hold every word of what is searched, in what is said of them.
 * @param {OfferedView[]} views
 * @param {string} text
 */
export function found(views, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return views.filter(({ id, title, subject, question }) => {
    const all = `${title} ${subject} ${question} ${id}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/**
 * The list after one change.
 * @param {string[]} ids
 * @param {"up" | "down" | "remove"} change
 * @param {string} id
 */
export function changed(ids, change, id) {
  const place = ids.indexOf(id);
  const others = ids.filter((one) => one !== id);
  if (change === "remove") return others.length ? others : ids;
  const to = Math.min(Math.max(place + (change === "up" ? -1 : 1), 0), others.length);
  return others.toSpliced(to, 0, id);
}

class Choice {
  list = el("ol", { class: "chosen-views" });
  offers = el("div", { class: "offered-views", role: "group", "aria-label": "Views" });
  hint = el("p", { class: "quiet", "aria-live": "polite" });
  field = el("input", {
    type: "search",
    class: "field wide",
    placeholder: "Search the views",
    "aria-label": "Search the views",
    "data-focus": true,
    oninput: () => this.showOffers(),
  });

  /**
   * @param {Arrangement} arrangement
   * @param {string | null} replacing the view whose place the next one takes
   */
  constructor(arrangement, replacing) {
    this.arrangement = arrangement;
    this.replacing = replacing;
    this.ids = [...arrangement.chosen];
    this.show();
  }

  /** @param {string} id */
  titleOf(id) {
    return this.arrangement.views.find((one) => one.id === id)?.title || id;
  }

  show() {
    this.list.replaceChildren(...this.ids.map((id, place) => this.row(id, place)));
    this.showOffers();
  }

  /**
   * @param {string} id
   * @param {number} place
   */
  row(id, place) {
    const title = this.titleOf(id);
    const last = this.ids.length - 1;
    /**
     * @param {string} name
     * @param {string} text
     * @param {string} label
     * @param {boolean} off
     * @param {() => void} act
     */
    const button = (name, text, label, off, act) =>
      el(
        "button",
        {
          type: "button",
          class: "tool",
          "data-do": `${name} ${id}`,
          "aria-label": `${label} ${title}`,
          title: label,
          disabled: off,
          onclick: () => {
            act();
            this.show();
            this.focus(`${name} ${id}`);
          },
        },
        text,
      );
    const change = (/** @type {"up" | "down" | "remove"} */ how) => () => {
      this.ids = changed(this.ids, how, id);
      if (this.replacing === id && how === "remove") this.replacing = null;
    };
    const replaced = this.replacing === id;
    return el(
      "li",
      { class: replaced ? "replaced" : null },
      el("span", { class: "chosen-title" }, title),
      button("up", "↑", "Earlier:", place === 0, change("up")),
      button("down", "↓", "Later:", place === last, change("down")),
      button("swap", replaced ? "Keep" : "Replace", replaced ? "Keep" : "Replace", false, () => {
        this.replacing = replaced ? null : id;
      }),
      button("remove", "Remove", "Remove", last === 0, change("remove")),
    );
  }

  /** @param {string} name of the button that was pressed, which is made anew */
  focus(name) {
    const button = this.list.querySelector(`[data-do="${name}"]:not(:disabled)`);
    if (button instanceof HTMLElement) button.focus();
    else this.field.focus();
  }

  showOffers() {
    const { most, views } = this.arrangement;
    const full = !this.replacing && this.ids.length >= most;
    const offered = found(views, this.field.value);
    const subjects = [...new Set(offered.map((one) => one.subject))];
    this.offers.replaceChildren(
      ...subjects.map((subject) =>
        el(
          "fieldset",
          {},
          el("legend", {}, subject),
          ...offered.filter((one) => one.subject === subject).map((one) => this.offer(one, full)),
        ),
      ),
    );
    setText(this.hint, this.advice(offered.length, full));
  }

  /**
   * @param {number} count
   * @param {boolean} full
   */
  advice(count, full) {
    if (!count) return "No view has these words.";
    if (this.replacing)
      return `The view you press takes the place of ${this.titleOf(this.replacing)}.`;
    if (full) return `${this.arrangement.most} panels are the most: remove or replace one.`;
    return "The view you press comes last.";
  }

  /**
   * @param {OfferedView} view
   * @param {boolean} full
   */
  offer({ id, missing, question, title }, full) {
    const here = this.ids.includes(id);
    const why = missing || (here ? "shown already" : question);
    return el(
      "button",
      {
        type: "button",
        class: "offered-view",
        disabled: here || full || Boolean(missing),
        onclick: () => this.take(id),
      },
      el("span", {}, title),
      el("span", { class: "quiet" }, why),
    );
  }

  /** @param {string} id */
  take(id) {
    const place = this.replacing ? this.ids.indexOf(this.replacing) : -1;
    this.ids = place < 0 ? [...this.ids, id] : this.ids.with(place, id);
    this.replacing = null;
    this.field.value = "";
    this.show();
    this.field.focus();
  }

  reset() {
    this.ids = [...this.arrangement.defaults];
    this.replacing = null;
    this.show();
  }
}

/**
 * Open the dialog.
 * @param {Arrangement} arrangement
 * @param {{ id: string } | null} replacing the panel that it is about, if it is about one
 * @param {(ids: string[]) => void} use called with what was chosen
 */
export function chooseViews(arrangement, replacing, use) {
  const choice = new Choice(arrangement, replacing?.id ?? null);
  const done = () => {
    closeDialog();
    use(choice.ids);
  };
  const foot = el(
    "div",
    { class: "tools choose-foot" },
    el("button", { type: "button", class: "tool", onclick: () => choice.reset() }, "Reset"),
    el("span", { class: "spacer" }),
    el("button", { type: "button", class: "tool primary", onclick: done }, "Show these panels"),
  );
  const { field, hint, list, offers } = choice;
  openDialog("Panels", { wide: true, content: [list, field, hint, offers, foot] });
}
