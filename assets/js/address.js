/* The state that makes the picture, in the address bar and in links. */
(function (g) {
  "use strict";

  /** Everything that a link to this page must carry; plain names and values. */
  g.pageState = function (session) {
    if (session.pageState) return session.pageState();
    const { playhead, steps, manifest } = session;
    const state = {};
    if (steps.length) state.e = steps[playhead.want];
    const used = new Set(["norm"]);
    for (const panel of session.panels) {
      for (const name of [...panel.view.reads, ...(panel.view.styles || [])]) used.add(name);
      for (const name of Object.values(panel.view.picks || {})) used.add(name);
    }
    for (const name of used) {
      if (name in session.selection) state[name] = session.selection[name];
    }
    for (const [name, words] of Object.entries(manifest.choices || {})) {
      if (state[name] === words[0]) delete state[name];
    }
    const pins = session.panels
      .filter((panel) => panel.pinned !== null)
      .map((panel) => `${panel.id}:${panel.pinned}`);
    if (pins.length) state.pin = pins.join(",");
    const asked = new URLSearchParams(window.location.search);
    if (asked.has("t")) state.t = g.theme();
    if (asked.has("perf")) state.perf = asked.get("perf");
    return state;
  };

  /** A link that shows the same picture on another computer, theme included. */
  g.permalink = function (session, more) {
    const state = { ...g.pageState(session), t: g.theme(), ...more };
    return `${window.location.origin}${window.location.pathname}?${g.query(state)}`;
  };

  (g.PARTS = g.PARTS || []).push(function (session) {
    function write() {
      if (session.closed || !document.contains(session.root)) return;
      const query = g.query(g.pageState(session));
      const path = window.location.pathname + (query ? "?" + query : "");
      if (path !== window.location.pathname + window.location.search) {
        window.history.replaceState(window.history.state, "", path);
      }
    }
    session.on("settled", write);
    session.on("pinned", write);
  });
})((window.grokdash = window.grokdash || {}));
