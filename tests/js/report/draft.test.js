import assert from "node:assert/strict";
import test from "node:test";
import { Draft } from "#js/report/draft.js";

const item = (id) => ({ id, kind: "view", title: id, caption: "", html: "", figure: "f" });
const report = (revision, ids, more = {}) => ({
  revision,
  title: "Found",
  notes: "",
  items: ids.map(item),
  ...more,
});
const order = (draft) => draft.items.map((one) => one.id).join("");

test("items move, go and come back to where they stood", () => {
  const draft = new Draft(report(1, ["a", "b", "c"]));

  assert.equal(draft.changed, false);
  assert.equal(draft.move("a", 1), true);
  assert.equal(draft.move("c", 1), false);
  const taken = draft.remove("b");
  assert.equal(order(draft), "ac");
  draft.putBack(taken);
  assert.equal(order(draft), "bac");
  assert.equal(draft.changed, true);
});

test("what others have only added is taken over beside what was changed here", () => {
  const draft = new Draft(report(1, ["a", "b"]));
  draft.move("b", -1);

  const added = draft.merge(report(2, ["a", "b", "c"]));

  assert.deepEqual(
    added.map((one) => one.id),
    ["c"],
  );
  assert.equal(order(draft), "bac");
  assert.equal(draft.body.revision, 2);
});

test("whatever else others have changed is a conflict", () => {
  const draft = new Draft(report(1, ["a", "b"]));
  draft.notes = "mine";

  assert.equal(draft.merge(report(2, ["b", "a"])), null);
  assert.equal(draft.merge(report(2, ["a", "b"], { title: "Theirs" })), null);
  assert.equal(draft.merge(report(2, ["a"])), null);
  assert.equal(draft.notes, "mine");
  assert.equal(draft.revision, 1);
});

test("what is written while a save is under way stays to be saved", () => {
  const draft = new Draft(report(1, ["a"]));
  draft.items[0].caption = "one";
  const sent = draft.body;
  draft.items[0].caption = "one two";

  draft.saved({ ...report(2, ["a"]), items: [{ ...item("a"), ...sent.items[0], html: "<p>" }] });

  assert.equal(draft.changed, true);
  assert.equal(draft.items[0].caption, "one two");
  assert.equal(draft.items[0].html, "<p>");
});
