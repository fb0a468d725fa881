"""The guide: every address has a page, every view an entry, every word a place."""

import json
from urllib.parse import parse_qs

import pytest
from dash.development.base_component import Component

from grokdash.app import create_app
from grokdash.course.glossary import terms
from grokdash.course.marks import links
from grokdash.course.moments import epoch_of
from grokdash.course.texts import CHAPTERS, DOCUMENTS, text
from grokdash.example import example_id
from grokdash.pages import PAGES
from grokdash.pages.guide.pictures import drawer
from grokdash.pages.guide.reference import with_terms
from grokdash.store import open_store
from grokdash.views import VIEWS


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    app = create_app(open_store(tmp_path_factory.mktemp("empty")))
    return app.server.config["GROKDASH_PAGES"]


def opened(context, path, **query):
    (page,) = (one for one in PAGES if one.path_template == path)
    return page.layout(context, **query)


def parts(component):
    """Give a component and everything in it."""
    if isinstance(component, (list, tuple)):
        for one in component:
            yield from parts(one)
    elif component is not None:
        yield component
        if isinstance(component, Component):
            yield from parts(getattr(component, "children", None))


def words(component):
    return "".join(one for one in parts(component) if isinstance(one, str))


def ids(component):
    found = [getattr(one, "id", None) for one in parts(component)]
    return [one for one in found if isinstance(one, str)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_text_has_its_page(context, name):
    page = opened(context, "/guide/<chapter>", chapter=name)

    assert text(name).title in words(page)
    assert len(ids(page)) == len(set(ids(page)))
    json.dumps(page.to_plotly_json(), default=lambda one: one.to_plotly_json())


def _links(page):
    return [one.href for one in parts(page) if getattr(one, "href", "")]


def test_the_guide_opens_with_the_overview_and_leads_on_to_the_first_chapter(context):
    page = opened(context, "/guide")
    links = _links(page)

    assert text("overview").title in words(page)
    assert links[-1] == "/guide/start"
    assert (
        _links(opened(context, "/guide/<chapter>", chapter="start"))[-1]
        == "/guide/task"
    )
    for name in CHAPTERS:
        assert f"/guide/{name}" in links


def test_without_a_run_the_pictures_are_of_the_one_that_comes_along(context):
    page = opened(context, "/guide/<chapter>", chapter="task")

    assert f"/run/{example_id()}" in _links(page)
    assert places(page)
    assert all(place.startswith(example_id()) for place in places(page))


def places(page):
    return [
        one.to_plotly_json()["props"]["data-figure"]
        for one in parts(page)
        if isinstance(one, Component) and "data-figure" in one.to_plotly_json()["props"]
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_pictures_are_views_of_stored_epochs_and_lead_there(context, runs, name):
    run = runs()
    asked = [link for link in links(text(name)) if link.picture]
    draw = drawer(run)
    found = [draw(f"view:{one.target}", ["x"]) for one in asked]

    for one, picture in zip(asked, found, strict=True):
        view = one.target.partition("?")[0]
        (place,) = places(picture)
        run_id, _, query = place.partition(f"/figure/{view}?")
        epoch = int(parse_qs(query)["e"][0])
        (link,) = (part.href for part in parts(picture) if hasattr(part, "href"))
        assert run_id == run.id
        assert epoch in run.steps
        assert link.endswith(f"?{query}#panel-{view}")
        assert f"/run/{run.id}/" in link


def test_a_moment_that_has_not_come_is_the_newest_epoch(runs):
    run = runs()

    assert epoch_of(run, "start") == 0
    assert epoch_of(run, "end") == run.last
    assert epoch_of(run, "grok") in run.steps


def test_an_unknown_page_is_told_in_words(context):
    page = opened(context, "/guide/<chapter>", chapter="x" * 200)

    assert "no page 'xxx" in words(page)
    assert len(words(page)) < 2000


@pytest.mark.parametrize("operation", ["add", "multiply", "nonsense"])
def test_the_reference_has_every_view(context, operation):
    page = opened(context, "/guide/<chapter>", chapter="reference", operation=operation)

    assert {view.id for view in VIEWS} <= set(ids(page))


def test_every_word_has_its_place(context):
    page = opened(context, "/guide/<chapter>", chapter="words")

    assert {term.anchor for term in terms().values()} <= set(ids(page))


def test_a_word_is_linked_where_it_first_comes():
    named: set[str] = set()
    found = with_terms("W_L = W_out W_U, the keys in W_L; a ∘ b", named)

    linked = [one for one in found if isinstance(one, Component)]
    assert [one.children for one in linked] == ["W_L", "W_U", "keys", "∘"]
    assert words(found) == "W_L = W_out W_U, the keys in W_L; a ∘ b"
    assert with_terms("W_L again", named) == ["W_L again"]
