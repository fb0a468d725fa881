"""The modules of the browser: one address that names their content, nothing twice."""

import re

import flask
import pytest

from grokdash.app import create_app
from grokdash.app.factory import assets_folder
from grokdash.app.scripts import ENTRY, FIRST_PAINT, Scripts
from grokdash.store import open_store


@pytest.fixture(scope="module")
def scripts():
    return Scripts(assets_folder() / "js")


@pytest.fixture
def client(tmp_path):
    return create_app(open_store(tmp_path)).server.test_client()


def test_every_module_is_served_for_ever_under_its_version(client, scripts):
    assert ENTRY in scripts.modules
    assert FIRST_PAINT not in scripts.modules
    for name in scripts.modules:
        answer = client.get(scripts.address(name))
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.data == (assets_folder() / "js" / name).read_bytes()


@pytest.mark.parametrize(
    "address", ["/js/0123456789abcdef/main.js", "/js/{version}/nothing.js"]
)
def test_another_version_and_an_unknown_module_are_refused(client, scripts, address):
    answer = client.get(address.format(version=scripts.version))

    assert answer.status_code == 404
    assert "load the page again" in answer.text
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_the_version_follows_names_and_contents(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "main.js").write_text("import './lib/a.js';")
    (tmp_path / "lib" / "a.js").write_text("export const a = 1;")
    first = Scripts(tmp_path).version

    assert Scripts(tmp_path).version == first
    (tmp_path / "lib" / "a.js").write_text("export const a = 2;")
    assert Scripts(tmp_path).version != first
    (tmp_path / "lib" / "a.js").write_text("export const a = 1;")
    (tmp_path / "lib" / "a.js").rename(tmp_path / "lib" / "b.js")
    assert Scripts(tmp_path).version != first


def test_files_that_change_while_the_server_runs_change_nothing(tmp_path):
    (tmp_path / "main.js").write_text("export const a = 1;")
    scripts = Scripts(tmp_path)
    server = flask.Flask("test")
    server.register_blueprint(scripts.blueprint())

    (tmp_path / "main.js").write_text("export const a = 2;")

    answer = server.test_client().get(scripts.address("main.js"))
    assert answer.text == "export const a = 1;"


def test_a_page_loads_each_script_of_ours_once(client, scripts):
    page = client.get("/").text

    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert preloaded == [scripts.address(name) for name in scripts.modules]
    assert page.count("import(document.querySelector") == 1
    assert f"[href$='/{ENTRY}']" in page
    assert [one for one in preloaded if one.endswith(f"/{ENTRY}")] == [
        scripts.address(ENTRY)
    ]
    assert page.count(scripts.address(FIRST_PAINT)) == 1
    assert "/assets/js/" not in page


def test_a_module_imports_only_modules_that_are_there(scripts):
    folder = assets_folder() / "js"
    for name in scripts.modules:
        path = folder / name
        for target in re.findall(
            r'^import [^;]*?"(\.[^"]+)";', path.read_text(), re.MULTILINE
        ):
            assert (path.parent / target).resolve().is_file(), (name, target)
