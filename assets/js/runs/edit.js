/** Name, tags and note of a run; deleting asks for a second press. */

import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { postJson } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { refreshRuns } from "./list.js";
import { trainingTools } from "./trainers.js";

/** @import { RunRow } from "../contract.js" */

async function save(run, form) {
  const tags = form.tags.value
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  await postJson(`/api/run/${encodeURIComponent(run.id)}/notes`, {
    title: form.title.value.trim(),
    tags,
    notes: form.notes.value,
  });
}

function field(label, name, value, tag = "input") {
  const input = el(tag, { class: "field wide", name, id: `edit-${name}` });
  input.value = value || "";
  return el("label", { class: "form-row", for: `edit-${name}` }, el("span", {}, label), input);
}

/** Name, tags and note of a run; deleting asks for a second press. */
export function editRun(run) {
  const form = el(
    "form",
    { class: "edit-form" },
    run.problem ? el("p", { class: "broken" }, run.problem) : null,
    field("Name", "title", run.title === run.id ? "" : run.title),
    field("Tags, by commas", "tags", (run.tags || []).join(", ")),
    field("Note", "notes", run.notes, "textarea"),
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
      await save(run, form.elements);
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
      await postJson(`/api/run/${encodeURIComponent(run.id)}/delete`, { confirm: run.id });
      dialog.close();
      refreshRuns();
    } catch (error) {
      notifyError(error);
    }
  });
}
