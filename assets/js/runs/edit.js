/** Name, tags and note of a run; deleting asks for a second press. */

import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { postJson } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { refreshRuns } from "./list.js";
import { trainingTools } from "./trainers.js";

/** @import { NotesBody, RunRow } from "../contract.js" */

/**
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 */
const labelled = (label, input) =>
  el("label", { class: "form-row", for: input.id }, el("span", {}, label), input);

/** The fields of what the user writes about a run. */
class Notes {
  /** @param {RunRow} run */
  constructor(run) {
    this.title = el("input", { class: "field wide", id: "edit-title" });
    this.title.value = run.title === run.id ? "" : run.title;
    this.tags = el("input", { class: "field wide", id: "edit-tags" });
    this.tags.value = run.tags.join(", ");
    this.notes = el("textarea", { class: "field wide", id: "edit-notes" });
    this.notes.value = run.notes;
  }

  get rows() {
    return [
      labelled("Name", this.title),
      labelled("Tags, by commas", this.tags),
      labelled("Note", this.notes),
    ];
  }

  /** @returns {NotesBody} */
  get values() {
    const tags = this.tags.value.split(",").map((tag) => tag.trim());
    return { title: this.title.value.trim(), tags: tags.filter(Boolean), notes: this.notes.value };
  }
}

/**
 * Name, tags and note of a run; deleting asks for a second press.
 * @param {RunRow} run
 */
export function editRun(run) {
  const notes = new Notes(run);
  /** @type {`/api/run/${string}`} */
  const path = `/api/run/${encodeURIComponent(run.id)}`;
  const form = el(
    "form",
    { class: "edit-form" },
    run.problem ? el("p", { class: "broken" }, run.problem) : null,
    ...notes.rows,
  );
  const remove = el("button", { type: "button", class: "tool danger" }, "Delete …");
  const keep = el("button", { type: "submit", class: "tool primary" }, "Save");
  form.append(el("div", { class: "tools" }, remove, el("span", { class: "spacer" }), keep));
  const dialog = openDialog(run.id, form);
  const training = trainingTools(run, { leave: () => dialog.close() });
  form.before(el("div", { class: "tools log-tools edit-training" }, ...training));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await postJson(`${path}/notes`, notes.values);
      dialog.close();
      refreshRuns();
    } catch (error) {
      notifyError(error);
    }
  });
  remove.addEventListener("click", async () => {
    if (remove.dataset.sure !== "1") {
      remove.dataset.sure = "1";
      remove.textContent = `Delete ${run.id} and all its checkpoints for ever`;
      return;
    }
    try {
      await postJson(`${path}/delete`, { confirm: run.id });
      dialog.close();
      refreshRuns();
    } catch (error) {
      notifyError(error);
    }
  });
}
