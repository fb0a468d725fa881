/** Settling: exact figures once the playhead rests. */

/**
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Stage } from "./stage.js"
 */

/** Until it is known which panels are on screen. */
const LOOK_MS = 16;

export class Settler {
  /** @type {AbortController | null} */
  running = null;
  /** The place that is being settled, or was last. */
  place = -1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
  }

  cancel() {
    if (this.running) this.running.abort();
    this.running = null;
  }

  /** Fetch all figures at once, plot them one by one so that input stays smooth. */
  async start() {
    const { stage } = this;
    const { playhead } = stage;
    if (stage.closed || playhead.playing || !stage.steps.length) return;
    this.cancel();
    const panels = stage.panels.filter((panel) => panel.visible);
    if (stage.panels.some((panel) => panel.visible === null)) {
      this.soon(LOOK_MS);
      return;
    }
    clearTimeout(this.timer);
    playhead.stop();
    const round = new AbortController();
    this.running = round;
    if (playhead.drawn !== playhead.want) playhead.wake();
    const place = playhead.want;
    this.place = place;
    panels.sort((a, b) => Number(b.isHost) - Number(a.isHost));
    await Promise.all(panels.map((panel) => panel.settle(place, round.signal)));
    if (round.signal.aborted || stage.closed) return;
    this.running = null;
    stage.emit("settled", stage.steps[place]);
  }

  /**
   * Settle one panel by itself, when it was pinned or is to be saved.
   * @param {StagePanel} panel
   */
  async one(panel) {
    if (this.stage.closed) return;
    await panel.settle(this.stage.playhead.want, new AbortController().signal);
  }

  /** @param {number} delay milliseconds */
  soon(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), delay);
  }
}
