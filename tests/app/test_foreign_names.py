"""A run of any name is opened, compared and saved under addresses that hold it."""

import json
import shutil
from urllib.parse import quote, unquote

import pytest

from grokdash.app import create_app
from grokdash.contract.addresses import run_path
from grokdash.store import open_store
from tests.app.test_mount import hrefs_in, open_page

NAMES = ("Übung (Kopie) 2", "a,b@4 %2C", "50% [old] #1? &c")


@pytest.fixture(scope="module")
def store(runs, tmp_path_factory):
    """Give a store of a run and of copies of it under the names."""
    source = runs().stored.path
    path = tmp_path_factory.mktemp("foreign")
    for name in (source.name, *NAMES):
        shutil.copytree(source, path / name)
    store = open_store(path)
    yield store
    store.close()


@pytest.fixture(scope="module")
def client(store):
    return create_app(store).server.test_client()


def listed(*names):
    """Write names of runs as the scripts do: assets/js/compare/names.js."""
    return ",".join(
        "".join(quote(c) if c in "%,@" else c for c in name) for name in names
    )


@pytest.mark.parametrize("name", NAMES)
def test_its_routes_and_pages_answer_and_its_links_lead_back(client, name):
    part = quote(name, safe="")
    about = client.get(f"/api/run/{part}/manifest?views=loss-curves").get_json()
    assert about["run"] == name
    assert any(name in one and "run.json calls" in one for one in about["notices"])
    figure = client.get(f"/api/run/{part}/figure/correct-logit?e=4").get_json()
    assert "figure" in figure

    laid_out = open_page(client, f"/run/{part}/fourier", "")
    assert "cannot be shown" not in json.dumps(laid_out)
    links = [href for href in hrefs_in(laid_out) if href.startswith("/run/")]
    assert links
    assert {unquote(href).split("/")[2] for href in links} == {name}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_saved_is_called_after_it_and_names_a_link_that_works(client, name):
    saved = client.get(f"/api/run/{quote(name, safe='')}/data/correct-logit.json?e=4")

    disposition = saved.headers["Content-Disposition"]
    assert disposition.isascii()
    assert f"{name}__correct-logit" in unquote(disposition) or name in disposition
    link = saved.get_json()["provenance"]["permalink"]
    assert link.startswith(f"{run_path(name)}?e=4")


def test_copies_are_compared_and_told_apart(client, store):
    asked = quote(listed(*NAMES), safe="")

    line = client.get(f"/api/compare/timeline?runs={asked}").get_json()
    assert [one["run"] for one in line["columns"]] == list(NAMES)
    pinned = quote(f"{listed(NAMES[1])}@4", safe="")
    line = client.get(f"/api/compare/timeline?runs={pinned}").get_json()
    assert [(one["run"], one["pin"]) for one in line["columns"]] == [(NAMES[1], 4)]
    found = {row["id"]: row for row in client.get("/api/runs").get_json()}
    assert {name for name, row in found.items() if row["notice"]} == set(NAMES)
    assert len(found) == len(NAMES) + 1
