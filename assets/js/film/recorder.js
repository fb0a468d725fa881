/**
 * What is played as a film: every picture of the page that is drawn is painted on one
 * canvas too, in the size of a film, and the browser records that.
 */

import { byId, el, setAttribute, setText } from "../lib/dom.js";
import { notify, notifyError } from "../lib/toast.js";
import { saveBlob } from "../panel/export.js";
import { regionsOf } from "./boxes.js";
import { FilmCell } from "./cell.js";
import { FilmSheet } from "./sheet.js";

/**
 * @import { About } from "../panel/origin.js"
 * @import { StagePanel } from "../panel/panel.js"
 *
 * What recording needs of a stage.
 *
 * @typedef {object} RecordedStage
 * @property {StagePanel[]} panels
 * @property {number[]} steps
 * @property {Record<string, any>} selection
 * @property {{ readonly want: number, readonly shown: number, readonly playing: boolean }} playhead
 * @property {{ play(): void }} playback
 * @property {string} pageName
 * @property {AbortSignal} signal
 * @property {() => About} about
 * @property {(name: string, listener: (...values: any[]) => void) => void} on
 *
 * @typedef {{ panel: StagePanel, cell: FilmCell }} Filmed
 * @typedef {MediaStreamTrack & { requestFrame(): void }} CanvasTrack
 */

const SIZE = { width: 1920, height: 1080 };
/** Pixels of the layout of a film of a few pictures, and of one of many. */
const LAYOUT = { few: 540, many: 720, most: 3 };
const BITS_PER_SECOND = 8e6;
const CHUNK_MS = 1000;
/** How long the last picture stays. */
const END_MS = 1000;
const LOOK_MS = 500;

/** Containers and encoders, the most widely played first. */
const KINDS = [
  "video/mp4;codecs=avc1.640028",
  "video/mp4;codecs=vp09.00.40.08",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
];

/** What this browser can record as; undefined where it cannot record. */
const kindHere = () =>
  globalThis.MediaRecorder && KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));

/**
 * Named as other files are; a place on the common axis of several runs is no epoch.
 * @param {About} about
 * @param {string} view
 * @param {number[]} places that were shown
 * @param {string} extension
 */
export function filmName({ run }, view, places, extension) {
  if (!places.every(Number.isInteger)) return `${run}__${view}.${extension}`;
  const ends = [Math.min(...places), Math.max(...places)];
  const [from, to] = ends.map((epoch) => `e${String(epoch).padStart(6, "0")}`);
  return `${run}__${view}__${from}-${to}.${extension}`;
}

class Recording {
  /** @type {Filmed[]} */
  filmed = [];
  /** @type {Blob[]} */
  chunks = [];
  ended = false;
  /** @type {number[]} places on the slider's axis that were shown */
  seen = [];

  /**
   * @param {RecordedStage} stage
   * @param {string} kind
   */
  constructor(stage, kind) {
    this.stage = stage;
    this.kind = kind;
    this.since = el("span", { class: "recording-time" }, "0 s");
    this.chip = el(
      "button",
      { type: "button", class: "recording", "data-act": "record", title: "Stop recording (V)" },
      el("span", { class: "recording-dot", "aria-hidden": "true" }),
      el("span", { role: "status" }, "Recording"),
      this.since,
    );
  }

  async start() {
    const { stage } = this;
    document.body.append(this.chip);
    pressed(true);
    const shown = stage.panels.filter((one) => one.visible && one.plotted && !one.picture.missing);
    if (!shown.length) throw new Error("There is nothing on the screen to record.");
    if (stage.selection.norm === "epoch")
      throw new Error("A film keeps its ranges: choose the range of the run (R), then record.");
    const chart = shown.find((one) => one.isHost);
    const others = shown.filter((one) => one !== chart);
    const few = others.length <= LAYOUT.most;
    const ratio = SIZE.height / (few ? LAYOUT.few : LAYOUT.many);
    const [region] = regionsOf({
      width: SIZE.width / ratio,
      height: SIZE.height / ratio,
      runs: 1,
      chart: Boolean(chart),
      panels: others.length,
    });
    const stand = (/** @type {StagePanel} */ panel, /** @type {any} */ box) => {
      const veiled = panel === chart;
      return { panel, cell: new FilmCell(panel.view, { title: panel.title, box, ratio, veiled }) };
    };
    this.filmed = others.map((panel, i) => stand(panel, region.panels[i]));
    if (chart) this.filmed.push(stand(chart, region.chart));
    await Promise.all(this.filmed.map((one) => this.plot(one)));
    if (this.ended) return;
    const { run, title, config } = stage.about();
    const origin = [run, config].filter(Boolean).join(" · ");
    const cells = this.filmed.map(({ cell }) => cell);
    const widest = label(words("epoch-total").replace(/[^\d,.]/g, "") || "00.000");
    this.sheet = new FilmSheet({ ...SIZE, ratio, title, origin, widest }, cells);
    this.record(this.sheet.canvas);
  }

