/** The list of sweeps while it is open: what can be started from it. */

import { byId, closest, el } from "../lib/dom.js";
import { getJson } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { openOwn, openShipped } from "./sweep-form.js";

/**
 * @import { ShippedSweep, SweepForm } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/** @implements {OpenPage} */
export class SweepsPage {
  controller = new AbortController();

  constructor() {
    const { signal } = this.controller;
    const press = (/** @type {MouseEvent} */ { target }) => {
      if (closest(target, "[data-new-sweep]")) openOwn();
    };
    document.addEventListener("click", press, { signal });
    this.offer();
  }

  async offer() {
    try {
      const form = await getJson("/api/sweeps/form", { cache: "no-store" });
      if (!this.controller.signal.aborted) byId("sweeps-shipped")?.replaceChildren(...offers(form));
    } catch (error) {
      notifyError(error);
    }
  }

  close() {
    this.controller.abort();
  }
}

/** @param {SweepForm} form */
function offers({ shipped, basis, why_not }) {
  const head = ["Sweep", "Varies", "Runs", "Time", "Disk"];
  const heard = why_not ? [] : [el("span", { class: "visually-hidden" }, "Start")];
  const cells = [...head, ...heard].map((name) => el("th", { scope: "col" }, name));
  return [
    el(
      "div",
      { class: "sweep-scroll" },
      el(
        "table",
        { class: "sweep-table sweep-list" },
        el("thead", {}, el("tr", {}, ...cells)),
        el("tbody", {}, ...shipped.map((one) => offer(one, !why_not))),
      ),
    ),
    el(
      "p",
      { class: "quiet" },
      `Time: ${basis}.${why_not ? ` None can be started: ${why_not}.` : ""}`,
    ),
  ];
}

/**
 * @param {ShippedSweep} sweep
 * @param {boolean} may
 */
function offer(sweep, may) {
  const { name, title, question, varies, runs, left, duration, size } = sweep;
  const start = el("button", { type: "button", class: "tool framed" }, "Start …");
  start.setAttribute("aria-label", `Start ${title}`);
  start.addEventListener("click", () => openShipped(sweep));
  const count = left && left < runs ? `${runs}, ${left} left` : `${runs}`;
  return el(
    "tr",
    { "data-shipped": name },
    el("td", {}, el("strong", {}, title), el("div", { class: "quiet" }, question)),
    el("td", { "data-label": "Varies" }, varies),
    el("td", { "data-label": "Runs" }, count),
    el("td", { "data-label": "Time" }, left ? duration : "trained"),
    el("td", { "data-label": "Disk" }, left ? size : ""),
    may ? el("td", {}, start) : null,
  );
}
