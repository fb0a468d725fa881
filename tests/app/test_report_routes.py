"""What the server answers for reports: adding, two tabs, reading only."""

import shutil

import pytest

from grokdash.app import create_app
from grokdash.store import open_store
from tests.conftest import tiny_config

OURS = {"X-Grokdash": "1", "Origin": "http://localhost"}
RUN = tiny_config().run_id()


@pytest.fixture
def store(run_view, tmp_path):
    shutil.copytree(run_view.stored.path, tmp_path / "store" / RUN)
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def client(store):
    return create_app(store).server.test_client()


def post(client, path, **body):
    return client.post(f"/api/{path}", json=body, headers=OURS)


def picture(view="correct-logit", epoch="2"):
    return {"kind": "view", "of": RUN, "view": view, "query": {"e": epoch}}


@pytest.fixture
def name(client):
    """A report of one picture."""
    name = post(client, "reports/new", title="Found").get_json()["name"]
    assert post(client, f"report/{name}/add", **picture()).status_code == 200
    return name


def body_of(report, **changes):
    items = [{n: one[n] for n in ("id", "title", "caption")} for one in report["items"]]
    body = {n: report[n] for n in ("revision", "title", "notes")}
    return body | {"items": items} | changes


def test_the_second_of_two_tabs_is_refused_and_can_keep_its_own(client, name):
    report = client.get(f"/api/report/{name}").get_json()
    theirs = post(client, f"report/{name}/save", **body_of(report, title="Theirs"))
    mine = body_of(report, title="Mine", notes="**mine**")

    refused = post(client, f"report/{name}/save", **mine)
    kept = post(client, f"report/{name}/copy", title="Mine", report=mine).get_json()

    assert theirs.status_code == 200
    assert refused.status_code == 409
    assert "was changed elsewhere" in refused.get_json()["error"]
    assert client.get(f"/api/report/{name}").get_json()["title"] == "Theirs"
    copied = client.get(f"/api/report/{kept['name']}").get_json()
    assert copied["html"] == "<p><strong>mine</strong></p>\n"
    (item,) = copied["items"]
    figure = f"/api/report/{kept['name']}/figure/{item['figure']}?theme=dark"
    assert client.get(figure).get_json()["data"][0]["type"] == "heatmap"


def test_what_was_removed_can_be_put_back_and_words_can_be_added(client, name):
    report = client.get(f"/api/report/{name}").get_json()
    words = {"id": "t1", "title": "", "caption": "Some *words*."}
    gone = post(client, f"report/{name}/save", **body_of(report, items=[words]))
    back = body_of(gone.get_json(), items=[*body_of(report)["items"], words])

    saved = post(client, f"report/{name}/save", **back).get_json()

    assert [one["kind"] for one in gone.get_json()["items"]] == ["text"]
    assert [one["kind"] for one in saved["items"]] == ["view", "text"]
    assert saved["items"][0]["figure"] == report["items"][0]["figure"]


def test_what_became_of_a_run_is_told(client, store, name):
    before = client.get(f"/api/report/{name}").get_json()["items"][0]
    store.delete_run(RUN)

    after = client.get(f"/api/report/{name}").get_json()["items"][0]

    assert (before["since"], before["told"]) == ("same", "")
    assert after["since"] == "gone"
    assert RUN in after["told"]
    assert str(store.path) not in after["told"]


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("add", picture(view="nothing"), 404, "no view 'nothing'"),
        ("add", picture(epoch="x"), 400, "e: expected an epoch"),
        ("add", picture() | {"kind": "text"}, 400, "kind: expected one of view"),
        ("add", picture() | {"of": "nobody"}, 404, "no run 'nobody'"),
        ("save", {"revision": "x"}, 400, "revision"),
        ("export/html", {"revision": 2, "pictures": {}}, 400, "one of each of 1 items"),
        ("export/html", {"revision": 1, "pictures": {}}, 409, "save it again"),
        ("copy", {"title": " "}, 400, "expected a name"),
        ("delete", {"confirm": "x"}, 400, "repeat the report's name"),
    ],
)
def test_what_cannot_be_done_is_told(client, name, path, body, status, told):
    answer = post(client, f"report/{name}/{path}", **body)

    assert answer.status_code == status
    assert told in answer.get_json()["error"]


def test_a_page_is_made_of_the_pictures_that_the_browser_has_drawn(client, name):
    report = client.get(f"/api/report/{name}").get_json()
    (sheet,) = client.get(f"/api/report/{name}/sheets").get_json()
    big = f"<svg xmlns='http://www.w3.org/2000/svg'>{' ' * 2_000_000}</svg>"

    answer = post(
        client,
        f"report/{name}/export/html",
        revision=report["revision"],
        pictures={sheet["id"]: big},
    )

    assert sheet["figure"]["layout"]["meta"]["sheet"]["width"] == 720
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="found.html"'
    assert b'src="data:image/svg+xml;base64,' in answer.data


def test_a_server_that_only_reads_shows_reports_and_saves_none(store, name):
    client = create_app(store, read_only=True).server.test_client()

    shown = client.get(f"/api/report/{name}").get_json()
    refused = [
        post(client, f"report/{name}/save", **body_of(shown)),
        post(client, f"report/{name}/add", **picture()),
        post(client, "reports/new", title="x"),
    ]

    assert shown["writable"] is False
    assert [one.status_code for one in refused] == [400] * 3
    assert all("--read-only" in one.get_json()["error"] for one in refused)
