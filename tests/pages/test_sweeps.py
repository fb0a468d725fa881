"""The pages of sweeps: the list, and one sweep."""

import json

import pytest

from grokdash.errors import NotStoredError
from grokdash.pages.page import PageContext
from grokdash.pages.sweeps import page as sweeps
from grokdash.pages.sweeps.controls import controls
from grokdash.pages.sweeps.panels import graph_id
from grokdash.pages.sweeps.tables import comparison_table, run_table
from grokdash.store import open_store
from grokdash.views.sweep import PICTURES
from grokdash.views.sweep.choice import parse_choice
from grokdash.views.sweep.table import COLUMNS, records


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


def test_runs_that_are_not_there_are_named_with_the_reason(sweep):
    failed, waiting = (
        config.run_id() for config in sweep.configs if config.weight_decay == 30
    )

    assert sweep.data.absent == {
        failed: "failed: out of memory",
        waiting: "not started",
    }
    shown = texts(sweeps.sweep_status(sweep.data))
    assert failed in shown
    assert "out of memory" in shown
    assert f"grokdash sweep resume {sweep.id}" in shown


def test_table_has_a_row_and_a_link_for_every_run(sweep):
    choice = sweep.choose()
    rows = list(records(choice))
    shown = texts(run_table(choice))

    assert {row["run"] for row in rows} == {run.id for run in choice.runs}
    assert all(run.id in shown for run in choice.runs)
    assert set(COLUMNS) <= set(rows[0])


def test_table_of_comparisons_names_its_test(sweep):
    assert "log-rank" in texts(comparison_table(sweep.choose(y="none")))


def test_list_page_counts_the_runs_of_a_sweep(sweep):
    page = next(p for p in sweeps.PAGES if p.path_template == "/sweeps")
    shown = texts(page.layout(context_of(sweep.store)))

    assert "Decay" in shown
    assert "6 finished, 1 failed, 1 waiting" in shown


def test_list_page_of_an_empty_store_says_which_command_makes_a_sweep(tmp_path):
    page = next(p for p in sweeps.PAGES if p.path_template == "/sweeps")
    shown = texts(page.layout(context_of(open_store(tmp_path))))

    assert "grokdash sweep run weight-decay-small" in shown


def test_sweep_page_has_a_graph_per_panel_and_refuses_unknown_ids(sweep):
    page = next(p for p in sweeps.PAGES if "<" in p.path_template)
    context = context_of(sweep.store)
    layout = json.dumps(
        page.layout(context, sweep_id=sweep.id).to_plotly_json(),
        default=lambda c: c.to_plotly_json(),
    )

    assert all(f'"{graph_id(one.name)}"' in layout for one in PICTURES)
    with pytest.raises(NotStoredError, match="no sweep"):
        page.layout(context, sweep_id="../../etc")


def test_a_slider_for_every_axis_that_is_not_drawn(sweep):
    tree = controls(sweep.data, parse_choice(sweep.data, {"y": "none"}))
    boxes = [
        box
        for box in tree.children[1].children
        if getattr(box, "className", "") == "sweep-held"
    ]

    assert {box.id["axis"]: box.hidden for box in boxes} == {
        "weight_decay": True,
        "seed": False,
    }


def test_a_sweep_without_a_single_run_still_has_its_page(planned, tmp_path):
    data = planned('preset = "seed"\n[grid]\nmlp_bias = [true, false]')
    context = context_of(open_store(tmp_path / "store"))
    page = next(p for p in sweeps.PAGES if "<" in p.path_template)

    shown = texts(page.layout(context, sweep_id=data.record.id))

    assert "2 waiting" in shown
    assert data.runs == ()
