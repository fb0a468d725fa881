/**
 * Figures of one epoch, asked for in one turn of the page: two requests for all of them,
 * because a server makes two at a time, and each is there as soon as its line has come.
 */

import { queryString } from "../lib/address.js";
import { getJson, getLines, ServerError } from "../lib/net.js";

/** @import { FigureAnswer, FigureLine } from "../contract.js" */

/**
 * @typedef {object} Asked
 * @property {string} view
 * @property {(answer: FigureAnswer) => void} resolve
 * @property {(error: unknown) => void} reject
 */

const LANES = 2;

export class FigureRound {
  /** @type {Asked[]} */
  #asked = [];

  /**
   * @param {`/api/run/${string}`} path
   * @param {string} query
   * @param {AbortSignal} signal
   * @param {() => void} onClosed from now on nothing can be asked for
   */
  constructor(path, query, signal, onClosed) {
    this.path = path;
    this.query = query;
    this.signal = signal;
    queueMicrotask(() => {
      onClosed();
      this.#send();
    });
  }

  /**
   * @param {string} view
   * @returns {Promise<FigureAnswer>}
   */
  ask(view) {
    return new Promise((resolve, reject) => this.#asked.push({ view, resolve, reject }));
  }

  #send() {
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      this.#asked.filter((_asked, i) => i % LANES === lane),
    );
    for (const lane of lanes) {
      if (lane.length === 1) this.#one(lane[0]);
      else if (lane.length) this.#several(lane);
    }
  }

  /** @param {Asked} asked */
  #one({ view, resolve, reject }) {
    const { path, query, signal } = this;
    getJson(`${path}/figure/${view}?${query}`, { signal }).then(resolve, reject);
  }

  /** @param {Asked[]} lane */
  async #several(lane) {
    const { path, query, signal } = this;
    const waiting = new Map(lane.map((one) => [one.view, one]));
    const views = queryString({ views: [...waiting.keys()].join(",") });
    /** @type {unknown} */
    let problem = new TypeError("the answer ended early");
    try {
      for await (const text of getLines(`${path}/figures?${views}&${query}`, { signal })) {
        /** @type {FigureLine} */
        const { view, status, answer } = JSON.parse(text);
        const one = waiting.get(view);
        waiting.delete(view);
        if ("figure" in answer) one?.resolve(answer);
        else one?.reject(new ServerError(answer.error, status));
      }
    } catch (error) {
      problem = error;
    }
    for (const { reject } of waiting.values()) reject(problem);
  }
}
