import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { offerGrid } from "#js/runs/grid.js";

/** The script of the grid, which puts the real one on the page. */
const real = { AgGrid: () => "a grid", getApiAsync: async (id) => `api of ${id}` };
let scripts = [];

beforeEach(() => {
  scripts = [];
  globalThis.window = {
    React: {
      lazy: (load) => ({ load }),
      createElement: (kind, properties, child) => ({ kind, properties, child }),
      Suspense: "Suspense",
    },
  };
  globalThis.document = {
    querySelector: () => ({ getAttribute: () => "/grid.js" }),
    createElement: () => ({}),
    head: {
      append(script) {
        scripts.push(script.src);
        queueMicrotask(() => {
          window.dash_ag_grid = real;
          script.onload();
        });
      },
    },
  };
  offerGrid();
});

test("the script of the grid is loaded when one is drawn, and once", async () => {
  assert.deepEqual(scripts, []);

  const drawn = window.dash_ag_grid.AgGrid({ id: "runs" });
  const { default: grid } = await drawn.child.kind.load();
  assert.equal(grid, real.AgGrid);
  assert.deepEqual(drawn.child.properties, { id: "runs" });
  assert.equal(await window.dash_ag_grid.getApiAsync("runs"), "api of runs");
  assert.deepEqual(scripts, ["/grid.js"]);
});

test("what Dash finds by the name stays the same, so that no grid is made anew", async () => {
  const { AgGrid } = window.dash_ag_grid;
  const before = AgGrid({}).child.kind;

  await before.load();

  assert.equal(window.dash_ag_grid.AgGrid, AgGrid);
  assert.equal(AgGrid({}).child.kind, before);
});
