/** The page of a report while it is open. */

import { getJson, isAbort } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { setOpenReport } from "../panel/to-report.js";
import { Notebook } from "./notebook.js";

/**
 * @import { ReportConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/** @implements {OpenPage} */
export class ReportPage {
  controller = new AbortController();
  /** @type {Notebook | null} */
  notebook = null;

  /** @param {ReportConfig} config */
  constructor({ name }) {
    this.name = name;
    this.start().catch((error) => isAbort(error) || notifyError(error));
  }

  async start() {
    const { signal } = this.controller;
    const report = await getJson(`/api/report/${encodeURIComponent(this.name)}`, { signal });
    if (report.writable) setOpenReport(this.name);
    this.notebook = new Notebook(report, signal);
  }

  close() {
    this.notebook?.saving.now();
    this.controller.abort();
  }
}
