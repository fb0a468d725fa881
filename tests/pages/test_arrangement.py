"""Which panels Explore shows: what the address asks for, and what is told of it."""

import json

from grokdash.app import create_app
from grokdash.pages.run.arrangement import MOST_PANELS, read_panels
from grokdash.pages.run.explore import PAGE
from grokdash.store import open_store
from grokdash.views import EXPLORE, VIEWS


def ids_of(text: str) -> list[str]:
    views, _notices = read_panels(text)
    return [view.id for view in views]


def test_without_a_choice_there_are_the_six():
    assert read_panels("")[1] == []
    assert tuple(ids_of("")) == EXPLORE


def test_the_order_is_that_of_the_address_and_each_view_comes_once():
    assert ids_of("loss-grid, neuron-grid,loss-grid") == ["loss-grid", "neuron-grid"]


def test_what_there_is_not_is_told_and_left_out():
    views, notices = read_panels("nothing,loss-grid")

    assert [view.id for view in views] == ["loss-grid"]
    assert notices == ["panels: there is no view 'nothing'; left out"]
    assert tuple(ids_of("nothing")) == EXPLORE


def test_more_panels_than_fit_are_told_and_left_out():
    views, notices = read_panels(",".join(view.id for view in VIEWS))

    assert len(views) == MOST_PANELS
    assert notices == ["panels: at most 9 fit; the others are left out"]


def test_the_page_has_the_chosen_panels_and_its_links_keep_the_choice(run_view):
    store = open_store(run_view.stored.path.parent)
    app = create_app(store)
    context = app.server.config["GROKDASH_PAGES"]

    with app.server.test_request_context("/"):
        page = PAGE.layout(context, run_id=run_view.id, panels="loss-grid,neuron-grid")

    config = page.children[0].data
    assert config["views"] == ["loss-curves", "loss-grid", "neuron-grid"]
    assert config["arrangement"]["chosen"] == ["loss-grid", "neuron-grid"]
    assert set(config["manifest"]["views"]) == set(config["views"])
    text = json.dumps(page.to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert "panels panels-2" in text
    assert f"/run/{run_view.id}/fourier?panels=loss-grid,neuron-grid" in text
    store.close()
