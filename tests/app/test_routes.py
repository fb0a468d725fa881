"""The routes beside the pages: what they give and refuse, how they are guarded."""

import base64
import csv
import io
import json
import shutil
import struct

import numpy as np
import pytest
from pydantic import TypeAdapter

from grokdash.app import answers, create_app
from grokdash.app.answers import version_of
from grokdash.app.blocks import Told, pack_block, quantise
from grokdash.app.posture import Access
from grokdash.cache import Cache
from grokdash.config import make_config
from grokdash.contract.listing import Deleted
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.saving.numbers import view_numbers
from grokdash.snapshot import RunView
from grokdash.store import open_store
from grokdash.training.train import Options, train
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import make_drawing, scrubbed, view_arrays
from grokdash.views.core.selection import default_selection

STEPS = [0, 2, 4, 6]
POLICY = {
    "default-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "media-src": "'self' blob:",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


@pytest.fixture(scope="module")
def store_folder(tmp_path_factory):
    config = make_config(
        p=7,
        train_fraction=0.5,
        d_model=8,
        d_mlp=12,
        n_heads=2,
        epochs=6,
        checkpoint_every=2,
        dense_every=2,
        dense_until=2,
        grids=2,
    )
    folder = tmp_path_factory.mktemp("routes")
    train(config, Options(store=folder, threads=1, quiet=True, device="cpu"))
    return folder


@pytest.fixture(scope="module")
def store(store_folder):
    opened = open_store(store_folder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def run_id(store):
    return store.run_ids()[0]


@pytest.fixture(scope="module")
def client(store):
    return create_app(store).server.test_client()


@pytest.fixture(scope="module")
def run(store, run_id):
    return RunView(store.run(run_id), Cache())


def unpack(block: bytes) -> list[Told]:
    """Read a block as the browser does."""
    (length,) = struct.unpack_from("<I", block)
    payload = 4 + length
    assert payload % 4 == 0
    frames = []
    for frame in json.loads(block[4:payload])["frames"]:
        arrays = {}
        for name, one in frame["arrays"].items():
            kind = np.dtype("<f4") if one["dtype"] == "f4" else np.dtype("u1")
            count = int(np.prod(one["shape"]))
            values = np.frombuffer(block, kind, count, payload + one["offset"])
            values = values.reshape(one["shape"]).astype(np.float64)
            if kind.itemsize == 1:
                scaled = one["lo"] + values * (one["hi"] - one["lo"]) / 254
                values = np.where(values == 255, np.nan, scaled)
            arrays[name] = values
        frames.append(Told(frame["step"], frame["sentence"], arrays))
    return frames


def plotly_array(value) -> np.ndarray:
    """Read an array of a figure's JSON, which may be base64."""
    if isinstance(value, dict):
        flat = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        shape = value.get("shape")
        return flat.reshape([int(n) for n in shape.split(",")]) if shape else flat
    return np.array([np.nan if one is None else one for one in value], dtype=float)


# What the routes give


def test_the_manifest_says_what_the_player_must_know(client, run_id):
    ids = ["embedding-circle", "loss-curves", "correct-logit"]

    found = client.get(f"/api/run/{run_id}/manifest?views={','.join(ids)}").get_json()

    assert found["run"] == run_id
    assert found["steps"] == STEPS
    assert found["p"] == 7
    assert found["config"]["operation"] == "add"
    assert found["status"]["state"] == "finished"
    assert found["limits"]["k"] == [1, 3]
    assert found["limits"]["a"] == [0, 6]
    assert set(found["key_colours"]) == {str(k) for k in found["keys"]}
    assert found["notices"] == []
    assert set(found["views"]) == set(ids)
    for view_id, described in found["views"].items():
        view = get_view(view_id)
        assert described["scrub"] == dict(view.scrub)
        assert described["reads"] == list(view.reads)
        assert described["cursor"] is (view_id == "loss-curves")


def test_bad_values_are_clamped_and_told(client, run_id):
    query = "k=99&a=-3&norm=never&n=x&e=1e9&keys=1-9&unknown=1"

    found = client.get(f"/api/run/{run_id}/manifest?{query}").get_json()

    selection, notices = found["selection"], " ".join(found["notices"])
    assert selection["k"] == 3
    assert selection["a"] == 0
    assert selection["norm"] == "run"
    assert selection["keys"] == "1"
    assert len(found["notices"]) == 6
    assert "Frequency 99 was asked for; 1 to 3 fit here, so 3 is shown." in notices
    assert "Epoch 1,000,000,000 was asked for; 0 to 6 fit here, so 6 is" in notices
    for name in ("Token a = −3", "Range:", "Neuron:", "Set of keys"):
        assert name in notices
    assert "unknown" not in notices


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e999", "--1", "0x10", "٣", "1" * 5000, "%00", ""]
)
@pytest.mark.parametrize("field", ["e", "k", "a", "keys", "norm"])
def test_no_value_breaks_a_figure(client, run_id, field, text):
    url = f"/api/run/{run_id}/figure/embedding-circle?{field}={text}"

    answer = client.get(url)

    assert answer.status_code == 200
    assert answer.get_json()["step"] in STEPS


@pytest.mark.parametrize("view", [v for v in VIEWS if v.scrub], ids=lambda v: v.id)
def test_frames_decode_to_the_arrays_of_the_view(client, run, view):
    if view.missing(run) is not None:
        pytest.skip(view.missing(run))
    url = f"/api/run/{run.id}/frames/{view.id}?v={version_of(run)}&steps=0,4,6"

    answer = client.get(url)

    frames = unpack(answer.data)
    assert [frame.step for frame in frames] == [0, 4, 6]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    selection = default_selection(run)
    for step, _, arrays in frames:
        expected = scrubbed(view, view_arrays(run.at(step), view, selection))
        assert set(arrays) == set(expected)
        for name, values in arrays.items():
            exact = np.asarray(expected[name], dtype=float)
            span = np.nanmax(exact) - np.nanmin(exact) if exact.size else 0
            coarse = 0.51 / 254 * span + 1e-5 * np.nanmax(np.abs(exact), initial=0)
            assert np.array_equal(np.isnan(values), np.isnan(exact))
            assert np.nanmax(np.abs(values - exact), initial=0) <= coarse


@pytest.mark.parametrize("view", [v for v in VIEWS if v.scrub], ids=lambda v: v.id)
def test_the_figure_shows_the_exact_frame(client, run, view):
    if view.missing(run) is not None:
        pytest.skip(view.missing(run))
    exact = client.get(f"/api/run/{run.id}/exact/{view.id}?e=4").data
    shown = client.get(f"/api/run/{run.id}/figure/{view.id}?e=4").get_json()

    ((step, sentence, arrays),) = unpack(exact)
    assert step == shown["step"] == 4
    assert sentence == shown["sentence"]
    for target, values in arrays.items():
        place, attribute = target.split(".", 1)
        found = shown["figure"]["data"][int(place)]
        for part in attribute.split("."):
            found = found[part]
        drawn = plotly_array(found).astype(float)
        gap = np.isnan(drawn) & ~(values > 0)  # zero on a log axis is not drawn
        assert np.allclose(
            np.where(gap, 0, drawn), np.where(gap, 0, values), rtol=1e-5, atol=1e-6
        )


def test_a_figure_names_what_it_shows(client, run_id):
    found = client.get(f"/api/run/{run_id}/figure/correct-logit?e=5&theme=dark")

    found = found.get_json()
    meta = found["figure"]["layout"]["meta"]
    assert meta["epoch"] == found["step"] == 4
    assert meta["run"] == run_id
    assert meta["view"] == "correct-logit"
    assert "logit" in found["sentence"]
    assert found["figure"]["layout"]["uirevision"]


@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.id)
def test_data_come_back_in_every_format(client, run, view):
    if view.missing(run) is not None:
        pytest.skip(view.missing(run))
    expected = view_arrays(run.at(4), view, default_selection(run))
    base = f"/api/run/{run.id}/data/{view.id}"

    plain = client.get(f"{base}.json?e=4").get_json()
    table = client.get(f"{base}.csv?e=4")
    record = np.load(io.BytesIO(client.get(f"{base}.npy?e=4").data))

    name = f"{run.id}__{view.id}__e000004.csv"
    assert table.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert plain["provenance"]["epoch"] == 4
    assert plain["provenance"]["config"] == run.config.hash()
    assert json.loads(str(record["provenance"])) == plain["provenance"]
    from_csv = read_table(table.get_data(as_text=True), plain["provenance"])
    for field, values in expected.items():
        nested = np.array(plain["arrays"][field], dtype=float)
        exact = np.asarray(values, dtype=float)
        assert np.array_equal(record[field], values, equal_nan=values.dtype.kind == "f")
        assert np.array_equal(nested.reshape(exact.shape), exact, equal_nan=True)
        head = view.titles(run).get(field, field)
        column = from_csv[head][: exact.size]
        assert np.array_equal(column, exact.ravel(), equal_nan=True)


