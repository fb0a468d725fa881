"""What is seen is the data: pixels and paths, read back, against a panel's own JSON.

Every view at its first, middle and last checkpoint. Maps are decoded
through their colour scale, cell by cell, from the canvas that draws while one scrubs
and from the image that Plotly draws at rest, to 1/255 of the range. Points, lines and
bars are read off what the canvas and Plotly have drawn, through the axes, to a pixel.
"""

import base64
import io
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from grokdash.figures.theme import THEMES
from grokdash.pages.run.panels import SUBJECTS, views_of
from grokdash.views import VIEWS, get_view
from tests.app.conftest import short_config

RUN = short_config().run_id()
PART = 1 / 255
PIXEL = 1.0
CORNER = 0.2
"""Where in a cell it is looked at: beside its number and its mark."""

NOT_READ = {
    **dict.fromkeys(
        (
            "embedding-waterfall",
            "readout-waterfall",
            "logit-waterfall",
            "spectra-strip",
        ),
        "many pictures in one",
    ),
    "neuron-phases": "no neuron of so short a run follows a frequency",
}
LOADED = "grokdash.player.loaded.every((n) => 4 * n >= grokdash.player.steps.length)"
"""Views that are large hold every fourth epoch, and say so."""
PRELUDE = """
    const axis = ({_offset, _length, range, type}) =>
      ({offset: _offset, length: _length, range: range.map(Number), type});
    const of = (gd, selector, uid) => [...gd.querySelectorAll(selector)].find(
      (node) => node.__data__?.[0]?.trace?.uid === uid);
    const drawnBy = (gd, {type, uid}) => {
      if (type === "heatmap") {
        const image = of(gd, ".heatmaplayer .hm", uid)?.querySelector("image");
        const box = ["x", "y", "width", "height"].map(
          (name) => Number(image?.getAttribute(name)));
        return image && {box, href: image.getAttribute("href")
          || image.getAttribute("xlink:href")};
      }
      if (type === "bar") {
        const bars = of(gd, ".barlayer .trace", uid)?.querySelectorAll(".point > path");
        return bars && {bars: [...bars].map((bar) => bar.getAttribute("d"))};
      }
      const node = of(gd, ".scatterlayer .trace", uid);
      const read = (selector, name) =>
        Array.from(node?.querySelectorAll(selector) || [],
                   (one) => one.getAttribute(name));
      return node && {lines: read(".js-line", "d"),
                      points: read(".points path", "transform")};
    };
    const tracesOf = ({gd, overlay}, how) => gd.calcdata.flatMap((calc) => {
      const trace = calc[0]?.trace;
      const plot = gd._fullLayout._plots?.[trace?.xaxis + trace?.yaxis];
      if (!plot || trace.visible !== true) return [];
      const told = {index: trace.index, type: trace.type, mode: trace.mode || "",
                    x: axis(plot.xaxis), y: axis(plot.yaxis)};
      if (trace.type === "heatmap") {
        const source = trace._coloraxis || trace;
        Object.assign(told, {scale: source.colorscale, reversed: source.reversescale,
          low: source.zmin ?? source.cmin, high: source.zmax ?? source.cmax,
          columns: Array.from(calc[0].x, Number), rows: Array.from(calc[0].y, Number)});
      } else {
        told.at = calc.map(({x, y, p}) => [x, y, p].map((one) => Number(one ?? NaN)));
        told.given = {x: Array.from(trace.x || [], Number),
                      y: Array.from(trace.y || [], Number)};
      }
      if (how === "canvas") told.placed = Array.from(overlay?.pointsOf(trace) || []);
      else told.drawn = drawnBy(gd, trace);
      return [told];
    });
    const shown = () =>
      stage.panels.filter(({picture}) => picture.gd && !picture.missing);
"""
SCRUBBED = (
    PRELUDE
    + """
    grokdash.player.seekEpoch(arguments[0]);
    await frames();
    return shown().filter(({picture}) => picture.scrubbing).map((one) => ({
      view: one.id, epoch: Number(one.element.dataset.epoch),
      ratio: one.picture.canvas.width / one.picture.gd._fullLayout.width,
      canvas: one.picture.canvas.toDataURL(),
      traces: tracesOf(one.picture, "canvas")}));
"""
)
SETTLED = (
    PRELUDE
    + """
    const found = [];
    for (const one of shown()) {  // the server makes three files at a time
      found.push({
        view: one.id, epoch: Number(one.element.dataset.epoch),
        traces: tracesOf(one.picture, "plotly"),
        twin: JSON.parse(await (await one.data("json")).text())});
    }
    return found;
"""
)


