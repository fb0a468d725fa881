"""The pages of the tour, as Dash lays them out."""

import json

import pytest

from grokdash.app import create_app
from grokdash.app.manifest import manifest
from grokdash.pages.page import PageContext
from grokdash.pages.tour.page import PAGES
from grokdash.pages.tour.welcome import welcome
from grokdash.store import RunSummary, open_store
from grokdash.story.tour import TITLES

STEP, ENTRANCE = (page.layout for page in PAGES)


GROKKED = RunSummary(
    id="fit",
    operation="add",
    p=59,
    n_layers=1,
    state="finished",
    grok_end=900.0,
    key_frequencies=(3,),
)


@pytest.fixture
def context(tmp_path, monkeypatch):
    """Give ``context(…)``: what the app lends a page, with these runs to look at."""

    def lend(runs=(), listing=(), why_not=""):
        monkeypatch.setattr(store, "summaries", lambda: list(listing))
        return PageContext(
            store=store,
            run_view={run.id: run for run in runs}.__getitem__,
            manifest=manifest,
            why_no_training=lambda: why_not,
        )

    store = open_store(tmp_path)
    with create_app(store).server.test_request_context("/"):
        yield lend
    store.close()


def laid_out(component):
    return json.dumps(
        component.to_plotly_json(), default=lambda one: one.to_plotly_json()
    )


@pytest.mark.parametrize("number", range(1, len(TITLES) + 1))
def test_a_step_has_its_panels_its_prose_and_its_neighbours(context, run_view, number):
    page = laid_out(STEP(context([run_view]), run_id=run_view.id, step=str(number)))

    assert TITLES[number - 1] in page
    assert '"kind": "tour"' in page
    assert f'"step": {number}' in page
    for other in {number - 1, number + 1} & set(range(1, len(TITLES) + 1)):
        assert f"/tour/{run_view.id}/{other}" in page


def test_the_address_says_more_than_the_step(context, run_view):
    query = {"run_id": run_view.id, "step": "5", "e": "2", "k": "3"}
    page = laid_out(STEP(context([run_view]), **query))

    assert '"query": {"e": "2", "k": "3", "a":' in page


def test_a_run_of_another_rule_is_refused_in_words(context, runs):
    run = runs(operation="multiply")
    page = laid_out(STEP(context([run]), run_id=run.id, step="1"))

    assert "runs that learn a + b mod p; this one learns a" in page


def test_the_way_in_is_the_tour_or_what_makes_a_run_for_it(context):
    fit = laid_out(ENTRANCE(context(listing=[GROKKED])))
    assert "/tour/fit/1" in fit
    assert "data-tour-train" not in fit

    none = laid_out(ENTRANCE(context()))
    assert '"data-tour-train": "quick"' in none

    cannot = laid_out(welcome(context(why_not="read-only")))
    assert "grokdash train --preset quick" in cannot
    assert "data-tour-train" not in cannot
