import assert from "node:assert/strict";
import { globSync } from "node:fs";
import test from "node:test";

const FOLDER = `${import.meta.dirname}/../../assets/js`;

test("a module defines and does nothing else: it needs no page to be imported", async () => {
  const names = globSync("*/*.js", { cwd: FOLDER });

  assert.ok(names.length > 40);
  await Promise.all(names.map((name) => import(`${FOLDER}/${name}`)));
});
