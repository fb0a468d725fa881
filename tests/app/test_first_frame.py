"""The frame of a page: the layout as HTML, and what the scripts must know of a run."""

import json
import re

import dash_bootstrap_components as dbc
import pytest
from dash import dcc, html

from grokdash.app import create_app
from grokdash.app.first_frame import as_html, first_frame, page_of
from grokdash.config import make_config
from grokdash.contract.pages import PlainPage
from grokdash.pages import PAGES
from grokdash.pages.page import opened
from grokdash.store import RunWriter, open_store

CONFIG = make_config(p=7, d_model=8, d_mlp=12, n_heads=2, epochs=6)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with RunWriter.create(folder, CONFIG):
        pass
    return create_app(open_store(folder)).server.test_client()


FRAME = re.compile(
    r'<div id="first-frame"[^>]*>(.*)</div>'
    r'<script type="application/json" id="first-page">(.*?)</script>',
    re.DOTALL,
)


def frame_in(page):
    found = FRAME.search(page)
    assert found
    return found[1], json.loads(found[2])


def test_a_page_of_a_run_comes_with_its_panels_and_what_its_scripts_must_know(client):
    page = client.get(f"/run/{CONFIG.run_id()}?k=2&n=3").text

    frame, config = frame_in(page)
    assert config["run"] == CONFIG.run_id()
    assert config["query"] == {"k": "2", "n": "3"}
    panels = re.findall(r'<figure class="panel[^>]*data-view="([^"]+)"', frame)
    assert panels == config["views"]
    assert "Fourier spectrum of W_E" in frame
    assert page.index("react-entry-point") < page.index("first-frame")


def test_the_frame_has_no_names_that_the_page_has_and_nothing_to_press(client):
    page = client.get(f"/run/{CONFIG.run_id()}").text

    assert '<div id="first-frame" aria-hidden="true" inert>' in page
    frame, _ = frame_in(page)
    assert " id=" not in frame
    assert "tabindex" not in frame


@pytest.mark.parametrize("path", ["/", "/compare", "/sweeps", "/nowhere", "/run/none"])
def test_other_pages_come_with_the_bar_and_no_configuration(client, path):
    frame, config = frame_in(client.get(path).text)

    assert config is None
    assert "grokdash</a>" in frame


def test_the_guide_can_be_read_before_any_script_has_run(client):
    frame, _ = frame_in(client.get("/guide").text)

    assert "<h1>" in frame
    assert len(frame) > 5000


def test_plotly_is_fetched_at_once_where_there_are_pictures(client):
    preload = '<link rel="preload" as="script" fetchpriority="low" href="/kept/'

    assert preload in client.get(f"/run/{CONFIG.run_id()}").text
    assert preload not in client.get("/guide").text


def test_the_grid_is_fetched_at_once_by_the_list_of_runs_alone(client):
    loads = '<meta name="loads" content="grid">'

    assert loads in client.get("/").text
    assert loads not in client.get("/compare").text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_path_is_that_of_one_page(page):
    path = re.sub(r"<\w+>", "Übung (1)", page.path_template)

    found = page_of(path)
    assert found is not None
    assert found[0] is page
    assert set(found[1].values()) <= {"Übung (1)"}


def test_no_page_has_a_path_that_leads_nowhere():
    assert page_of("/run") is None
    assert page_of("/run/a/nothing") is None


def test_elements_are_written_as_html_and_text_is_escaped():
    layout = html.Div(
        [
            html.P(["a < b", None, 3], className="quiet", hidden=True),
            html.Button("x", title='"&', disabled=False, **{"data-act": "play"}),
            html.Span(style={"minWidth": "4px", "color": "red"}),
            dcc.Link("Runs", href="/a?b=1&c"),
            dcc.Slider(min=0, max=1, className="scrubber"),
            dbc.Toast("later"),
            html.Br(),
        ],
        id="page",
    )

    assert as_html(layout) == (
        '<div><p class="quiet" hidden>a &lt; b3</p>'
        '<button title="&quot;&amp;" data-act="play">x</button>'
        '<span style="minWidth:4px;color:red"></span>'.replace("minW", "min-w")
        + '<a href="/a?b=1&amp;c">Runs</a><div class="scrubber"></div><br></div>'
    )


def test_a_configuration_ends_no_script():
    config = PlainPage(kind="guide") | {"kind": "run", "query": {"x": "</script>"}}
    text = first_frame(html.Div(), lambda: html.Div(opened(config)))

    assert text.count("</script>") == 1
    assert frame_in(text)[1] == config
