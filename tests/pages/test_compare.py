"""The Compare page and its routes: what they show, and what they say of bad input."""

import base64
import json
import shutil

import numpy as np
import pytest

from grokdash.app import create_app
from grokdash.config import make_config
from grokdash.pages.compare.page import PAGE
from grokdash.pages.page import PageContext
from grokdash.store import open_store
from grokdash.training.train import Options, train
from grokdash.views import VIEWS
from grokdash.views.compare.runs import config_rows, read_align, read_runs

SMALL = {
    "train_fraction": 0.5,
    "d_model": 8,
    "d_mlp": 12,
    "n_heads": 2,
    "epochs": 6,
    "checkpoint_every": 2,
    "dense_every": 2,
    "dense_until": 2,
    "grids": 2,
    "warmup": 0,
}


@pytest.fixture(scope="module")
def configs():
    return [
        make_config(p=7, **SMALL),
        make_config(p=7, **SMALL | {"seed": 1, "weight_decay": 0.5}),
        make_config(p=5, **SMALL),
        make_config(operation="multiply", p=7, **SMALL),
    ]


@pytest.fixture(scope="module")
def store(configs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    for config in configs:
        train(config, Options(store=folder, threads=1, quiet=True, device="cpu"))
    opened = open_store(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def ids(configs):
    return [config.run_id() for config in configs]


@pytest.fixture(scope="module")
def app(store):
    return create_app(store)


@pytest.fixture(scope="module")
def client(app):
    return app.server.test_client()


@pytest.fixture(scope="module")
def context(app) -> PageContext:
    return app.server.config["GROKDASH_PAGES"]


def texts(component) -> str:
    """Everything a page says, in one string."""
    if component is None:
        return ""
    if isinstance(component, (str, int, float)):
        return str(component)
    if isinstance(component, (list, tuple)):
        return " ".join(texts(one) for one in component)
    return texts(getattr(component, "children", None))


def setup_of(page) -> dict:
    """What the page hands to the player."""
    store = page.children[0]
    assert store.id == "page-config"
    return json.loads(json.dumps(store.data))


def plotly_array(value) -> np.ndarray:
    """Read an array of a figure's JSON, which may be base64."""
    if not isinstance(value, dict):
        return np.array([np.nan if one is None else one for one in value], float)
    flat = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
    shape = value.get("shape")
    return flat.reshape([int(n) for n in shape.split(",")]) if shape else flat


# The address


def test_runs_are_read_in_order_and_may_be_pinned(context, ids):
    found = read_runs(f"{ids[1]},{ids[0]}@4", context.run_view)

    assert [one.run.id for one in found.columns] == [ids[1], ids[0]]
    assert [one.pin for one in found.columns] == [None, 4]
    assert found.problems == ()


def test_an_unknown_run_is_told_and_the_others_stay(context, ids):
    found = read_runs(f"nothing,{ids[0]}", context.run_view)

    assert [one.run.id for one in found.columns] == [ids[0]]
    assert "nothing" in found.problems[0]


def test_a_path_is_no_run(context):
    found = read_runs("../../etc/passwd", context.run_view)

    assert found.columns == ()
    assert len(found.problems) == 1


def test_a_seventh_run_is_left_out_and_told(context, ids):
    found = read_runs(",".join([ids[0]] * 7), context.run_view)

    assert len(found.columns) == 6
    assert "At most 6 runs" in found.problems[0]


def test_different_moduli_are_told(context, ids):
    found = read_runs(f"{ids[0]},{ids[2]}", context.run_view)

    assert "A: p = 7, B: p = 5" in found.problems[0]


@pytest.mark.parametrize(
    ("pin", "step", "words"),
    [("3", 2, "pinned at 2"), ("99", 6, "pinned at 6"), ("x", None, "is no epoch")],
)
def test_a_pin_beside_the_checkpoints_is_moved_and_told(context, ids, pin, step, words):
    found = read_runs(f"{ids[0]}@{pin}", context.run_view)

    assert found.columns[0].pin == step
    assert words in found.problems[0]


def test_an_unknown_alignment_means_by_epoch():
    assert [read_align(text) for text in ("grok", "fraction", "", "x")] == [
        "grok",
        "fraction",
        "epoch",
        "epoch",
    ]


# The page


def test_the_table_holds_what_differs_and_nothing_else(context, ids):
    columns = read_runs(f"{ids[0]},{ids[1]}", context.run_view).columns

    rows, same = config_rows(columns)

    fields = type(columns[0].run.config).model_fields
    assert dict(rows)["weight_decay"] == ["1", "0.5"]
    assert dict(rows)["seed"] == ["0", "1"]
    assert "p" not in dict(rows)
    assert len(rows) + same == len(fields)


def test_the_page_hands_runs_views_and_words_to_the_player(context, ids):
    page = PAGE.layout(context, runs=f"{ids[0]},{ids[1]}@2", unknown="1")

    setup = setup_of(page)
    assert [(one["run"], one["pin"]) for one in setup["columns"]] == [
        (ids[0], None),
        (ids[1], 2),
    ]
    assert [one["letter"] for one in setup["columns"]] == ["A", "B"]
    assert set(setup["defaults"]) <= {one["id"] for one in setup["views"]}
    assert {one["id"] for one in setup["runs"]} == set(ids)
    assert "weight decay" in texts(page)


def names_on(page) -> list[str]:
    return [one["title"] for one in setup_of(page)["columns"]]


def test_runs_are_called_by_what_differs(context, ids):
    def names(*runs: str) -> list[str]:
        return names_on(PAGE.layout(context, runs=",".join(runs)))

    assert names(ids[0], ids[1]) == [
        "seed 0, weight decay 1",
        "seed 1, weight decay 0.5",
    ]
    assert names(ids[0], ids[2]) == ["p = 7", "p = 5"]
    assert names(ids[0], ids[3]) == ["a + b", "a × b"]
    assert names(f"{ids[0]}@2", f"{ids[0]}@4", ids[0]) == [
        "epoch 2",
        "epoch 4",
        "moves along",
    ]
    assert names(f"{ids[0]}@2", ids[3]) == ["a + b, epoch 2", "a × b"]
    assert names(ids[0]) == ["a + b mod 7, weight decay 1, seed 0"]


def test_runs_of_one_configuration_are_told_apart_by_their_folders(
    store, ids, tmp_path
):
    shutil.copytree(store.path / ids[0], tmp_path / ids[0])
    shutil.copytree(store.path / ids[0], tmp_path / "copy")
    twice = open_store(tmp_path)
    context = create_app(twice).server.config["GROKDASH_PAGES"]

    names = names_on(PAGE.layout(context, runs=f"{ids[0]},copy"))

    title = "a + b mod 7, weight decay 1, seed 0"
    assert names == [f"{title} ({ids[0]})", f"{title} (copy)"]
    twice.close()


def test_one_run_alone_is_shown_with_advice(context, ids):
    page = PAGE.layout(context, runs=ids[0])

    assert "One run is shown" in texts(page)


def test_without_runs_the_page_asks_for_them(context, ids):
    page = PAGE.layout(context)

    assert "Choose two to 6 runs" in texts(page)
    assert {one["id"] for one in setup_of(page)["runs"]} == set(ids)


def test_unknown_runs_alone_are_told_beside_the_choice(context):
    page = PAGE.layout(context, runs="nothing")

    assert "nothing" in texts(page)
    assert "Choose two to 6 runs" in texts(page)


# The routes


def test_the_timeline_route_gives_checkpoints_by_place(client, ids):
    found = client.get(f"/api/compare/timeline?runs={ids[0]},{ids[1]}@4").get_json()

    assert found["coordinates"] == [0, 2, 4, 6]
    assert found["columns"][0]["indices"] == [0, 1, 2, 3]
    assert found["columns"][1]["indices"] == [2, 2, 2, 2]


def test_the_timeline_of_nothing_is_refused_in_words(client):
    answer = client.get("/api/compare/timeline?runs=nothing")

    assert answer.status_code == 400
    assert "nothing" in answer.get_json()["error"]


def test_the_difference_route_subtracts_exactly(client, store, ids):
    address = f"/api/compare/difference/correct-logit?runs={ids[0]},{ids[1]}&e=6,4"

    found = client.get(address).get_json()

    z = plotly_array(found["figure"]["data"][0]["z"])
    late = store.run(ids[0]).measure("frame/correct_logit", 6).astype(np.float32)
    early = store.run(ids[1]).measure("frame/correct_logit", 4).astype(np.float32)
    np.testing.assert_allclose(z, late - early, rtol=1e-6)
    assert found["steps"] == [6, 4]


def test_two_epochs_of_one_run_are_subtracted(client, store, ids):
    address = f"/api/compare/difference/correct-logit?runs={ids[0]}@6,{ids[0]}@0"

    found = client.get(address).get_json()

    z = plotly_array(found["figure"]["data"][0]["z"])
    run = store.run(ids[0])
    expected = run.measure("frame/correct_logit", 6).astype(np.float32)
    expected = expected - run.measure("frame/correct_logit", 0).astype(np.float32)
    np.testing.assert_allclose(z, expected, rtol=1e-6)


def test_other_sizes_are_an_answer_in_words_not_an_error(client, ids):
    address = f"/api/compare/difference/correct-logit?runs={ids[0]},{ids[2]}"

    answer = client.get(address)

    assert answer.status_code == 200
    assert "7 × 7" in answer.get_json()["missing"]


def test_pictures_over_unlike_axes_are_not_subtracted(client, ids):
    """A frequency per 7 tokens is none per 6 discrete logarithms."""
    runs = f"{ids[0]},{ids[3]}"

    answer = client.get(f"/api/compare/difference/attention-frequencies?runs={runs}")

    why = answer.get_json()["missing"]
    assert "cycles per 7 tokens" in why
    assert "cycles per 6 discrete logarithms" in why
    assert "runs of one operation and one p" in why


def test_other_operations_are_subtracted_with_a_warning(client, ids):
    def warning(*runs: str) -> str:
        address = "/api/compare/difference/correct-logit?runs="
        return client.get(address + ",".join(runs)).get_json()["warning"]

    assert warning(ids[0], ids[1]) == ""
    told = warning(ids[0], ids[3])
    assert "A computes a + b mod 7, B computes a × b mod 7" in told
    assert "(A in 7 tokens, B in 6 discrete logarithms)" in told


def axis_range(client, place: int, view: str, *, runs: str, ranges: str) -> list:
    query = f"runs={runs}&place={place}&ranges={ranges}"
    figure = client.get(f"/api/compare/figure/{view}?{query}").get_json()["figure"]
    return figure["layout"]["yaxis"].get("range")


@pytest.mark.parametrize("view", ["embedding-spectrum", "loss-curves"])
def test_ranges_are_shared_on_request(client, ids, view):
    runs = f"{ids[0]},{ids[1]}"

    own = [axis_range(client, i, view, runs=runs, ranges="own") for i in (0, 1)]
    shared = [axis_range(client, i, view, runs=runs, ranges="shared") for i in (0, 1)]

    assert shared[0] == shared[1]
    if all(own):
        assert own[0] != own[1]
        assert shared[0] == [min(a for a, _ in own), max(b for _, b in own)]


def test_colours_of_a_grid_are_shared_on_request(client, ids):
    def scale(place: int, ranges: str) -> tuple[float, float]:
        query = f"runs={ids[0]},{ids[1]}&place={place}&ranges={ranges}"
        found = client.get(f"/api/compare/figure/loss-grid?{query}").get_json()
        trace = found["figure"]["data"][0]
        return trace["zmin"], trace["zmax"]

    own = [scale(place, "own") for place in (0, 1)]

    assert own[0] != own[1]
    assert scale(0, "shared") == scale(1, "shared")
    assert scale(0, "shared")[1] == max(high for _, high in own)


def test_the_overlay_route_says_where_each_run_begins(client, ids):
    found = client.get(
        f"/api/compare/overlay/loss-curves?runs={ids[0]},{ids[2]}"
    ).get_json()

    assert found["offsets"] == [0, 2]
    assert [trace["name"][0] for trace in found["figure"]["data"]] == list("AABB")


@pytest.mark.parametrize(
    ("query", "words"),
    [("pair=0,5", "pair"), ("pair=x", "pair"), ("theme=pink", "theme")],
)
def test_bad_parameters_are_refused_in_words(client, ids, query, words):
    runs = f"{ids[0]},{ids[1]}"

    answer = client.get(f"/api/compare/difference/correct-logit?runs={runs}&{query}")

    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(words)


def test_an_unknown_view_is_not_found(client, ids):
    answer = client.get(f"/api/compare/overlay/nothing?runs={ids[0]},{ids[1]}")

    assert answer.status_code == 404


def test_damage_met_in_a_comparison_is_told_apart_and_said_in_the_list(
    store, ids, tmp_path
):
    shutil.copytree(store.path, tmp_path / "store")
    damaged = open_store(tmp_path / "store")
    packed = damaged.path / ids[1] / "run.h5"
    content = bytearray(packed.read_bytes())
    part = len(content) // 3
    content[part : 2 * part] = bytes(part)
    packed.write_bytes(content)
    client = create_app(damaged).server.test_client()
    runs = f"{ids[0]},{ids[1]}"

    answers = [
        client.get(f"/api/compare/overlay/{view.id}?runs={runs}") for view in VIEWS
    ]

    statuses = {answer.status_code for answer in answers}
    assert 422 in statuses
    assert statuses <= {200, 404, 422}
    problems = {run["id"]: run["problem"] for run in client.get("/api/runs").get_json()}
    assert problems[ids[1]]
    assert not problems[ids[0]]
    damaged.close()
