/** One opened page of a run: its reader on a stage. */

import { RunReader } from "../frames/reader.js";
import { readQuery } from "../lib/address.js";
import { byId } from "../lib/dom.js";
import { formatEpoch, formatNumber, nearestIndex } from "../lib/numbers.js";
import { notify } from "../lib/toast.js";
import { aboutRun } from "../panel/about.js";
import { Panel } from "../panel/panel.js";
import { comeBack, leave } from "./carry.js";
import { closeStage, openStage } from "./current.js";
import { firstPlace } from "./first-place.js";
import { startParts } from "./parts.js";
import { framesOf } from "./placed-frames.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";
import { linkedSelection, pickedSelection } from "./uses.js";

/**
 * @import { Manifest, Mark, PlayerConfig } from "../contract.js"
 * @import { Source } from "../frames/source.js"
 * @import { Track } from "../panel/panel.js"
 * @import { Shown } from "./stage.js"
 * @import { Scale } from "./timeline.js"
 */

/** @typedef {(session: Session) => void} Part what starts with a session */

/** @type {Mark[]} the epochs that "go to where it groks" visits, in turn */
const LANDMARKS = ["grokked", "memorised"];

/**
 * @implements {Shown}
 * @implements {Track}
 */
export class Session {
  moves = true;
  followAtStart = false;
  frames = framesOf([], () => []);
  /** @type {Panel[]} */
  panels = [];
  /** @type {string[]} pins of panels that are on other pages of the run */
  elsewhere = [];
  /** @type {Timeline | null} */
  timeline = null;

  /**
   * @param {PlayerConfig} config what Python says of the page
   * @param {HTMLElement} root
   * @param {Source} source
   */
  constructor(config, root, source) {
    this.config = config;
    this.reader = new RunReader(source);
    this.stage = new Stage(root, this, config.page);
    this.wanted = comeBack(config.run, readQuery());
  }

  /**
   * Load the manifest, then start every part.
   * @param {Part[]} parts
   */
  async start(parts) {
    const { reader, stage } = this;
    reader.take(await this.readManifest());
    if (stage.closed) return;
    reader.prefetch({
      clock: stage.playhead,
      users: () => this.panels,
      emit: (name, ...values) => stage.emit(name, ...values),
    });
    const { prefetcher } = reader;
    this.frames = framesOf([prefetcher], () => prefetcher.active());
    this.timeline = new Timeline(stage, this.scale);
    this.panels = this.makePanels();
    stage.setPanels(this.panels);
    openStage(stage);
    startParts(stage);
    for (const part of parts) part(this);
    for (const notice of reader.manifest.notices) notify(notice);
    if (this.steps.length) this.begin();
    else this.timeline.waiting();
  }

  get manifest() {
    return this.reader.manifest;
  }

  get steps() {
    return this.reader.manifest ? this.reader.steps : [];
  }

  get selection() {
    return this.reader.selection;
  }

  /** @type {Track["indexAt"]} */
  indexAt = (place) => place;
  /** @type {Track["stepAt"]} */
  stepAt = (place) => this.steps[place];
  /** @type {Track["placeOf"]} */
  placeOf = (step) => nearestIndex(this.steps, step);

  /** Put the playhead where the address says, else at the beginning; it follows a live run. */
  begin() {
    const place = firstPlace(this.manifest, this.wanted);
    this.followAtStart = this.reader.running && place === this.steps.length - 1;
    this.timeline?.grow();
    this.timeline?.push(place);
    this.restorePins(this.wanted.pin);
    this.stage.begin(place);
    this.stage.emit("ready");
  }

  /**
   * The manifest that came with the page, if it is for what is wanted.
   * @returns {Manifest | Promise<Manifest>}
   */
  readManifest() {
    const { manifest, query, views } = this.config;
    if (manifest && JSON.stringify(this.wanted) === JSON.stringify(query)) {
      return structuredClone(manifest);
    }
    const { pin, t, ...asked } = this.wanted;
    return this.reader.source.manifest(views, asked, this.stage.signal);
  }

