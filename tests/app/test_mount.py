"""Below a path: every address of the app begins with where it is mounted."""

import json
import re
from urllib.parse import unquote

import pytest

from grokdash.app import create_app
from grokdash.app.mount import checked_base_path
from grokdash.app.posture import Access
from grokdash.errors import ConfigError
from grokdash.pages import PAGES
from grokdash.store.reports import Reports

BELOW = "/user/jo@x.example/proxy/8050"


@pytest.fixture(scope="module")
def client(sweep):
    reports = Reports(sweep.store)
    name = reports.create("Found")
    yield create_app(sweep.store).server.test_client()
    reports.delete(name)


def addresses_in(page):
    """Find every address in a page: of links, scripts, styles, and Dash's prefix."""
    found = re.findall(r'(?:href|src|content)="(/[^"#]+)"', page)
    config = re.search(r'_dash-config"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert config is not None
    return [*found, json.loads(config[1])["requests_pathname_prefix"]]


def hrefs_in(layout):
    """Find every address in a tree of components."""
    if isinstance(layout, list):
        return [href for one in layout for href in hrefs_in(one)]
    if not isinstance(layout, dict):
        return []
    own = [layout["href"]] if isinstance(layout.get("href"), str) else []
    return own + [href for one in layout.values() for href in hrefs_in(one)]


def open_page(client, path, below, **headers):
    """Ask for the layout of a page as the browser does."""
    where = {"id": "_pages_location"}
    body = {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [
            {"id": "_pages_content", "property": "children"},
            {"id": "_pages_store", "property": "data"},
        ],
        "inputs": [
            {**where, "property": "pathname", "value": below + path},
            {**where, "property": "search", "value": ""},
        ],
        "changedPropIds": ["_pages_location.pathname"],
    }
    path = f"{headers.pop('at', '')}/_dash-update-component"
    answer = client.post(path, json=body, headers=headers)
    return json.loads(answer.text)


def paths(sweep):
    """Give a path for every page of the app."""
    run_id = sweep.data.runs[0].id
    return [
        page.path_template.replace("<run_id>", run_id)
        .replace("<sweep_id>", sweep.id)
        .replace("<view_id>", "accuracy-curves")
        .replace("<name>", "found")
        for page in PAGES
    ] + ["/nowhere"]


@pytest.mark.parametrize("given", [BELOW, f"{BELOW}/", "/user/jo%40x/proxy/80"])
def test_every_address_follows_the_header_of_a_proxy_on_this_computer(
    client, sweep, given
):
    header, root = {"X-Forwarded-Prefix": given}, given.rstrip("/")

    for path in paths(sweep):
        page = client.get(path, headers=header)
        assert page.status_code == 200
        found = addresses_in(page.text)
        assert len(found) > 12
        assert [one for one in found if not one.startswith(f"{root}/")] == []
        for below in (root, unquote(root)):
            laid_out = open_page(client, path, below, **header)
            failed = "cannot be shown" in json.dumps(laid_out)
            assert failed == (path == "/nowhere"), path
            away = [one for one in hrefs_in(laid_out) if not one.startswith(root)]
            assert away == [], path


def test_what_the_page_names_is_served_without_the_path_that_a_proxy_took_off(client):
    page = client.get("/", headers={"X-Forwarded-Prefix": BELOW})

    for address in addresses_in(page.text):
        with client.get(unquote(address).removeprefix(BELOW)) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["//evil.example", "/a/../b", "/a b", '/"><script>', "http://x", "/a,/b"]
)
def test_a_header_that_is_no_plain_path_is_not_believed(client, header):
    page = client.get("/", headers={"X-Forwarded-Prefix": header})

    assert {one[:2] for one in addresses_in(page.text)} <= {
        "/",
        *(f"/{one}" for one in "_acgkrst"),
    }
    assert header not in page.text


def test_the_header_is_believed_of_this_computer_alone(client):
    for peer, believed in (
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.7", False),
    ):
        page = client.get(
            "/",
            headers={"X-Forwarded-Prefix": "/there"},
            environ_base={"REMOTE_ADDR": peer},
        )
        assert ("/there/assets" in page.text) == believed


@pytest.mark.parametrize("arriving", ["/lab/grokdash", ""])
def test_a_base_path_is_the_same_whether_the_proxy_takes_it_off(sweep, arriving):
    access = Access(base_path="lab/grokdash/")
    client = create_app(sweep.store, access=access).server.test_client()
    other = {"X-Forwarded-Prefix": "/other"}

    for path in ("/", f"/run/{sweep.data.runs[0].id}"):
        page = client.get(arriving + path, headers=other)
        found = addresses_in(page.text)
        assert [one for one in found if not one.startswith("/lab/grokdash/")] == []
        laid_out = open_page(client, path, "/lab/grokdash", at=arriving, **other)
        assert "cannot be shown" not in json.dumps(laid_out)
    assert client.get(f"{arriving}/api/runs").status_code == 200
    assert client.get("/lab/grokdashes").status_code == 200  # a page of ours: not found


@pytest.mark.parametrize("path", ["/run", "api/x", "/compare/", "/assets", "/sweeps/a"])
def test_a_base_path_that_begins_like_a_page_is_refused(sweep, path):
    with pytest.raises(ConfigError, match="is a path of the app itself"):
        create_app(sweep.store, access=Access(base_path=path))


@pytest.mark.parametrize("path", ["/a b", "//a//b", "/..", "/a/../b", 'x"y'])
def test_a_base_path_that_is_none_is_refused(path):
    with pytest.raises(ConfigError, match="expected a path such as"):
        checked_base_path(path)


def test_a_token_in_the_path_opens_the_door_by_any_name_and_without_cookies(sweep):
    access = Access(token="s3cret", token_in_path=True)
    client = create_app(sweep.store, access=access).server.test_client()
    headers = {"Host": "hub.example", "X-Forwarded-Prefix": "/proxy/1"}

    for path in ("/", "/api/runs", "/s3cre/", "/s3cretly/", "/?token=s3cret"):
        assert client.get(path, headers=headers).status_code == 404
    page = client.get("/s3cret/", headers=headers)
    found = addresses_in(page.text)
    assert [one for one in found if not one.startswith("/proxy/1/s3cret/")] == []
    assert client.get("/s3cret/api/runs", headers=headers).status_code == 200
    assert "Set-Cookie" not in page.headers