@pytest.mark.parametrize("known", NUMBER_FORMATS, ids=lambda known: known.ending)
def test_every_format_of_numbers_has_its_address(client, run, known):
    view = get_view("embedding-circle")
    drawing = make_drawing(run.at(4), view, default_selection(run), "light")
    answer = client.get(f"/api/run/{run.id}/data/{view.id}.{known.ending}?e=4")

    name = f"{run.id}__{view.id}__e000004.{known.ending}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.mimetype == known.media_type
    assert answer.data == known.of_view(view_numbers(drawing, view))


def read_table(text: str, provenance) -> dict[str, np.ndarray]:
    """Read a downloaded CSV file: one table; its last column says where it is from."""
    titles, *rows = csv.reader(text.splitlines())
    said = [row.pop() for row in rows]
    assert json.loads(said[0]) == provenance
    assert not any(said[1:])
    columns = zip(*rows, strict=True)
    return {
        title: np.array([float(cell) if cell else np.nan for cell in column])
        for title, column in zip(titles[:-1], columns, strict=True)
        if not title.startswith("index")
    }


def test_guides_are_plain_text(client):
    found = client.get("/api/guide/loss-curves").get_json()

    guide = get_view("loss-curves").guide
    parts = {one["label"]: one["text"] for one in found["parts"]}
    assert found["title"] == "Loss"
    assert found["formula"] == guide.formula
    assert parts["Shows"] == guide.what
    assert parts["Wrong"] == guide.wrong
    assert len(parts) == 5 + bool(guide.reference)


