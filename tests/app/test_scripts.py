"""What a page loads: few files, packed, at addresses that name their content."""

import ast
import gzip
import posixpath
import re
from pathlib import Path

import flask
import plotly.graph_objects as go
import pytest
from plotly.basedatatypes import BaseTraceType
from plotly.offline import get_plotlyjs_version

import grokdash
from grokdash.app import create_app
from grokdash.app.kept import Kept
from grokdash.app.packing import pack_answers
from grokdash.app.scripts import ENTRY, FIRST, PDF, PLOTLY, STYLES, deferred, kept_files
from grokdash.bundle import assets_folder, bundle, reached, read_modules
from grokdash.errors import StoreError
from grokdash.store import open_store

ASSETS = assets_folder()
ALONE = ("share.js", "site-compare.js", "site-list.js", "site-sweep.js")
GZIP = {"Accept-Encoding": "gzip, br"}
BYTES = "application/octet-stream"


@pytest.fixture(scope="module")
def kept():
    return kept_files(ASSETS)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    return create_app(open_store(store)).server.test_client()


@pytest.mark.parametrize("name", [FIRST, ENTRY, PLOTLY, STYLES])
def test_files_are_kept_for_ever_and_packed_for_who_can_read_it(client, kept, name):
    plain, packed = (client.get(kept.address(name), headers=h) for h in ({}, GZIP))

    for answer in (plain, packed):
        assert answer.status_code == 200
        assert answer.mimetype == ("text/css" if name == STYLES else "text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 0.4 * len(plain.data)


@pytest.mark.parametrize("digest", ["0123456789abcdef", ""])
def test_another_version_is_refused(client, digest):
    answer = client.get(f"/kept/{digest or '-'}/{ENTRY}")

    assert answer.status_code == 404
    assert "load the page again" in answer.text
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_an_address_follows_the_content():
    first, same, other = (
        Kept({"a": (body, "text/plain")}).address("a") for body in (b"1", b"1", b"2")
    )

    assert first == same != other


def test_files_that_change_while_the_server_runs_change_nothing(tmp_path):
    for name in ("js", "pdf", "plotly"):
        (tmp_path / name).mkdir()
    parts = (f"pdf/{name}" for name in PDF)
    for name in ("js/first-paint.js", f"plotly/{PLOTLY}", *parts):
        (tmp_path / name).write_text("")
    (tmp_path / "js" / FIRST).write_text("export const b = 1;\n")
    (tmp_path / "js" / ENTRY).write_text("export const a = 1;\n")
    kept = kept_files(tmp_path)
    server = flask.Flask("test")
    server.register_blueprint(kept.blueprint())

    (tmp_path / "js" / ENTRY).write_text("export const a = 2;\n")

    answer = server.test_client().get(kept.address(ENTRY))
    assert "const a = 1;" in answer.text


def test_the_two_bundles_hold_every_module_after_those_it_imports(client, kept):
    texts = [client.get(kept.address(name)).text for name in (FIRST, ENTRY)]
    orders = [re.findall(r'^modules\["([^"]+)"\] = ', t, re.MULTILINE) for t in texts]

    modules = read_modules(ASSETS)
    first, rest = map(set, orders)
    elsewhere = {"first-paint.js", "print/page.js", "share-boot.js"}
    alone = {name for one in ALONE for name in reached(modules, one)}
    assert first | rest | alone == modules.keys() - elsewhere
    assert not (first | rest) & {*ALONE, *elsewhere}
    assert not first & rest
    assert orders[0][-1] == FIRST
    assert orders[1][-1] == ENTRY
    defined = set()
    for line in "".join(texts).splitlines():
        if read := re.fullmatch(r'const .* = modules\["(.+)"\];', line):
            assert read[1] in defined
        if made := re.match(r'modules\["(.+)"\] = ', line):
            defined.add(made[1])


def test_the_first_picture_waits_for_a_quarter_of_the_scripts(client, kept):
    first, rest = (len(client.get(kept.address(n)).data) for n in (FIRST, ENTRY))

    assert first < 0.25 * (first + rest)


def test_the_second_bundle_takes_the_modules_of_the_first(client, kept):
    text = client.get(kept.address(ENTRY)).text
    head = re.match(r'import \{ modules \} from "([^"]+)";\n', text)

    assert head
    assert posixpath.join("/kept/x", head[1]) == f"/kept/x/..{kept.address(FIRST)[5:]}"


def test_a_bundle_runs_imports_under_the_names_that_modules_give_them():
    text = bundle(
        {
            "main.js": 'import { a as b } from "./lib/a.js";\n'
            'import * as c from "./c.js";\nexport class D {}\nconst e = b + c.c();\n',
            "lib/a.js": "export const a = 1;\n",
            "c.js": 'import {\n  a,\n} from "./lib/a.js";\n'
            "export async function c() {}\n",
        }
    )

    assert text == (
        "const modules = {};\n"
        'modules["lib/a.js"] = (() => {\nconst a = 1;\nreturn { a };\n})();\n'
        'modules["c.js"] = (() => {\nconst {\n  a,\n} = modules["lib/a.js"];\n'
        "async function c() {}\nreturn { c };\n})();\n"
        'modules["main.js"] = (() => {\nconst { a: b } = modules["lib/a.js"];\n'
        'const c = modules["c.js"];\nclass D {}\nconst e = b + c.c();\n'
        "return { D };\n})();\n"
        "export { modules };\n"
    )


def test_a_bundle_after_another_takes_from_it_what_it_was_given():
    modules = {
        "a.js": "export const a = 1;\n",
        "b.js": 'import { a } from "./a.js";\nexport const b = a;\n',
    }

    assert reached(modules, "a.js") == {"a.js"}
    assert reached(modules, "b.js") == {"a.js", "b.js"}
    assert bundle({"b.js": modules["b.js"]}, after="../a.js", given={"a.js"}) == (
        'import { modules } from "../a.js";\n'
        'modules["b.js"] = (() => {\nconst { a } = modules["a.js"];\n'
        "const b = a;\nreturn { b };\n})();\n"
        "export { modules };\n"
    )


@pytest.mark.parametrize(
    "line", ['import "./a.js";', "export default 1;", "export let a = 1;"]
)
def test_a_bundle_refuses_what_it_does_not_know(line):
    with pytest.raises(StoreError, match="expected an import or export of a name"):
        bundle({"main.js": f"{line}\n"})


def test_a_page_names_each_file_once_and_waits_for_no_script(client, kept):
    page = client.get("/guide").text

    for name in (FIRST, ENTRY, PLOTLY, STYLES):
        assert page.count(kept.address(name)) == 1
    assert page.count('type="module" src=') == 1
    assert page.count('rel="stylesheet"') == 1
    assert 'src="/assets/' not in page
    assert not re.search(r"<script src=", page)


def test_the_script_of_the_grid_waits_for_its_use(client):
    page = client.get("/guide").text

    (address,) = re.findall(r'<meta name="grid" content="([^"]+)">', page)
    assert "dash_ag_grid" in address
    assert page.count("/dash_ag_grid.") == 1
    assert client.get(address).status_code == 200


def test_scripts_of_dash_are_fetched_at_once_and_run_later():
    written = "".join(
        f'<script src="/{name}"></script>'
        for name in ("deps/polyfill@7.min.js", "deps/react.js", "dash_table/bundle.js")
    )

    assert deferred(written) == (
        '<link rel="preload" as="script" fetchpriority="low" href="/deps/react.js" '
        'data-src="/deps/react.js">\n<meta name="grid" content="">'
    )


def test_what_stands_in_for_the_dropped_polyfill_comes_with_bootstrap(client):
    """Dash's way of loading a slider late looks for it by name."""
    page = client.get("/guide").text
    address = re.findall(r'data-src="([^"]+bootstrap[^"]+)"', page)[0]

    assert "regeneratorRuntime=" in client.get(address).text


def test_answers_are_packed_where_that_saves_something(client):
    library = "/_dash-component-suites/dash/dcc/dash_core_components.js"
    client.get("/")  # Dash tells of its scripts when it writes a page
    for path in ("/", "/_dash-layout", library):
        plain, packed = (client.get(path, headers=h) for h in ({}, GZIP))
        assert packed.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(packed.data)[:200] == plain.data[:200]
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Content-Encoding" not in plain.headers
    short = client.get("/api/runs", headers=GZIP)
    assert short.data == b"[]"
    assert "Content-Encoding" not in short.headers


def drawn_flat():
    text = (ASSETS / "js" / "canvas" / "plotly.js").read_text()
    (names,) = re.findall(r"const FLAT = new Set\(\[(.*?)\]\)", text)
    return set(re.findall(r'"(\w+)"', names))


def traces_of_figures():
    """Name the kinds of traces that the package makes."""
    found = set()
    for path in Path(grokdash.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "go":
                kind = getattr(go, node.attr, None)
                if isinstance(kind, type) and issubclass(kind, BaseTraceType):
                    found.add(node.attr.lower())
    return found


def test_plotly_that_is_shipped_draws_what_figures_are_made_of():
    """All but the surface: for what else comes up, a page loads all of Plotly."""
    text = (ASSETS / "plotly" / PLOTLY).read_text("utf-8")
    shipped = set(re.findall(r'moduleType:"trace",name:"(\w+)"', text))

    assert drawn_flat() <= shipped
    assert traces_of_figures() - drawn_flat() == {"surface"}


def test_plotly_that_is_shipped_is_the_one_that_figures_are_made_for():
    head = (ASSETS / "plotly" / PLOTLY).read_text("utf-8")[:200]

    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}\n" in head
    assert "MIT" in (ASSETS / "plotly" / "LICENSE.txt").read_text("utf-8")


def test_what_makes_pdf_is_shipped_with_its_licences(client, kept):
    told = (ASSETS / "pdf" / "LICENSES.txt").read_text("utf-8")
    page = client.get("/guide").text

    for name in PDF:
        assert name in told
        assert client.get(kept.address(name)).status_code == 200
        assert kept.address(name) in page
    version = re.search(r"jsPDF ([\d.]+),", told)[1]
    assert f"Version {version}" in (ASSETS / "pdf" / PDF[0]).read_text("utf-8")[:600]


@pytest.mark.parametrize(
    ("visitor", "packed"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, False),
        ({"REMOTE_ADDR": "192.0.2.7"}, True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, True),
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"), [(bytes(2000), BYTES), (b" " * 2_000_000, "application/json")]
)
def test_frames_and_long_lists_are_packed_for_who_is_far(visitor, packed, body, kind):
    server = flask.Flask("test")
    pack_answers(server)
    server.add_url_rule("/", view_func=lambda: flask.Response(body, mimetype=kind))

    answer = server.test_client().get("/", headers=GZIP, environ_base=visitor)

    assert (answer.headers.get("Content-Encoding") == "gzip") is packed
    assert (gzip.decompress(answer.data) if packed else answer.data) == body
