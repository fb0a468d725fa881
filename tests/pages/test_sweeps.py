"""The pages of sweeps on a store whose every outcome is known."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from grokdash.app import create_app
from grokdash.errors import NotStoredError
from grokdash.figures.swept import label, swept
from grokdash.figures.theme import DARK, LIGHT
from grokdash.pages.page import PageContext
from grokdash.pages.sweeps import page as sweeps
from grokdash.pages.sweeps.controls import controls, parse_choice
from grokdash.pages.sweeps.panels import PANELS, graph_id
from grokdash.pages.sweeps.tables import COLUMNS, comparison_table, records, run_table
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.store.schema import param_shapes
from grokdash.store.sweeps import write_plan, write_state
from grokdash.sweeps.plan import read_sweep
from grokdash.views.sweep.choice import Chosen, axis_of
from grokdash.views.sweep.data import SweepReader
from grokdash.views.sweep.grokking import comparisons

TEXT = """
title = "Decay"
question = "What does decay do?"
preset = "quick"
seeds = [0, 1]
[fields]
p = 7
d_model = 8
d_mlp = 4
n_heads = 2
epochs = 100
checkpoint_every = 10
dense_until = 0
grids = 0
[grid]
weight_decay = [0.1, 1.0, 10.0, 30.0]
"""

STEPS = np.arange(0, 101, 10)
RISES = {
    (0.1, 0): None,
    (0.1, 1): None,
    (1.0, 0): 60,
    (1.0, 1): 80,
    (10.0, 0): 20,
    (10.0, 1): 30,
}
COLLAPSED = (10.0, 1)
OUTCOMES = {
    (0.1, 0): "memorises only",
    (0.1, 1): "memorises only",
    (1.0, 0): "groks",
    (1.0, 1): "groks",
    (10.0, 0): "generalises at once",
    (10.0, 1): "collapses",
}


def write_run(store, config):
    rise = RISES[config.weight_decay, config.seed]
    params = {name: np.ones(s, "f4") for name, s in param_shapes(config).items()}
    share = np.array([0.9, 0.095, 0.005])
    with RunWriter.create(store, config, {}) as writer:
        for step in STEPS:
            right = float(rise is not None and step >= rise)
            if (config.weight_decay, config.seed) == COLLAPSED and step >= 90:
                right = 0.0
            measures = {
                "accuracy/train": float(step >= 10),
                "accuracy/test": right,
                "loss/train": 2.0 ** -float(step),
                "loss/test": 3.0 - right,
                "gini/wl": 0.25,
                "gini/embed": 0.5,
                "weights/sumsq_total": 9.0,
                "logits/sum_share": share.astype("f4"),
            }
            arrays = {name: np.asarray(value) for name, value in measures.items()}
            writer.commit(
                CheckpointData(step=int(step), params=params, measures=arrays)
            )
        writer.finish()


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    path = folder / "decay.toml"
    path.write_text(TEXT)
    plan = read_sweep(path)
    for config in plan.configs:
        if (config.weight_decay, config.seed) in RISES:
            write_run(folder / "store", config)
    write_plan(folder / "store", plan.id, plan.plan())
    failed = next(c for c in plan.configs if (c.weight_decay, c.seed) == (30.0, 0))
    write_state(folder / "store", plan.id, {failed.run_id(): "out of memory"})
    return SimpleNamespace(id=plan.id, configs=plan.configs, path=folder / "store")


@pytest.fixture(scope="module")
def store(sweep):
    opened = open_store(sweep.path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def data(sweep, store):
    return SweepReader(store).get(sweep.id)


@pytest.fixture
def chosen(data):
    def choose(**values):
        return Chosen(data, parse_choice(data, values))

    return choose


def texts(component):
    """All texts of a component tree, joined."""
    if component is None or isinstance(component, int | float):
        return str(component or "")
    if isinstance(component, str):
        return component
    if isinstance(component, list | tuple):
        return " ".join(map(texts, component))
    return texts(getattr(component, "children", None))


def context_of(store):
    return PageContext(store=store, run_view=store.run, manifest=lambda *_: {})


def by_point(chosen):
    return {
        (run.values["weight_decay"], run.values["seed"]): run for run in chosen.runs
    }


def test_every_run_has_its_outcome(chosen):
    choice = chosen()
    found = {
        point: choice.outcomes[run.id].kind for point, run in by_point(choice).items()
    }

    assert found == OUTCOMES


def test_curves_and_ends_are_those_of_the_store(data):
    run = data.runs[0]

    assert run.steps.tolist() == STEPS.tolist()
    np.testing.assert_array_equal(run.curves["train_loss"], 2.0 ** -STEPS.astype(float))
    assert run.last("sumsq") == 9
    assert run.keys == (1, 2)
    np.testing.assert_allclose(run.key_share, 0.995, rtol=1e-6)


def test_a_second_look_reads_no_run_again(sweep, store, monkeypatch):
    reader = SweepReader(store)
    first = reader.get(sweep.id)
    monkeypatch.setattr("grokdash.views.sweep.data._LOOK_AGAIN", -1.0)
    monkeypatch.setattr("grokdash.views.sweep.data._read_on", None)

    assert reader.get(sweep.id) is first


def test_runs_that_are_not_there_are_named_with_the_reason(data, sweep):
    failed, waiting = (
        config.run_id() for config in sweep.configs if config.weight_decay == 30
    )

    assert data.absent == {failed: "failed: out of memory", waiting: "not started"}
    shown = texts(sweeps.sweep_status(data))
    assert failed in shown
    assert "out of memory" in shown
    assert f"grokdash sweep resume {sweep.id}" in shown


def test_a_value_without_runs_keeps_its_place_on_the_axis(chosen):
    assert chosen().x.values == (0.1, 1.0, 10.0, 30.0)


def test_censored_runs_are_drawn_at_the_budget_with_an_arrow(chosen):
    choice = chosen(y="none")
    drawn = PANELS[0].draw(choice, LIGHT)
    points = {
        run: (trace.name, y)
        for trace in drawn.figure.data
        if trace.customdata is not None
        for run, y in zip(trace.customdata, trace.y, strict=True)
    }
    arrows = [t for t in drawn.figure.data if t.marker.symbol == "triangle-up"]

    assert set(points) == {run.id for run in choice.runs}
    for point, run in by_point(choice).items():
        expected = RISES[point] if point != COLLAPSED and RISES[point] else 100
        assert points[run.id] == (OUTCOMES[point], expected)
    heads = [y for trace in arrows for y in trace.y[1::3]]
    assert len(heads) == 3
    assert min(heads) > 100
    assert "3 of 6 runs grok" in drawn.sentence


def test_medians_count_censored_runs(chosen):
    drawn = PANELS[0].draw(chosen(y="none"), LIGHT)
    line = next(t for t in drawn.figure.data if t.name == "median")

    # 0.1: no run, 1: 60 and 80, 10: one at 20 and one that lost it, 30: not there.
    assert list(line.y) == [None, 70, None]


def test_first_reached_counts_a_run_that_collapses_later(chosen):
    choice = chosen(y="none", event="first")
    run = by_point(choice)[COLLAPSED]

    rise = choice.rise(run)

    assert (rise.after, rise.time, rise.observed) == (20, 30, True)


def test_phase_diagram_has_the_median_of_each_cell_and_a_gap_elsewhere(chosen):
    drawn = PANELS[1].draw(chosen(x="weight_decay", y="seed"), DARK)
    z = np.array(drawn.figure.data[0].z, float)

    assert 10 ** z[0, 1] == pytest.approx(60)
    assert 10 ** z[1, 1] == pytest.approx(80)
    assert np.isnan(z[:, [0, 3]]).all()
    marks = [run for t in drawn.figure.data[1:] for run in t.customdata]
    assert len(marks) == len(set(marks)) == 6


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("share", [0, 1, 0.5]),
        ("scatter", [np.nan, np.std([60, 80], ddof=1) / 70, np.nan]),
        ("accuracy", [0, 1, 0.5]),
        ("keys", [2, 2, 2]),
        ("gini", [0.25, 0.25, 0.25]),
        ("norm", [3, 3, 3]),
    ],
)
def test_phase_diagram_can_show_other_numbers(chosen, colour, expected):
    drawn = PANELS[1].draw(chosen(y="none", colour=colour), LIGHT)

    np.testing.assert_allclose(drawn.figure.data[0].z[0], [*expected, np.nan])


def test_held_axes_leave_the_runs_of_one_value(chosen):
    choice = chosen(y="none", **{"h.seed": 2})

    assert {run.values["seed"] for run in choice.runs} == {1}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_every_picture_draws_every_run_it_has(chosen, panel, theme):
    drawn = panel.draw(chosen(), theme)
    figure = json.loads(drawn.figure.to_json())

    assert figure["layout"]["paper_bgcolor"] == theme.paper
    assert drawn.sentence
    if panel.name == "shares":
        return
    named = set()
    for trace in figure["data"]:
        for value in (trace.get("meta"), trace.get("customdata")):
            one = value if isinstance(value, list) else [value]
            named |= {run for run in one if isinstance(run, str)}
    assert named == {run.id for run in chosen().runs}


def test_outcome_shares_are_counts_over_runs(chosen):
    drawn = next(p for p in PANELS if p.name == "shares").draw(chosen(), LIGHT)
    bars = {bar.name: list(bar.y) for bar in drawn.figure.data}

    assert bars["groks"] == [0, 1, 0, 0]
    assert bars["collapses"] == [0, 0, 0.5, 0]


def test_a_choice_is_read_from_an_address_and_nonsense_is_ignored(data):
    wild = {"x": "nowhere", "y": "seed", "test": "nan", "delay": "99", "h.seed": "x"}
    choice = parse_choice(data, wild)

    assert (choice.x, choice.y) == ("weight_decay", "seed")
    assert choice.thresholds.test == 0.99
    assert choice.thresholds.delay == 10
    assert choice.held == {}


def test_values_are_compared_with_their_censored_runs(chosen):
    found = {(one.first, one.second): one for one in comparisons(chosen(y="none"))}
    one = found[0.1, 1.0]

    assert set(found) == {(0.1, 1.0), (0.1, 10.0), (1.0, 10.0)}
    assert one.grokked == (0, 2)
    assert one.test.exact
    assert one.test.p_value == pytest.approx(2 / 6)
    assert one.corrected == pytest.approx(1)
    assert "log-rank" in texts(comparison_table(chosen(y="none")))


def test_table_has_a_row_and_a_link_for_every_run(chosen):
    choice = chosen()
    rows = list(records(choice))
    shown = texts(run_table(choice))

    assert {row["run"] for row in rows} == {run.id for run in choice.runs}
    assert all(run.id in shown for run in choice.runs)
    assert set(COLUMNS) <= set(rows[0])


def test_list_page_counts_the_runs_of_a_sweep(sweep, store):
    page = next(p for p in sweeps.PAGES if p.path_template == "/sweeps")
    shown = texts(page.layout(context_of(store)))

    assert "Decay" in shown
    assert "6 finished, 1 failed, 1 waiting" in shown


def test_list_page_of_an_empty_store_says_which_command_makes_a_sweep(tmp_path):
    page = next(p for p in sweeps.PAGES if p.path_template == "/sweeps")
    shown = texts(page.layout(context_of(open_store(tmp_path))))

    assert "grokdash sweep run weight-decay-small" in shown


def test_sweep_page_has_a_graph_per_panel_and_refuses_unknown_ids(sweep, store):
    page = next(p for p in sweeps.PAGES if "<" in p.path_template)
    context = context_of(store)
    layout = json.dumps(
        page.layout(context, sweep_id=sweep.id).to_plotly_json(),
        default=lambda c: c.to_plotly_json(),
    )

    assert all(f'"{graph_id(panel.name)}"' in layout for panel in PANELS)
    with pytest.raises(NotStoredError, match="no sweep"):
        page.layout(context, sweep_id="../../etc")


def test_a_slider_for_every_axis_that_is_not_drawn(data):
    tree = controls(data, parse_choice(data, {"y": "none"}))
    boxes = [
        box
        for box in tree.children[0].children
        if getattr(box, "className", "") == "sweep-held"
    ]

    assert {box.id["axis"]: box.hidden for box in boxes} == {
        "weight_decay": True,
        "seed": False,
    }


def callback(client, sweep_id, **changes):
    """Ask the server for the first picture, as the page does."""
    values = {
        "sweep-theme.data": "light",
        "sweep-version.data": "",
        "sweep-x.value": "weight_decay",
        "sweep-y.value": "none",
        "sweep-test.value": 0.99,
        "sweep-train.value": 0.99,
        "sweep-kept.value": 0.99,
        "sweep-delay.value": 2,
        "sweep-event.value": "lasting",
        "sweep-colour.value": "median",
    } | changes
    one = {"id": {"type": "sweep-held", "axis": "seed"}}
    spec = next(
        entry
        for entry in client.get("/_dash-dependencies").get_json()
        if graph_id("grok") in entry["output"]
    )

    def filled(entry):
        if "{" in entry["id"]:
            value = 0 if entry["property"] == "value" else one["id"]
            return [one | {"property": entry["property"], "value": value}]
        key = f"{entry['id']}.{entry['property']}"
        value = {"id": sweep_id} if key == "sweep-config.data" else values[key]
        return {"id": entry["id"], "property": entry["property"], "value": value}

    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in spec["output"].strip(".").split("...")
    ]
    body = {
        "output": spec["output"],
        "outputs": outputs,
        "inputs": [filled(entry) for entry in spec["inputs"]],
        "state": [filled(entry) for entry in spec["state"]],
        "changedPropIds": ["sweep-theme.data"],
    }
    return client.post("/_dash-update-component", json=body)


def test_the_server_draws_and_judges_by_the_thresholds_it_is_sent(sweep, store):
    client = create_app(store).server.test_client()

    usual = callback(client, sweep.id)
    strict = callback(client, sweep.id, **{"sweep-delay.value": 1})

    assert usual.status_code == 200
    assert "generalises at once" in usual.get_data(as_text=True)
    assert '"name":"generalises at once"' not in strict.get_data(as_text=True)


def test_csv_has_every_run_and_names_the_sweep(sweep, store):
    client = create_app(store).server.test_client()
    answer = client.get(f"/api/sweep/{sweep.id}/runs.csv?x=weight_decay")
    lines = answer.get_data(as_text=True).splitlines()

    assert sweep.id in lines[0]
    assert lines[1].startswith("weight decay,seed,")
    assert len(lines) == 2 + 6
    assert client.get("/api/sweep/none/runs.csv").status_code == 404


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.1, 0.3, 1.0, 3.0], "log"),
        ([0.2, 0.3, 0.4, 0.5], "linear"),
        ([1, 2, 4, 8], "log"),
        ([1, 2, 3], "linear"),
        ([0.0, 1.0, 10.0], "linear"),
        (["add", "multiply"], "names"),
        ([True, False], "names"),
    ],
)
def test_an_axis_is_logarithmic_when_its_values_are(values, kind):
    axis = swept("value", values)

    assert axis.kind == kind
    np.testing.assert_allclose(
        axis.drawn(axis.unit(axis.values)),
        [axis.index(v) for v in axis.values] if kind == "names" else sorted(values),
    )
    assert len(set(axis.colours(LIGHT))) == len(values)


def test_axes_follow_from_what_varies(data):
    assert list(data.axes) == ["weight_decay", "seed"]
    assert axis_of(data, "weight_decay").kind == "log"


def test_values_are_written_short():
    assert [label(v) for v in (0.003, 10_000, True, "sum_of_squares")] == [
        "0.003",
        "10 000",
        "yes",
        "sum of squares",
    ]


def test_labels_that_would_touch_are_left_out():
    axis = swept("parameters", [15_328, 19_808, 20_000, 208_768])

    shown = axis.settings(LIGHT, letters=80)["ticktext"]

    assert shown == ["15.3k", "19.8k", "209k"]


def planned(text, tmp_path):
    path = tmp_path / "other.toml"
    path.write_text(text)
    plan = read_sweep(path)
    write_plan(tmp_path / "store", plan.id, plan.plan())
    return SweepReader(open_store(tmp_path / "store")).get(plan.id)


def test_fields_that_vary_together_give_their_product_as_an_axis(tmp_path):
    values = "weight_decay = [1.0, 2.0, 1.0]\nlr = [1e-3, 5e-4, 2e-3]"
    data = planned(f'preset = "seed"\n[zip]\n{values}', tmp_path)

    choice = parse_choice(data, {})

    assert data.axes["decay_rate"] == "weight decay × learning rate"
    assert choice.x == "decay_rate"
    assert axis_of(data, "decay_rate").values == (0.001, 0.002)


def test_a_modulus_brings_the_size_of_its_data_and_network(tmp_path):
    data = planned('preset = "seed"\n[grid]\np = [11, 13]', tmp_path)

    assert list(data.axes) == ["p", "parameters", "train_pairs"]
    assert axis_of(data, "train_pairs").values == (36, 50)


def test_a_sweep_without_a_single_run_still_has_its_page(tmp_path):
    data = planned('preset = "seed"\n[grid]\nmlp_bias = [true, false]', tmp_path)
    context = context_of(open_store(tmp_path / "store"))
    page = next(p for p in sweeps.PAGES if "<" in p.path_template)

    shown = texts(page.layout(context, sweep_id=data.record.id))

    assert "2 waiting" in shown
    assert data.runs == ()