def test_the_guide_of_a_run_is_written_in_its_operation(client, run_id):
    own = client.get(f"/api/guide/logit-shares?run={run_id}").get_json()
    addition = client.get("/api/guide/logit-shares").get_json()

    assert own["operation"] == "add"
    assert own == addition
    assert "waves in a + b" in addition["parts"][0]["text"]
    assert "$" not in json.dumps(own)


def test_the_list_of_runs_is_strict_json(client, run_id):
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    found = json.loads(client.get("/api/runs").data, parse_constant=refuse)

    assert [one["id"] for one in found] == [run_id]


def test_live_gives_only_what_is_new(client, run_id):
    found = client.get(f"/api/run/{run_id}/live?have=3").get_json()

    assert found["steps"] == STEPS[3:]
    assert client.get(f"/api/run/{run_id}/live?have=-9").get_json()["steps"] == STEPS
    assert client.get(f"/api/run/{run_id}/live?have=99").get_json()["steps"] == []


# What the routes refuse


@pytest.mark.parametrize(
    ("url", "status", "text"),
    [
        ("/api/run/nobody/manifest", 404, "nobody"),
        ("/api/run/nobody/figure/loss-curves", 404, "nobody"),
        ("/api/run/{id}/manifest?views=nothing", 404, "nothing"),
        ("/api/run/{id}/figure/nothing", 404, "the views are"),
        ("/api/run/{id}/frames/nothing?steps=0", 404, "nothing"),
        ("/api/run/{id}/data/nothing.csv", 404, "nothing"),
        ("/api/run/{id}/data/loss-curves.exe", 400, "csv, npy, json"),
        ("/api/run/{id}/frames/correct-logit", 400, "1 to 64 epochs"),
        ("/api/run/{id}/frames/correct-logit?steps=", 400, "1 to 64 epochs"),
        ("/api/run/{id}/frames/correct-logit?steps=a,b", 400, "joined by commas"),
        ("/api/run/{id}/frames/correct-logit?steps=1", 404, "the nearest is"),
        ("/api/run/{id}/frames/correct-logit?steps=0,-2", 404, "not stored"),
        ("/api/run/{id}/frames/correct-logit?steps=" + "0," * 65, 400, "got 65"),
        ("/api/run/{id}/figure/loss-curves?theme=pink", 400, "light or dark"),
        ("/api/guide/nothing", 404, "the views are"),
    ],
)
def test_what_is_not_there_is_said_in_json(client, run_id, url, status, text):
    answer = client.get(url.replace("{id}", run_id))

    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert text in answer.get_json()["error"]


