/** Name, tags and note of a run; deleting asks for a second press. */

import { closeDialog, openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { postJson } from "../lib/net.js";
import { notify, notifyError } from "../lib/toast.js";
import { tellChanged } from "./changed.js";
import { runPath, trainingTools } from "./trainers.js";

/** @import { Deleted, NotesBody, RunRow } from "../contract.js" */

/**
 * What is written about a run in a form.
 * @param {HTMLFormElement} form
 * @returns {NotesBody}
 */
function notesIn(form) {
  const values = new FormData(form);
  const text = (/** @type {string} */ name) => String(values.get(name) ?? "");
  const tags = text("tags")
    .split(",")
    .map((tag) => tag.trim());
  return { title: text("title").trim(), tags: tags.filter(Boolean), notes: text("notes") };
}

/**
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {string} value
 */
function field(label, input, value) {
  input.value = value;
  return el("label", { class: "form-row" }, el("span", {}, label), input);
}

/** @param {"title" | "tags"} name */
const line = (name) => el("input", { class: "form-control", name });

/**
 * Tell the server what was written; the dialog closes if it agrees.
 * @param {RunRow} run
 * @param {NotesBody} body
 */
async function save(run, body) {
  try {
    await postJson(runPath(run.id, "notes"), body);
    closeDialog();
    tellChanged();
  } catch (error) {
    notifyError(error);
  }
}

/**
 * Delete a run; the dialog closes if it is gone, and what is left of its folder is told.
 * @param {RunRow} run
 */
async function remove(run) {
  try {
    const answer = await postJson(runPath(run.id, "delete"), { confirm: run.id });
    /** @type {Deleted} */
    const { left } = await answer.json();
    closeDialog();
    tellChanged();
    if (left) notify(left, "problem");
  } catch (error) {
    notifyError(error);
  }
}

/** @param {RunRow} run */
function removeButton(run) {
  const button = el("button", { type: "button", class: "tool danger" }, "Delete …");
  let sure = false;
  button.addEventListener("click", () => {
    if (sure) {
      remove(run);
      return;
    }
    sure = true;
    button.textContent = `Delete ${run.id} and all its checkpoints for ever`;
  });
  return button;
}

/** @param {RunRow} run */
export function editRun(run) {
  const form = el(
    "form",
    {},
    field("Name", line("title"), run.name),
    field("Tags, by commas", line("tags"), run.tags.join(", ")),
    field("Note", el("textarea", { class: "form-control", name: "notes", rows: 5 }), run.notes),
    el(
      "div",
      { class: "tools" },
      removeButton(run),
      el("span", { class: "spacer" }),
      el("button", { type: "submit", class: "tool primary" }, "Save"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(run, notesIn(form));
  });
  const { problem } = run;
  const told = problem ? el("div", { class: "alert alert-danger" }, problem) : null;
  const training = el("div", { class: "tools edit-training" }, ...trainingTools(run));
  openDialog(run.title, { content: [told, training, form] });
}
