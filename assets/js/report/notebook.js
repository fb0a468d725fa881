/** A report on its page: a notebook of frozen pictures that saves itself. */

import { reportAddress } from "../lib/address.js";
import { byId, el, setText } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl, postJson } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { onChanged } from "../panel/to-report.js";
import { Draft } from "./draft.js";
import { printReport, saveReport } from "./files.js";
import { button, filesMenu, removedList, titleField } from "./heading.js";
import { ItemView } from "./item.js";
import { Pictures } from "./pictures.js";
import { Prose } from "./prose.js";
import { Saving } from "./saving.js";

/** @import { Named, ReportBody, ShownItem, ShownReport } from "../contract.js" */

const EMPTY =
  "Nothing is in this report yet. Open a run, a sweep or a comparison, open the menu ⋯ of a " +
  "picture and choose Add to report: pictures come to the report that you opened last.";

export class Notebook {
  /** @type {Map<string, ItemView>} */
  views = new Map();
  list = el("div", { class: "report-items" });
  empty = el("p", { class: "report-empty" }, EMPTY);
  status = el("span", { class: "report-status quiet", role: "status" });

  /**
   * @param {ShownReport} report
   * @param {AbortSignal} signal
   */
  constructor(report, signal) {
    this.name = report.name;
    this.writable = report.writable;
    this.html = report.html;
    this.gone = report.removed;
    this.pictures = new Pictures(this.name, signal);
    this.draft = new Draft(report);
    this.saving = new Saving(this.name, this.draft, {
      say: (words, kind) => this.say(words, kind),
      saved: (saved) => this.rendered(saved),
      added: (items) => this.added(items),
      replaced: (theirs) => this.replaced(theirs),
      conflict: (theirs) => this.conflict(theirs),
    });
    this.notes = this.notesField();
    this.layOut();
    onChanged((name) => name === this.name && this.saving.changedElsewhere(), signal);
    const keep = (/** @type {Event} */ event) => this.saving.open && event.preventDefault();
    window.addEventListener("beforeunload", keep, { signal });
    requestIdleCallback(() => this.pictures.all());
  }

  layOut() {
    const foot = el("div", { class: "report-foot" });
    if (this.writable) foot.append(button("Add words", () => this.write()));
    if (this.gone.length) foot.append(removedList(this.gone, (item) => this.putBack(item)));
    const parts = [this.head(), this.notes.element, this.list, this.empty, foot];
    byId("report")?.replaceChildren(...parts);
    this.added(this.draft.items);
    this.say(this.writable ? "Saved" : "This server only shows reports");
  }

  head() {
    const { draft, writable } = this;
    const title = titleField({
      tag: "h1",
      label: "Title of the report",
      title: draft.title,
      writable,
      changed: (text) => {
        draft.title = text;
        this.saving.soon();
      },
      done: () => this.saving.now(),
    });
    const menu = filesMenu({
      save: async (kind) => {
        await this.saving.now();
        saveReport(this.name, draft.revision, kind);
      },
      print: () => printReport(this.pictures),
      duplicate: writable ? () => this.duplicate() : null,
    });
    return el("div", { class: "report-top" }, ...title, this.status, menu);
  }

  notesField() {
    return new Prose({
      label: "Notes",
      empty: "Add notes",
      writable: this.writable,
      text: () => this.draft.notes,
      html: () => this.html,
      changed: (text) => {
        this.draft.notes = text;
        this.saving.soon();
      },
      done: () => this.saving.now(),
    });
  }

  /** @param {ShownItem} item */
  view(item) {
    const made = new ItemView(item, {
      writable: this.writable,
      pictures: this.pictures,
      changed: () => this.saving.soon(),
      done: () => this.saving.now(),
      move: (id, by) => this.move(id, by),
      remove: (id) => this.remove(id),
    });
    this.views.set(item.id, made);
    return made;
  }