TRAVERSALS = [
    "..",
    "../..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%2e%2e%2f",
    "%2e%2e/%2e%2e",
    "..%5c..",
    "..\\..\\windows",
    "....//",
    "..;/",
    "..%00",
    "%00",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "~",
    "~root",
    "$HOME",
    ".",
    "./",
    ".hidden",
    "-rf",
    "C:\\",
    "C:",
    "con",
    "a/../b",
    "a%2f..%2fb",
    "%c0%ae%c0%ae",
    "%252e%252e%252f",
    "file:%2f%2f%2fetc",
    "run.json",
    "a" * 300,
    "é",
    "a b",
    "a\nb".replace("\n", "%0a"),
]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_a_run_id_is_a_name_and_never_a_path(client, name):
    for url in (f"/api/run/{name}/manifest", f"/api/run/{name}/figure/loss-curves"):
        answer = client.get(url)

        # A name with a slash is another address: there is the empty page.
        assert answer.status_code in (308, 400, 404) or is_empty_page(answer)
        assert b"root:" not in answer.data
        assert b"Traceback" not in answer.data


def is_empty_page(answer) -> bool:
    """Say whether this is the page that every unknown address gives."""
    return answer.mimetype == "text/html" and b"<!DOCTYPE html>" in answer.data


@pytest.mark.parametrize("name", TRAVERSALS)
def test_nothing_but_assets_is_served_as_an_asset(client, name):
    answer = client.get(f"/assets/{name}")

    assert answer.status_code in (308, 400, 404) or is_empty_page(answer)
    assert b"root:" not in answer.data


def test_an_unexpected_error_has_no_traceback(client, run_id, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("grokdash.app.routes.make_drawing", fail)

    answer = client.get(f"/api/run/{run_id}/figure/correct-logit")

    assert answer.status_code == 500
    assert "RuntimeError" in answer.get_json()["error"]
    assert b"secret" not in answer.data


# How the server is guarded


@pytest.mark.parametrize("url", ["/api/runs", "/api/run/nobody/manifest", "/nothing"])
def test_every_answer_carries_the_same_headers(client, url):
    headers = client.get(url).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    parts = [
        part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; ")
    ]
    policy = dict(parts)
    scripts = policy.pop("script-src").split(" ")
    assert policy == POLICY
    assert scripts[0] == "'self'"
    assert all(one.startswith("'sha256-") for one in scripts[1:])


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", ""],
)
def test_a_foreign_host_name_is_refused(client, host):
    answer = client.get("/api/runs", headers={"Host": host})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8050", "127.0.0.1:9", "[::1]:8050", "[::1]"),
        *("LocalHost:8050", "localhost.", "[0:0:0:0:0:0:0:1]:80"),
    ],
)
def test_this_computer_is_served(client, host):
    assert client.get("/api/runs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:1234"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/run/{id}/notes", "/api/run/{id}/delete", "/_dash-update-component"]
)
def test_another_site_cannot_write(client, run_id, path, headers):
    answer = client.post(
        path.replace("{id}", run_id),
        json={"confirm": run_id},
        headers={"X-Grokdash": "1", **headers},
    )

    assert answer.status_code == 403