def opened(href):
    """Give the pixels of a picture in an address, ``[height, width, 4]``."""
    raw = base64.b64decode(href.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(raw)).convert("RGBA"), dtype=int)


def table(scale, *, backwards, size=4096):
    """Give the colours of a scale, ``[size, 3]``, straight between its stops."""
    places = [float(place) for place, _ in scale]
    stops = np.array([channels(colour) for _, colour in scale])
    shares = np.linspace(0, 1, size)
    colours = [np.interp(shares, places, one) for one in stops.T]
    return np.transpose(colours)[:: -1 if backwards else 1]


def channels(colour):
    """Give red, green and blue of a colour as figures write it."""
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return [float(one) for one in re.findall(r"[\d.]+", colour)[:3]]


def pixel(axis, value, *, up):
    """Give where a value lies along an axis, in pixels from its start on the screen."""
    low, high = axis["range"]
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.log10(value) if axis["type"] == "log" else np.asarray(value, float)
    part = (at - low) / (high - low)
    return axis["length"] * (1 - part if up else part)


def corners(positions, count):
    """Give a place within each cell along one axis, in the units of the axis."""
    positions = np.asarray(positions, float)
    if len(positions) > count:
        return positions[:-1] + CORNER * np.diff(positions)
    step = positions[1] - positions[0] if count > 1 else 1.0
    return positions + (CORNER - 0.5) * step


def wrong_cells(trace, values, look):
    """Count the cells whose colour does not decode to their value.

    ``look(x, y)`` gives the pixels at places of the plot area.
    """
    rows, columns = values.shape
    x = pixel(trace["x"], corners(trace["columns"], columns), up=False)
    y = pixel(trace["y"], corners(trace["rows"], rows), up=True)
    inside_x = (x >= 0) & (x < trace["x"]["length"])
    inside_y = (y >= 0) & (y < trace["y"]["length"])
    seen = look(*np.meshgrid(x[inside_x], y[inside_y]))
    values = values[np.ix_(inside_y, inside_x)]
    low, high = trace["low"], trace["high"]
    wanted = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    colours = table(trace["scale"], backwards=trace["reversed"])
    shares = np.linspace(0, 1, len(colours))
    wrong = 0
    for cell, share in zip(seen.reshape(-1, 4), wanted.ravel(), strict=True):
        if np.isnan(share) or cell[3] == 0:
            wrong += not (np.isnan(share) and cell[3] == 0)
            continue
        near = shares[(np.abs(colours - cell[:3]) <= 1).all(axis=1)]
        wrong += not (near.size and np.abs(near - share).min() <= PART)
    return wrong, values.size


def on_canvas(picture, ratio, trace):
    """Look at the canvas of a panel, in the plot area of a trace."""

    def look(x, y):
        columns = (ratio * (trace["x"]["offset"] + x)).astype(int)
        rows = (ratio * (trace["y"]["offset"] + y)).astype(int)
        return picture[rows, columns]

    return look


def on_image(picture, box):
    """Look at the image that Plotly has laid over the plot area."""
    left, top, width, height = box

    def look(x, y):
        columns = np.clip((x - left) / width, 0, 1 - 1e-9) * picture.shape[1]
        rows = np.clip((y - top) / height, 0, 1 - 1e-9) * picture.shape[0]
        return picture[rows.astype(int), columns.astype(int)]

    return look