  /** @param {string} words @param {"problem"} [kind] */
  say(words, kind) {
    setText(this.status, words);
    this.status.classList.toggle("broken", kind === "problem");
  }

  /**
   * Show what the server has made of the words.
   * @param {ShownReport} report
   */
  rendered(report) {
    this.html = report.html;
    this.notes.show();
    for (const { prose } of this.views.values()) prose.show();
  }

  counted() {
    this.empty.hidden = this.draft.items.length > 0;
  }

  /** @param {ShownItem[]} items that are new on the page, at its end */
  added(items) {
    for (const item of items) this.list.append(this.view(item).element);
    this.counted();
  }

  /** @param {ShownItem} item that was removed before */
  putBack(item) {
    if (this.draft.item(item.id)) return;
    this.draft.items.push(item);
    this.added([item]);
    this.views.get(item.id)?.focus(-1);
    this.saving.soon();
  }

  write() {
    const item = this.draft.write();
    this.added([item]);
    this.views.get(item.id)?.prose.edit();
    this.saving.soon();
  }

  /** @param {string} id @param {number} by */
  move(id, by) {
    const view = this.views.get(id);
    if (!view || !this.draft.move(id, by)) return;
    this.order();
    view.focus(by);
    view.element.scrollIntoView({ block: "nearest" });
    const place = this.draft.items.findIndex((one) => one.id === id) + 1;
    setText(byId("live-region"), `${view.name}: place ${place} of ${this.draft.items.length}`);
    this.saving.soon();
  }

  /** Put what stands on the page into the order of the draft. */
  order() {
    for (const { id } of this.draft.items) {
      const view = this.views.get(id);
      if (view) this.list.append(view.element);
    }
  }

  /** @param {string} id */
  remove(id) {
    const view = this.views.get(id);
    const taken = this.draft.remove(id);
    if (!view || !taken) return;
    const strip = el("p", { class: "report-removed", role: "status" });
    const back = button("Put back", () => {
      this.draft.putBack(taken);
      strip.replaceWith(view.element);
      this.order();
      view.focus(-1);
      this.edited();
    });
    strip.append(`Removed: ${view.name}.`, back);
    view.element.replaceWith(strip);
    back.focus();
    this.edited();
  }

  edited() {
    this.counted();
    this.saving.soon();
  }

  /** @param {ShownReport} theirs what others have saved takes the place of what is here */
  replaced(theirs) {
    this.draft.take(theirs);
    this.saving.goOn();
    this.html = theirs.html;
    this.gone = theirs.removed;
    this.notes = this.notesField();
    this.views.clear();
    this.list.replaceChildren();
    this.layOut();
  }

  /** @param {ShownReport} theirs */
  conflict(theirs) {
    const mine = () => this.copy({ title: `${this.draft.title} (mine)`, report: this.draft.body });
    const banner = el(
      "div",
      { class: "report-conflict alert alert-warning", role: "alert" },
      "This report was changed in another tab or by somebody else: it is at revision " +
        `${theirs.revision}, yours began at ${this.draft.revision}. Nothing was overwritten.`,
      el(
        "div",
        {},
        button("Load theirs", () => this.replaced(theirs)),
        button("Keep mine under another name", mine),
      ),
    );
    byId("report")?.prepend(banner);
    banner.scrollIntoView({ block: "nearest" });
  }

  async duplicate() {
    await this.saving.now();
    await this.copy({ title: `${this.draft.title} (copy)` });
  }

  /**
   * Begin a copy and go there.
   * @param {{ title: string, report?: ReportBody }} body what is on the page, or what is stored
   */
  async copy(body) {
    /** @type {`/api/report/${string}/copy`} */
    const path = `/api/report/${encodeURIComponent(this.name)}/copy`;
    try {
      /** @type {Named} */
      const { name } = await (await postJson(path, body)).json();
      navigate(appUrl(reportAddress(name)));
    } catch (error) {
      notifyError(error);
    }
  }
}