def test_writing_needs_the_header_that_forms_cannot_send(client, run_id):
    url = f"/api/run/{run_id}/delete"

    answer = client.post(url, json={"confirm": run_id})

    assert answer.status_code == 400
    assert client.get("/api/runs").get_json()[0]["id"] == run_id


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '{"confirm": "other"}', "{}"])
def test_deleting_needs_the_id_repeated(client, run_id, body):
    answer = client.post(
        f"/api/run/{run_id}/delete",
        data=body,
        headers={"X-Grokdash": "1", "Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert client.get("/api/runs").get_json()[0]["id"] == run_id


def test_reading_routes_do_not_take_posts(client, run_id):
    for path in ("runs", f"run/{run_id}/manifest", f"run/{run_id}/figure/loss-curves"):
        assert client.post(f"/api/{path}").status_code == 405


def test_notes_are_kept(client, store, run_id):
    answer = client.post(
        f"/api/run/{run_id}/notes",
        json={"title": "Mine", "tags": ["x", "y"], "notes": "<b>plain</b>"},
        headers={"X-Grokdash": "1", "Origin": "http://localhost"},
    )

    assert answer.status_code == 200
    assert store.run(run_id).notes.title == "Mine"
    assert store.run(run_id).notes.tags == ("x", "y")
    found = client.get(f"/api/run/{run_id}/manifest").get_json()
    assert found["title"] == "Mine"


def test_a_body_too_large_is_refused(client, run_id):
    answer = client.post(
        f"/api/run/{run_id}/notes",
        data=b'{"notes": "' + b"x" * (2 << 20) + b'"}',
        headers={"X-Grokdash": "1", "Content-Type": "application/json"},
    )

    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("path", ["/_mcp", "/_mcp/", "/mcp", "/_alive"])
def test_routes_that_nobody_asked_for_are_closed(client, path):
    answer = client.get(path)

    assert answer.status_code == 404 or is_empty_page(answer)
    assert client.post(path, json={}).status_code in (400, 403, 404, 405)


def test_a_token_opens_the_door_and_is_remembered(store):
    server = create_app(store, access=Access(token="open sesame")).server
    stranger, friend = server.test_client(), server.test_client()

    assert stranger.get("/api/runs").status_code == 403
    assert stranger.get("/api/runs?token=wrong").status_code == 403
    assert stranger.get("/api/runs?token=%C3%A9").status_code == 403
    assert stranger.get("/assets/grokdash.css").status_code == 403
    first = friend.get("/api/runs?token=open+sesame")
    assert first.status_code == 200
    cookie = first.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert friend.get("/api/runs").status_code == 200
    far = {"Host": "far.example"}
    assert stranger.get("/api/runs?token=open+sesame", headers=far).status_code == 200


def test_two_apps_share_nothing(store, tmp_path):
    empty = open_store(tmp_path)
    one, two = create_app(store), create_app(empty)

    assert len(one.server.test_client().get("/api/runs").get_json()) == 1
    assert two.server.test_client().get("/api/runs").get_json() == []
    empty.close()


# Blocks


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(-3, 8, 12).reshape(3, 4),
        np.full((2, 2), 5.0),
        np.array([[np.nan, 1.0], [np.inf, -1.0]]),
        np.full((2, 3), np.nan),
        np.zeros((0, 3)),
        np.array([[-3e38, 3e38], [0.0, 1.0]]),
    ],
    ids=["ramp", "constant", "gaps", "all gaps", "empty", "huge"],
)
def test_quantised_values_are_within_half_a_step(values):
    q, low, high = quantise(values)

    finite = np.isfinite(np.asarray(values, np.float32))
    back = low + q.astype(float) * ((high - low) / 254)
    assert np.array_equal(q == 255, ~finite)
    if finite.any():
        step = (high - low) / 254
        assert np.abs(back - values)[finite].max() <= 0.51 * step + 1e-6


def test_exact_blocks_are_float32_bit_for_bit():
    values = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    values[1, 2] = np.nan

    ((step, _, arrays),) = unpack(
        pack_block([Told(7, "", {"0.z": values})], exact=True)
    )

    assert step == 7
    assert np.array_equal(arrays["0.z"].astype(np.float32), values, equal_nan=True)


def test_arrays_of_odd_sizes_stay_aligned():
    parts = {f"{n}.z": np.full((1, n), n, dtype=float) for n in range(1, 8)}
    parts["8.x"] = np.arange(3.0)

    ((_, _, arrays),) = unpack(pack_block([Told(0, "", parts)]))

    for name, values in parts.items():
        assert arrays[name] == pytest.approx(values)