def wrong_places(found, wanted):
    """Count points that are drawn more than a pixel away from where they belong."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.shape != wanted.shape:
        return len(wanted), len(wanted)
    finite = np.isfinite(wanted).all(axis=1)
    far = np.abs(found[finite] - wanted[finite]).max(axis=1, initial=0) > PIXEL
    return int(far.sum()), int(finite.sum())


def off_the_line(paths, wanted):
    """Count points that lie more than a pixel beside the lines that are drawn."""
    pieces = [
        np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", part), float)
        for path in paths
        for part in path.split("M")[1:]
    ]
    starts = np.concatenate([one[:-1] if len(one) > 1 else one for one in pieces])
    ends = np.concatenate([one[1:] if len(one) > 1 else one for one in pieces])
    way = ends - starts
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    wrong = 0
    for point in wanted:
        part = np.clip(((point - starts) * way).sum(axis=1) / length, 0, 1)
        wrong += np.hypot(*(starts + part[:, None] * way - point).T).min() > PIXEL
    return int(wrong), len(wanted)


def placed(view, arrays):
    """Give the arrays of a view by trace and attribute, ``{(0, "z"): …}``."""
    found = {}
    for target, name in view.scrub.items():
        place, attribute = target.split(".", 1)
        values = np.array(arrays[name], dtype=float)
        if place == "*":
            found |= {(i, attribute): one for i, one in enumerate(values)}
        else:
            found[int(place), attribute] = values
    return found


def points_of(trace, arrays):
    """Give where the points of a trace belong, in pixels of its plot area."""
    index = trace["index"]
    given = np.array(trace["at"], float).reshape(-1, 3)
    x = arrays.get((index, "x"), given[:, 0])
    y = arrays.get((index, "y"), given[:, 1])
    if len(x) != len(y):
        return np.full((1, 2), np.nan)
    across, down = pixel(trace["x"], x, up=False), pixel(trace["y"], y, up=True)
    return np.stack([across, down], axis=-1)


def judged_canvas(panel, view, arrays):
    """Give what is wrong on a canvas while one scrubs, and how much was looked at."""
    picture = opened(panel["canvas"])
    for trace in panel["traces"]:
        key = trace["index"], "z"
        if trace["type"] == "heatmap" and key in arrays:
            look = on_canvas(picture, panel["ratio"], trace)
            yield wrong_cells(trace, arrays[key], look)
        elif trace["type"] == "scatter" and (trace["index"], "y") in arrays:
            found = np.array(trace["placed"], float).reshape(-1, 2)
            yield wrong_places(found, points_of(trace, arrays))
        elif trace["type"] == "bar" and (trace["index"], "y") in arrays:
            yield wrong_bars(picture, panel["ratio"], trace, arrays)


def wrong_bars(picture, ratio, trace, arrays):
    """Count bars whose upper end on the canvas is not at their value.

    A line that is drawn over or above a bar has another colour.
    """
    tops = pixel(trace["y"], arrays[trace["index"], "y"], up=True)
    middles = pixel(trace["x"], np.array(trace["at"], float)[:, 0], up=False)
    floor = pixel(trace["y"], 0.0, up=True)
    wrong = 0
    for middle, top in zip(middles, tops, strict=True):
        column = int(ratio * (trace["x"]["offset"] + middle))
        first = int(ratio * trace["y"]["offset"])
        if top < 0 or floor - top < 2:
            continue
        above = picture[first : first + int(ratio * (floor - 1)), column][::-1]
        own = np.flatnonzero(np.abs(above - above[0]).max(axis=1) <= 3)
        height = (own[-1] + 1) / ratio + 1
        wrong += abs(floor - height - top) > PIXEL + 1
    return wrong, len(tops)


def judged_figure(panel, view, arrays):
    """Give what is wrong in a figure at rest, and how much was looked at."""
    for trace in panel["traces"]:
        drawn, index = trace["drawn"], trace["index"]
        if trace["type"] == "heatmap":
            if (index, "z") in arrays and drawn:
                look = on_image(opened(drawn["href"]), drawn["box"])
                yield wrong_cells(trace, arrays[index, "z"], look)
        elif trace["type"] == "bar" and drawn and (index, "y") in arrays:
            tops = pixel(trace["y"], arrays[index, "y"], up=True)
            ends = [re.findall(r"-?[\d.]+", path) for path in drawn["bars"]]
            found = [[float(one[2])] for one in ends if len(one) > 3]
            yield wrong_places(found, tops[np.isfinite(tops)][:, None])
        elif trace["type"] == "scatter" and drawn:
            yield judged_points(trace, drawn, arrays)


def judged_points(trace, drawn, arrays):
    """Compare the points and lines of a trace with where they belong."""
    wanted = points_of(trace, arrays)
    wanted = wanted[np.isfinite(wanted).all(axis=1)]
    sides = [trace["x"]["length"], trace["y"]["length"]]
    wanted = wanted[((wanted >= 0) & (wanted <= sides)).all(axis=1)]
    if "markers" in trace["mode"] and drawn["points"]:
        found = [re.findall(r"-?[\d.]+", one) for one in drawn["points"]]
        found = np.array([list(map(float, one[:2])) for one in found])
        far = [np.abs(found - one).max(axis=1).min() > PIXEL for one in wanted]
        return int(sum(far)), len(wanted)
    if "lines" in trace["mode"] and drawn["lines"] and len(wanted) > 1:
        return off_the_line(drawn["lines"], wanted)
    return 0, 0


def faults(panels, how, step, twins):
    """Give what is wrong with some panels, and count what was looked at by view."""
    told, counts = [], Counter()
    judge = judged_canvas if how == "canvas" else judged_figure
    for panel in panels:
        view = get_view(panel["view"])
        if view.per_step and panel["epoch"] != step:
            if how != "canvas" or view.cost != "heavy":
                told.append(f"{view.id}: shows epoch {panel['epoch']} at {step}")
            continue
        arrays = placed(view, twins[view.id]["arrays"])
        for wrong, count in judge(panel, view, arrays):
            counts[view.id] += count
            if wrong:
                told.append(f"{view.id} at {step}, {how}: {wrong} of {count}")
    return told, counts


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_seen_is_the_data(page, subject):
    page.window(1366, 7000)
    page.open(f"/run/{RUN}/{subject}?e=240&t=light")
    page.until(LOADED)
    steps = page.js("Array.from(grokdash.player.steps)")
    told, drawn, scrubbed = [], Counter(), Counter()
    for step in (steps[0], steps[len(steps) // 2], steps[-1]):
        moving = page.inside(SCRUBBED, step)
        page.settle()
        still = page.inside(SETTLED)
        twins = {one["view"]: one["twin"] for one in still}
        for how, panels, counts in (
            ("canvas", moving, scrubbed),
            ("figure", still, drawn),
        ):
            wrong, looked = faults(panels, how, step, twins)
            told += wrong
            counts.update(looked)

    views = {view.id for view in views_of(subject)}
    flat = {one for one in views - set(NOT_READ) if get_view(one).kind != "surface"}
    assert told == []
    assert {one for one in flat if not drawn[one]} == set()
    assert {one for one in flat if get_view(one).scrub and not scrubbed[one]} == set()


def painted(values, trace, side):
    """Paint a map as large squares, the first row at the lower end."""
    colours = np.rint(table(trace["scale"], backwards=False))
    part = (values - trace["low"]) / (trace["high"] - trace["low"])
    inks = colours[np.rint(part * (len(colours) - 1)).astype(int)].astype(int)
    cells = np.concatenate([inks, np.full((*values.shape, 1), 255)], axis=-1)
    return cells[::-1].repeat(side, axis=0).repeat(side, axis=1)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_wrong_picture_is_found(theme):
    """The reading fails on a flipped axis and on two cells that are swapped."""
    values = np.random.default_rng(0).uniform(-1, 1, (6, 9))
    side, axis = 10, {"offset": 0, "type": "linear"}
    trace = {
        "x": axis | {"length": 9 * side, "range": [-0.5, 8.5]},
        "y": axis | {"length": 6 * side, "range": [-0.5, 5.5]},
        "columns": list(range(9)),
        "rows": list(range(6)),
        "scale": theme.diverging,
        "reversed": False,
        "low": -1.0,
        "high": 1.0,
    }

    def wrong(drawn):
        look = on_canvas(painted(drawn, trace, side), 1, trace)
        return wrong_cells(trace, values, look)[0]

    swapped = values.copy()
    swapped[1, 2], swapped[4, 7] = values[4, 7], values[1, 2]

    assert wrong(values) == 0
    assert wrong(values[::-1]) > 40
    assert wrong(values[:, ::-1]) > 40
    assert wrong(swapped) == 2
    assert wrong(values + 0.5 / 255) == 0
    assert wrong(np.clip(values + 0.03, -1, 1)) > 40


def test_a_wrong_line_is_found():
    wanted = np.array([[0.0, 0.0], [10.0, 5.0], [20.0, 0.0]])

    assert off_the_line(["M0,0L10,5L20,0"], wanted) == (0, 3)
    assert off_the_line(["M0,5L10,0L20,5"], wanted) == (3, 3)
    assert wrong_places(wanted[::-1], wanted) == (2, 3)
    assert wrong_places(wanted + 0.5, wanted) == (0, 3)


def test_every_view_is_on_a_page_that_is_looked_at():
    """The loss chart is above the slider of all of them."""
    seen = {view.id for subject in SUBJECTS for view in views_of(subject)}

    assert seen | {"loss-curves"} == {view.id for view in VIEWS}