  makePanels() {
    const panels = [];
    for (const id of this.config.views) {
      const element = byId(`panel-${id}`);
      if (!element || !this.manifest.views[id]) continue;
      const panel = new Panel(this.stage, this, element);
      panel.isHost = id === this.config.host;
      panels.push(panel);
    }
    return panels;
  }

  /** @param {string | undefined} text of the address: "view:epoch,view:epoch" */
  restorePins(text) {
    for (const part of (text || "").split(",")) {
      const [id, epoch] = part.split(":");
      const panel = this.panels.find((one) => one.id === id);
      if (part && !panel) this.elsewhere.push(part);
      if (panel?.perStep && epoch && Number.isFinite(Number(epoch))) {
        panel.pin(this.steps[this.placeOf(Number(epoch))]);
      }
    }
  }

  /** @type {Shown["choose"]} */
  choose(changes) {
    for (const [name, value] of Object.entries(changes)) {
      const told = this.reader.misfit(name, value);
      if (told) notify(told);
    }
    return this.reader.choose(changes);
  }

  /** @type {Shown["state"]} */
  state() {
    /** @type {Record<string, unknown>} */
    const state = this.steps.length ? { e: this.steps[this.stage.playhead.kept] } : {};
    const views = this.panels.map((panel) => panel.view);
    const { defaults } = this.manifest;
    Object.assign(state, linkedSelection(views, { ...this.selection }, { ...defaults }));
    const pinned = this.panels.filter((panel) => panel.pinned !== null);
    const pins = [...pinned.map((one) => `${one.id}:${one.pinned}`), ...this.elsewhere];
    if (pins.length) state.pin = pins.join(",");
    if (this.config.query.panels) state.panels = this.config.query.panels;
    return state;
  }

  /** What goes along to another run: the epoch, and what is not this run's own choice. */
  picked() {
    const { e, t, panels } = this.stage.state();
    return {
      e,
      t,
      panels,
      ...pickedSelection({ ...this.selection }, { ...this.manifest.defaults }),
    };
  }

  /** @type {Shown["landmarks"]} */
  landmarks() {
    const { markers } = this.manifest;
    const found = LANDMARKS.flatMap((code) => markers.filter((mark) => mark.code === code));
    return found.map((mark) => this.placeOf(mark.step));
  }

  /** @type {Shown["noLandmark"]} */
  noLandmark() {
    return this.manifest.grok?.text || this.manifest.stand || "This run has not grokked.";
  }

  /** @type {Shown["about"]} */
  about() {
    return aboutRun(this.reader, this.stepAt(this.stage.playhead.want));
  }

  /** @type {Scale} */
  get scale() {
    return {
      words: formatEpoch,
      spread: () => (this.stage.axis === "checkpoint" ? "checkpoint" : this.selection.x),
      asked: (epoch) =>
        `Epoch ${Number.isInteger(epoch) ? formatEpoch(epoch) : formatNumber(epoch, 6)}`,
      misfits: () => this.manifest.misfits,
      thumb: "Epoch",
      total: () => {
        const last = this.steps[this.steps.length - 1] || 0;
        return `of ${formatEpoch(Math.max(this.manifest.status.epochs, last))}`;
      },
      value: (step) => `epoch ${step}`,
      announcement: (step) =>
        `Epoch ${step}. ${this.stage.host?.picture.caption.textContent || ""}`,
      spans: () =>
        this.manifest.phases.map(({ start, end, about }) => ({
          start,
          end,
          title: about,
        })),
      marks: () =>
        this.manifest.markers.map(({ label, step }) => ({
          step,
          title: `${label}: epoch ${formatEpoch(step)}`,
        })),
    };
  }

  close() {
    leave(this);
    this.stage.close();
    this.reader.close();
    closeStage(this.stage);
  }
}
