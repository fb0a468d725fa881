/** The list of reports: open, begin, rename, duplicate, delete. */

import { reportAddress } from "../lib/address.js";
import { byId, el } from "../lib/dom.js";
import { follow, navigate } from "../lib/navigation.js";
import { appUrl, getJson, isAbort, postJson } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { beginReport, openReport, setOpenReport } from "../panel/to-report.js";

/**
 * @import { ReportBrief, ShownItem } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/** @param {string} name @returns {`/api/report/${string}`} */
const pathOf = (name) => `/api/report/${encodeURIComponent(name)}`;

/** @param {ShownItem} item */
const bodyOf = ({ id, title, caption }) => ({ id, title, caption });

/** @param {number} seconds since 1970 */
const dayOf = (seconds) =>
  new Date(1000 * seconds).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

/** @implements {OpenPage} */
export class ReportsPage {
  controller = new AbortController();

  constructor() {
    this.look();
  }

  async look() {
    try {
      const { signal } = this.controller;
      const { reports, writable } = await getJson("/api/reports", { signal });
      byId("reports")?.replaceChildren(
        writable ? this.beginning() : "",
        reports.length ? this.table(reports, writable) : el("p", {}, "No report is stored yet."),
      );
    } catch (error) {
      if (!isAbort(error)) notifyError(error);
    }
  }

  /** The form that begins a report. */
  beginning() {
    const field = el("input", {
      class: "form-control",
      maxlength: 200,
      placeholder: "Name of a new report",
      "aria-label": "Name of a new report",
    });
    const button = el("button", { type: "submit", class: "tool primary" }, "New report");
    const form = el("form", { class: "report-new" }, field, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.done(async () => {
        const name = await beginReport(field.value.trim() || "Report");
        navigate(appUrl(reportAddress(name)));
      });
    });
    return form;
  }

  /**
   * @param {ReportBrief[]} reports
   * @param {boolean} writable
   */
  table(reports, writable) {
    const heads = ["Report", "Items", "Changed", writable ? "Actions" : ""].filter(Boolean);
    const head = el("tr", {}, ...heads.map((name) => el("th", { scope: "col" }, name)));
    const rows = reports.map((one) => this.row(one, writable));
    const table = { class: "sweep-table sweep-list report-list" };
    return el("table", table, el("thead", {}, head), el("tbody", {}, ...rows));
  }

  /**
   * @param {ReportBrief} report
   * @param {boolean} writable
   */
  row(report, writable) {
    const { name, title, items, changed, problem } = report;
    const href = appUrl(reportAddress(name));
    const link = el("a", { href, class: "sweep-link" }, title);
    link.addEventListener("click", (event) => follow(event, href));
    const open = name === openReport() ? el("span", { class: "tag" }, "pictures come here") : null;
    const told = problem ? el("div", { class: "broken" }, problem) : null;
    const cell = (/** @type {string} */ label, /** @type {(Node | string | null)[]} */ ...inside) =>
      el("td", { "data-label": label }, ...inside);
    return el(
      "tr",
      {},
      el("td", {}, problem ? title : link, open, told),
      cell("Items", problem ? "–" : String(items)),
      cell("Changed", problem ? "–" : dayOf(changed)),
      writable ? this.actions(report) : null,
    );
  }

  /** @param {ReportBrief} report */
  actions({ name, title, problem }) {
    const made = (/** @type {string} */ words, /** @type {() => void} */ press) => {
      const button = el("button", { type: "button", class: "tool" }, words);
      button.setAttribute("aria-label", `${words}: ${title}`);
      button.addEventListener("click", press);
      return button;
    };
    const copy = () =>
      this.done(async () => {
        await postJson(`${pathOf(name)}/copy`, { title: `${title} (copy)` });
        await this.look();
      });
    const remove = made("Delete", () => {
      const sure = made("Delete for good", () => this.remove(name));
      sure.classList.add("danger");
      const keep = made("Keep", () => sure.replaceWith(remove));
      keep.addEventListener("click", () => keep.remove());
      remove.replaceWith(sure, keep);
      keep.focus();
    });
    const rename = made("Rename", () => {
      const field = el("input", { class: "form-control", maxlength: 200, value: title });
      field.setAttribute("aria-label", `New name of ${title}`);
      const form = el("form", {}, field, el("button", { type: "submit", class: "tool" }, "Save"));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.rename(name, field.value);
      });
      rename.replaceWith(form);
      field.select();
    });
    const able = problem ? [] : [rename, made("Duplicate", copy)];
    return el("td", { class: "report-actions" }, el("div", {}, ...able, remove));
  }

  /**
   * @param {string} name
   * @param {string} title its new one; addresses stay
   */
  rename(name, title) {
    this.done(async () => {
      const { revision, notes, items } = await getJson(pathOf(name));
      await postJson(`${pathOf(name)}/save`, { revision, notes, title, items: items.map(bodyOf) });
      await this.look();
    });
  }

  /** @param {string} name */
  remove(name) {
    this.done(async () => {
      await postJson(`${pathOf(name)}/delete`, { confirm: name });
      if (openReport() === name) setOpenReport(null);
      await this.look();
    });
  }

  /** @param {() => Promise<void>} what */
  async done(what) {
    try {
      await what();
    } catch (error) {
      notifyError(error);
    }
  }

  close() {
    this.controller.abort();
  }
}