  /**
   * Draw the exact figure of a panel in the size of the film.
   * @param {Filmed} filmed
   */
  async plot({ panel, cell }) {
    const { playhead, signal } = this.stage;
    const answer = await panel.exact(playhead.shown, signal);
    if (answer && !this.ended) await cell.plot(answer.figure, panel.picture.answer);
  }

  /** @param {HTMLCanvasElement} canvas */
  record(canvas) {
    const { stage } = this;
    const stream = canvas.captureStream(0);
    this.track = /** @type {CanvasTrack} */ (stream.getVideoTracks()[0]);
    const settings = { mimeType: this.kind, videoBitsPerSecond: BITS_PER_SECOND };
    this.recorder = new MediaRecorder(stream, settings);
    this.recorder.addEventListener("dataavailable", ({ data }) => this.chunks.push(data));
    this.recorder.addEventListener("stop", () => this.save());
    this.recorder.start(CHUNK_MS);
    this.begun = performance.now();
    this.timer = setInterval(() => this.tell(), LOOK_MS);
    stage.on("drawn", () => this.take());
    stage.on("selected", (/** @type {string[]} */ names) => names.includes("norm") && stop(this));
    stage.on("plotted", (/** @type {StagePanel} */ panel) => this.follow(panel));
    stage.on("playing", (/** @type {boolean} */ playing) => !playing && this.atEnd());
    stage.signal.addEventListener("abort", () => stop(this));
    this.take();
    if (!stage.playhead.playing) stage.playback.play();
  }

  tell() {
    setText(this.since, `${Math.round((performance.now() - (this.begun || 0)) / 1000)} s`);
  }

  /** Paint what is on the page now. */
  take() {
    if (this.ended || !this.sheet) return;
    for (const { panel, cell } of this.filmed) {
      const { over, cursors, badgeText } = panel.picture;
      if (over) cell.draw(over.frame, over.how);
      cell.cursors = cursors;
      cell.note = badgeText;
    }
    this.seen.push(this.stage.steps[this.stage.playhead.shown]);
    this.sheet.paint(label());
    this.track?.requestFrame();
  }

  /**
   * An exact figure has replaced frames, in other ranges or of something else picked.
   * @param {StagePanel} panel
   */
  async follow(panel) {
    const filmed = this.filmed.find((one) => one.panel === panel);
    if (!filmed || this.ended) return;
    await this.plot(filmed);
    this.take();
  }

  /** It was played to its end: the last picture stays for a moment. */
  atEnd() {
    const { playhead, steps } = this.stage;
    if (playhead.want === steps.length - 1) setTimeout(() => stop(this), END_MS);
  }

  stop() {
    if (this.ended) return;
    this.take();
    this.ended = true;
    if (this.recorder)
      setTimeout(() => this.recorder?.stop(), 100); // the last picture is in
    else this.close();
  }

  save() {
    const only = this.filmed.length === 1 ? this.filmed[0].panel.id : this.stage.pageName;
    const type = this.kind.split(";")[0];
    const name = filmName(this.stage.about(), only, this.seen, type.split("/")[1]);
    saveBlob(new Blob(this.chunks, { type }), name);
    this.close();
  }

  close() {
    this.ended = true;
    clearInterval(this.timer);
    this.chip.remove();
    pressed(false);
    for (const { cell } of this.filmed) cell.close();
    this.filmed = [];
  }
}

/** @param {string} id */
const words = (id) => byId(id)?.textContent || "";

/**
 * The epoch as the page says it beside the slider.
 * @param {string} [place]
 */
function label(place = words("epoch-label")) {
  const unit = words("epoch-total");
  return unit.startsWith("of ") ? `epoch ${place} ${unit}` : `${place} ${unit}`;
}

/** @param {boolean} on whether something is being recorded */
function pressed(on) {
  for (const button of document.querySelectorAll('[data-act="record"][aria-pressed]'))
    setAttribute(button, "aria-pressed", String(on));
}

/** @type {Recording | null} */
let current = null;

/** @param {Recording} recording */
function stop(recording) {
  if (current === recording) current = null;
  recording.stop();
}

/**
 * Record what is played from here on, or stop and save what was recorded.
 * @param {RecordedStage} stage
 */
export async function toggleRecording(stage) {
  if (current) {
    stop(current);
    return;
  }
  const kind = kindHere();
  if (!kind) {
    notify("This browser cannot record. grokdash film makes the same film.", "problem");
    return;
  }
  const recording = new Recording(stage, kind);
  current = recording;
  try {
    await recording.start();
  } catch (error) {
    current = null;
    recording.close();
    notifyError(error);
  }
}
