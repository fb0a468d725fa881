/** Saves a draft a moment after each change, and says whether it is saved. */

import { getJson, isNetwork, messageOf, postJson, statusOf } from "../lib/net.js";
import { tellChanged } from "../panel/to-report.js";

/**
 * @import { ShownItem, ShownReport } from "../contract.js"
 * @import { Draft } from "./draft.js"
 */

const WAIT_MS = 700;
const AGAIN_MS = 4000;
const CONFLICT = 409;

/**
 * What the page does with what happens.
 *
 * @typedef {object} Told
 * @property {(words: string, kind?: "problem") => void} say whether it is saved
 * @property {(report: ShownReport) => void} saved
 * @property {(items: ShownItem[]) => void} added by others, at the end
 * @property {(theirs: ShownReport) => void} replaced by what others have saved
 * @property {(theirs: ShownReport) => void} conflict
 */

export class Saving {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;
  /** @type {Promise<void> | null} */
  busy = null;
  stopped = false;

  /**
   * @param {string} name of the report
   * @param {Draft} draft
   * @param {Told} told
   */
  constructor(name, draft, told) {
    /** @type {`/api/report/${string}`} */
    this.path = `/api/report/${encodeURIComponent(name)}`;
    this.name = name;
    this.draft = draft;
    this.told = told;
  }

  /** Whether anything would be lost with the page. */
  get open() {
    return this.draft.changed || this.busy !== null;
  }

  /** Something was changed. */
  soon() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const { changed } = this.draft;
    this.told.say(changed || this.busy ? "Not saved yet" : "Saved");
    if (!changed) return;
    this.timer = setTimeout(() => this.now(), WAIT_MS);
  }

  /** Save what is changed; of several calls one is at work at a time. */
  async now() {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    if (this.stopped || !this.draft.changed) return;
    this.busy = this.send();
    try {
      await this.busy;
    } finally {
      this.busy = null;
    }
  }

  async send() {
    this.told.say("Saving …");
    try {
      const answer = await postJson(`${this.path}/save`, this.draft.body);
      /** @type {ShownReport} */
      const report = await answer.json();
      this.draft.saved(report);
      tellChanged(this.name);
      this.told.saved(report);
      this.told.say(this.draft.changed ? "Not saved yet" : "Saved");
    } catch (error) {
      await this.failed(error);
    }
  }

  /** @param {unknown} error */
  async failed(error) {
    if (statusOf(error) === CONFLICT && (await this.settle())) {
      await this.send();
      return;
    }
    if (this.stopped) return;
    this.told.say(`Not saved: ${messageOf(error)}`, "problem");
    if (isNetwork(error)) this.timer = setTimeout(() => this.now(), AGAIN_MS);
  }

  /**
   * Somebody else has saved: take over what was only added, ask about anything else.
   * @returns {Promise<boolean>} whether this can be saved now
   */
  async settle() {
    const theirs = await getJson(this.path);
    const added = this.draft.merge(theirs);
    if (added) {
      this.told.added(added);
      return true;
    }
    this.stop();
    this.told.say("Not saved: changed elsewhere", "problem");
    this.told.conflict(theirs);
    return false;
  }

  /** Another tab has changed the report. */
  async changedElsewhere() {
    if (this.stopped || this.busy) return;
    const theirs = await getJson(this.path);
    if (this.stopped || this.busy || theirs.revision <= this.draft.revision) return;
    if (this.draft.changed) {
      await this.now();
      return;
    }
    const added = this.draft.merge(theirs);
    if (added) this.told.added(added);
    else this.told.replaced(theirs);
  }

  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
  }

  /** What the page has is what is stored again. */
  goOn() {
    this.stopped = false;
  }
}