def test_damage_is_told_apart_and_remembered_in_the_list(store_folder, tmp_path):
    """A page loads itself again on a changed run; on a damaged one it must not."""
    shutil.copytree(store_folder, tmp_path / "store")
    store = open_store(tmp_path / "store")
    (run_id,) = store.run_ids()
    packed = tmp_path / "store" / run_id / "run.h5"
    content = bytearray(packed.read_bytes())
    part = len(content) // 3
    content[part : 2 * part] = bytes(part)
    packed.write_bytes(content)
    client = create_app(store).server.test_client()

    answers = [client.get(f"/api/run/{run_id}/figure/{view.id}") for view in VIEWS]

    statuses = {answer.status_code for answer in answers}
    assert 422 in statuses
    assert statuses <= {200, 404, 422}
    (listed,) = client.get("/api/runs").get_json()
    assert listed["problem"]


def test_words_alone_come_without_the_figure(client, run):
    address = f"/api/run/{run.id}/figure/loss-curves?e=4"

    words = client.get(f"{address}&words=1").get_json()

    whole = client.get(address).get_json()
    assert "figure" in whole
    assert "figure" not in words
    assert words["sentence"] == whole["sentence"]
    assert "epoch 4" in words["sentence"]


def test_frames_of_earlier_views_are_not_served_under_their_address(
    client, run_id, monkeypatch
):
    before = client.get(f"/api/run/{run_id}/manifest").get_json()["fingerprint"]

    monkeypatch.setattr(answers, "_READING", "another")

    address = f"/api/run/{run_id}/frames/correct-logit?steps=0&v="
    assert client.get(address + before).status_code == 409
    now = client.get(f"/api/run/{run_id}/manifest").get_json()["fingerprint"]
    assert client.get(address + now).headers["Cache-Control"].endswith("immutable")


def test_a_page_of_an_earlier_training_is_told_so_and_given_nothing(
    store_folder, tmp_path
):
    shutil.copytree(store_folder, tmp_path / "store")
    store = open_store(tmp_path / "store")
    (run_id,) = store.run_ids()
    config = store.run(run_id).config
    stale = version_of(RunView(store.run(run_id), Cache()))
    store.delete_run(run_id)
    quiet = Options(store=store.path, threads=1, quiet=True, device="cpu")
    train(config, quiet)
    client = create_app(store).server.test_client()
    base = f"/api/run/{run_id}"

    for path in ("frames/correct-logit?steps=0", "exact/correct-logit?e=0"):
        for old in (f"{path}&v={stale}", f"{path}&v="):
            answer = client.get(f"{base}/{old}")
            assert answer.status_code == 409
            assert "trained anew" in answer.get_json()["error"]
            assert answer.headers["Cache-Control"] == "no-store"
        now = version_of(RunView(store.run(run_id), Cache()))
        fresh = client.get(f"{base}/{path}&v={now}")
        assert fresh.headers["Cache-Control"].endswith("immutable")
        assert client.get(f"{base}/{path}").headers["Cache-Control"] == "no-store"
    for path in ("figure/correct-logit", "data/correct-logit.csv"):
        assert client.get(f"{base}/{path}?v={stale}").status_code == 409
        assert client.get(f"{base}/{path}").status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"title": 3}, "title: expected a text"),
        ({"tags": "one"}, "tags: expected a list of texts"),
        ({"tags": ["one", 2]}, "tags.1: expected a text"),
        ({"title": None, "notes": []}, "title: expected a text\nnotes: expected"),
    ],
)
def test_a_body_that_is_not_the_contract_is_refused_in_words(
    client, store, run_id, body, words
):
    before = store.read_notes(run_id)

    answer = client.post(
        f"/api/run/{run_id}/notes", json=body, headers={"X-Grokdash": "1"}
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(words)
    assert store.read_notes(run_id) == before


def test_a_run_deleted_beside_foreign_files_is_said_to_be_deleted(
    store_folder, tmp_path
):
    shutil.copytree(store_folder, tmp_path / "store")
    store = open_store(tmp_path / "store")
    (run_id,) = store.run_ids()
    (store.path / run_id / "thesis.txt").write_text("mine")
    client = create_app(store).server.test_client()

    answer = client.post(
        f"/api/run/{run_id}/delete",
        json={"confirm": run_id},
        headers={"X-Grokdash": "1", "Origin": "http://localhost"},
    )

    assert answer.status_code == 200
    told = TypeAdapter(Deleted).validate_json(answer.data, strict=True)
    assert told["left"].startswith(f"{run_id}: the run is deleted, but its folder is")
    assert "thesis.txt" in told["left"]
    assert client.get("/api/runs").get_json() == []
