/* Keyboard. Off while typing; single characters can be switched off altogether. */
(function (g) {
  "use strict";

  const CHARACTERS = {
    ",": "slower",
    ".": "faster",
    g: "grok",
    "[": "previous-k",
    "]": "next-k",
    f: "full",
    s: "save",
    S: "export-all",
    l: "copy-link",
    p: "pin",
    d: "theme",
    r: "range",
    "?": "keys",
  };

  const allowed = () => g.recall("letters") !== "0";

  function arrows(event) {
    if (event.target.closest && event.target.closest("[role=slider], [role=menu]")) return false;
    const ten = event.shiftKey ? "-10" : "";
    const name = {
      ArrowLeft: "previous" + ten,
      ArrowRight: "next" + ten,
      Home: "first",
      End: "last",
    }[event.key];
    return name ? g.act(name, event.target) : false;
  }

  function focusPanel(number) {
    const { session } = g;
    if (!session) return false;
    const panel = session.panels.filter((one) => !one.isHost)[number - 1];
    if (!panel) return false;
    panel.element.focus();
    panel.element.scrollIntoView({ block: "nearest", behavior: g.calm() ? "auto" : "smooth" });
    return true;
  }

  async function otherRun(by) {
    const { session } = g;
    if (!session || !session.run) return;
    const runs = (await g.getJson("/api/runs")).filter((run) => !run.problem);
    const at = runs.findIndex((run) => run.id === session.runId);
    const next = runs[at + by];
    if (!next) {
      g.toast(by > 0 ? "This is the last run." : "This is the first run.");
      return;
    }
    const path = window.location.pathname.replace(session.run, encodeURIComponent(next.id));
    g.go(path + "?" + g.query({ e: session.steps[session.playhead.want] }));
  }

  /** Open a path of this app without loading the page anew. */
  g.go = function (path) {
    window.history.pushState({}, "", path);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  function search() {
    const field = g.byId("runs-search-field");
    if (field) field.focus();
    else {
      g.go("/");
      sessionStorage.setItem("grokdash-focus-search", "1");
    }
    return true;
  }

  function character(event) {
    if (!allowed() && event.key !== "?") return false;
    if (event.key >= "1" && event.key <= "6") return focusPanel(Number(event.key));
    if (event.key === "/") return search();
    if (event.key === "j" || event.key === "k") {
      otherRun(event.key === "j" ? -1 : 1).catch(() => {});
      return Boolean(g.session);
    }
    const name = CHARACTERS[event.key] || CHARACTERS[event.key.toLowerCase()];
    return name ? g.act(name, document.activeElement) : false;
  }

  function handle(event) {
    if (event.key === "Escape") {
      if (g.session) g.session.emit("escape");
      return false;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || g.isTyping(event.target)) return false;
    if (document.querySelector("dialog[open]")) return false;
    if (event.key === " ") {
      const pressable = event.target.closest("button, a, summary, select, [role=menuitem], .ag-root");
      if (pressable && pressable.dataset.act !== "play") return false;
      return g.act("play", event.target);
    }
    if (event.target.closest && event.target.closest(".ag-root")) {
      return event.key === "/" || event.key === "?" ? character(event) : false;
    }
    return arrows(event) || (event.key.length === 1 && character(event));
  }

  document.addEventListener("keydown", (event) => {
    if (handle(event)) event.preventDefault();
  });

  /* A focused play button would otherwise press itself again on key up. */
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && event.target.dataset && event.target.dataset.act === "play") {
      event.preventDefault();
    }
  });

  function buildSwitch() {
    const place = g.byId("keys-switch");
    if (!place || place.firstChild) return;
    const box = g.el("input", {
      type: "checkbox",
      id: "letters",
      checked: allowed(),
      onchange: (event) => g.remember("letters", event.target.checked ? "1" : "0"),
    });
    place.append(box, g.el("label", { for: "letters" }, " Single-character keys"));
  }

  new MutationObserver((_changes, observer) => {
    if (!g.byId("keys-switch")) return;
    buildSwitch();
    observer.disconnect();
  }).observe(document.documentElement, { childList: true, subtree: true });
})((window.grokdash = window.grokdash || {}));
