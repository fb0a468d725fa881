/* Cells of the list of runs. Components, never strings of code: the page forbids eval. */
(function (g) {
  "use strict";

  const registry = (window.dashAgGridComponentFunctions =
    window.dashAgGridComponentFunctions || {});
  const make = (...parts) => window.React.createElement(...parts);

  const percent = (value) =>
    value === null || value === undefined
      ? "–"
      : (100 * value).toFixed(value > 0.9995 || value === 0 ? 0 : 1) + " %";

  g.formatBytes = function (bytes) {
    if (!bytes) return "–";
    const units = ["B", "kB", "MB", "GB", "TB"];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return value.toFixed(value < 10 && unit ? 1 : 0) + " " + units[unit];
  };

  g.formatAge = function (unixSeconds) {
    if (!unixSeconds) return "–";
    const seconds = Math.max(0, Date.now() / 1000 - unixSeconds);
    if (seconds < 60) return Math.round(seconds) + " s ago";
    if (seconds < 3600) return Math.round(seconds / 60) + " min ago";
    if (seconds < 86400) return Math.round(seconds / 3600) + " h ago";
    return Math.round(seconds / 86400) + " d ago";
  };

  registry.GrokRunTitle = ({ data }) => {
    const words = [data.title];
    const tags = (data.tags || []).map((tag) => make("span", { className: "tag", key: tag }, tag));
    if (g.isLaunch(data)) {
      const failed = data.state === "failed";
      return make("span", { className: failed ? "broken" : "", title: data.message || data.id }, failed ? `${data.id}: ${data.message}` : data.id);
    }
    if (data.problem) {
      return make("span", { className: "broken", title: data.problem }, `${data.id}: ${data.problem}`);
    }
    const href = g.url("/run/" + encodeURIComponent(data.id));
    const open = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      g.go(href);
    };
    return make("span", { title: data.notes || data.id }, make("a", { href, onClick: open }, ...words), ...tags);
  };

  registry.GrokRunState = ({ data }) =>
    make("span", { className: "state state-" + data.state, title: data.problem || data.message || "" }, data.state);

  registry.GrokProgress = ({ data }) => {
    const share = Math.min(1, data.epochs ? data.step / data.epochs : 0);
    const text = data.epochs ? g.formatEpoch(data.step) : "–";
    return make(
      "span",
      { className: "progress-cell", title: `${data.step} of ${data.epochs} epochs` },
      make("span", { className: "progress-line" }, make("span", { style: { width: 100 * share + "%" } })),
      make("span", {}, text),
    );
  };

  registry.GrokPercent = ({ value }) => make("span", {}, percent(value));
  registry.GrokBytes = ({ value }) => make("span", {}, g.formatBytes(value));
  registry.GrokAge = ({ value }) =>
    make("span", { title: value ? new Date(1000 * value).toLocaleString() : "" }, g.formatAge(value));

  registry.GrokInterval = ({ data }) => {
    if (data.grok_end === null || data.grok_end === undefined) {
      const fell = data.grok_state === "collapsed";
      const over = data.step >= data.epochs ? "not within" : "not yet at epoch";
      const title = fell
        ? "test accuracy reached 99 % and fell again"
        : data.grok_state
          ? `${over} ${g.formatEpoch(data.step)}`
          : "";
      return make("span", { className: "quiet", title }, fell ? "collapsed" : "–");
    }
    const { grok_start: start, grok_end: end } = data;
    const known = start !== null && start !== undefined && start !== end;
    const text = known ? `${g.formatEpoch(start)}–${g.formatEpoch(end)}` : g.formatEpoch(end);
    const title = known ? `between the evaluated epochs ${start} and ${end}` : `at the evaluated epoch ${end}`;
    return make("span", { title }, text);
  };

  registry.GrokSparkline = ({ value }) => {
    const points = (value || []).filter((one) => one !== null);
    if (points.length < 2) return make("span", {}, "");
    const path = points
      .map((one, i) => `${i ? "L" : "M"}${((100 * i) / (points.length - 1)).toFixed(1)} ${(22 - 20 * g.clamp(one, 0, 1)).toFixed(1)}`)
      .join("");
    return make(
      "svg",
      { viewBox: "0 0 100 24", className: "sparkline", preserveAspectRatio: "none", role: "img", "aria-label": "test accuracy over training" },
      make("path", { d: path, fill: "none", vectorEffect: "non-scaling-stroke" }),
    );
  };

  registry.GrokRunMenu = ({ data }) =>
    make(
      "button",
      {
        type: "button",
        className: "tool tool-icon",
        "data-icon": "menu",
        "aria-label": g.isLaunch(data) ? "Log of " + data.id : "Stop, go on, name, note or delete " + data.title,
        title: g.isLaunch(data) ? "Log" : "Stop, go on, log, name, note, delete",
        onClick: () => (g.isLaunch(data) ? g.showLog(data) : g.editRun(data)),
      },
    );
})((window.grokdash = window.grokdash || {}));
