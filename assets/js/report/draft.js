/** A report as a page has it: what is stored, what was changed since, what others did. */

/**
 * @import { ReportBody, ShownItem, ShownReport } from "../contract.js"
 */

/** @param {ShownReport} report @returns {ReportBody} */
const bodyOf = ({ revision, title, notes, items }) => ({
  revision,
  title,
  notes,
  items: items.map(({ id, title: name, caption }) => ({ id, title: name, caption })),
});

/** @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

let made = 0;

export class Draft {
  /** @type {ShownItem[]} */
  items = [];
  title = "";
  notes = "";

  /** @param {ShownReport} report as it is stored */
  constructor(report) {
    this.base = bodyOf(report);
    this.take(report);
  }

  /**
   * Take what is stored in the place of what is here.
   * @param {ShownReport} report
   */
  take(report) {
    this.base = bodyOf(report);
    this.title = report.title;
    this.notes = report.notes;
    this.items = report.items.map((one) => ({ ...one }));
  }

  get revision() {
    return this.base.revision;
  }

  get body() {
    const { title, notes, items, revision } = this;
    return {
      revision,
      title,
      notes,
      items: items.map(({ id, title: name, caption }) => ({ id, title: name, caption })),
    };
  }

  get changed() {
    return !same(this.body, this.base);
  }

  /**
   * What was sent has been stored; what was changed in the meantime stays.
   * @param {ShownReport} report
   */
  saved(report) {
    this.base = bodyOf(report);
    const known = new Map(report.items.map((one) => [one.id, one]));
    for (const item of this.items) {
      const { html } = known.get(item.id) || item;
      item.html = html;
    }
  }

  /**
   * Take over what was only added at the end by others; what was changed here stays.
   * @param {ShownReport} theirs
   * @returns {ShownItem[] | null} what was added; null if more than that was changed
   */
  merge(theirs) {
    const count = this.base.items.length;
    const before = { ...bodyOf(theirs), revision: this.revision };
    before.items = before.items.slice(0, count);
    if (!same(before, this.base)) return null;
    const added = theirs.items.slice(count).map((one) => ({ ...one }));
    this.base = bodyOf(theirs);
    this.items.push(...added);
    return added;
  }

  /** @param {string} id */
  item(id) {
    return this.items.find((one) => one.id === id);
  }

  /**
   * Move an item.
   * @param {string} id
   * @param {number} by places down, or up if negative
   * @returns {boolean} whether there was anywhere to move
   */
  move(id, by) {
    const from = this.items.findIndex((one) => one.id === id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.items.length) return false;
    this.items.splice(to, 0, ...this.items.splice(from, 1));
    return true;
  }

  /**
   * Take an item out.
   * @param {string} id
   * @returns {{ item: ShownItem, at: number } | null} what puts it back
   */
  remove(id) {
    const at = this.items.findIndex((one) => one.id === id);
    return at < 0 ? null : { item: this.items.splice(at, 1)[0], at };
  }

  /** @param {{ item: ShownItem, at: number }} taken */
  putBack({ item, at }) {
    this.items.splice(Math.min(at, this.items.length), 0, item);
  }

  /** Put words alone at the end. */
  write() {
    made += 1;
    const id = `t${Date.now().toString(36)}${made.toString(36)}`;
    /** @type {ShownItem} */
    const item = {
      id,
      kind: "text",
      title: "",
      caption: "",
      html: "",
      about: "",
      sentence: "",
      figure: "",
      height: 0,
      permalink: "",
      since: "same",
      told: "",
    };
    this.items.push(item);
    return item;
  }
}
