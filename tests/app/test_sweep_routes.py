"""What the server answers for a sweep: callbacks of its page, figures, files."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from grokdash.app import create_app
from grokdash.contract.sweep import SweepFigure, SweepTable
from grokdash.pages.sweeps.panels import graph_id
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.saving.sweep_figures import sweep_numbers
from grokdash.views.sweep import PICTURES, get_picture


@pytest.fixture(scope="module")
def client(sweep):
    return create_app(sweep.store).server.test_client()


PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text("utf-8")


def test_documentation_names_every_picture():
    named = PAGE.partition("The pictures are ")[2].partition(".")[0]

    assert re.findall(r"`(\w+)`", named) == [one.name for one in PICTURES]


def test_documentation_names_every_format_of_numbers():
    address = next(line for line in PAGE.splitlines() if "/data/<picture>." in line)

    named = re.findall(r"\.([a-z]+)", address)
    assert named == [known.ending for known in NUMBER_FORMATS]


def callback(client, sweep_id, **changes):
    """Ask the server for the first picture, as the page does."""
    values = {
        "sweep-theme.data": "light",
        "sweep-narrow.data": False,
        "sweep-version.data": "",
        "sweep-x.value": "weight_decay",
        "sweep-y.value": "none",
        "sweep-test.value": 0.99,
        "sweep-train.value": 0.99,
        "sweep-kept.value": 0.99,
        "sweep-delay.value": 2,
        "sweep-event.value": "lasting",
        "sweep-colour.value": "median",
    } | changes
    one = {"id": {"type": "sweep-held", "axis": "seed"}}
    spec = next(
        entry
        for entry in client.get("/_dash-dependencies").get_json()
        if graph_id("grok") in entry["output"]
    )

    def filled(entry):
        if "{" in entry["id"]:
            value = 0 if entry["property"] == "value" else one["id"]
            return [one | {"property": entry["property"], "value": value}]
        key = f"{entry['id']}.{entry['property']}"
        value = {"id": sweep_id} if key == "sweep-config.data" else values[key]
        return {"id": entry["id"], "property": entry["property"], "value": value}

    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in spec["output"].strip(".").split("...")
    ]
    body = {
        "output": spec["output"],
        "outputs": outputs,
        "inputs": [filled(entry) for entry in spec["inputs"]],
        "state": [filled(entry) for entry in spec["state"]],
        "changedPropIds": ["sweep-theme.data"],
    }
    return client.post("/_dash-update-component", json=body)


def test_the_server_draws_and_judges_by_the_thresholds_it_is_sent(client, sweep):
    usual = callback(client, sweep.id)
    strict = callback(client, sweep.id, **{"sweep-delay.value": 1})

    assert usual.status_code == 200
    assert "generalises at once" in usual.get_data(as_text=True)
    assert '"name":"generalises at once"' not in strict.get_data(as_text=True)


def test_csv_has_every_run_and_names_the_sweep(client, sweep):
    answer = client.get(f"/api/sweep/{sweep.id}/runs.csv?x=weight_decay")
    lines = answer.get_data(as_text=True).splitlines()

    assert lines[0].startswith("weight decay,seed,")
    assert sweep.id in lines[1]
    assert len(lines) == 1 + 6
    assert client.get("/api/sweep/none/runs.csv").status_code == 404


def test_runs_are_saved_with_where_they_come_from(client, sweep):
    answer = client.get(f"/api/sweep/{sweep.id}/runs.csv?x=seed&h.weight_decay=2")
    rows = list(csv.DictReader(answer.get_data(as_text=True).splitlines()))
    origin = json.loads(rows[0]["provenance"])

    assert len(rows) == 2
    assert origin["sweep"] == sweep.id
    assert origin["choice"]["h.weight_decay"] == "2"
    assert sweep.id in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_every_picture_is_a_figure_with_words_and_an_origin(client, sweep, picture):
    path = f"/api/sweep/{sweep.id}/figure/{picture.name}?theme=dark&y=none&test=0.5"
    text = client.get(path).get_data(as_text=True)
    answer = json.loads(text)

    TypeAdapter(SweepFigure).validate_json(text, strict=True, extra="forbid")
    assert answer["origin"]["choice"]["test"] == "0.5"
    assert answer["figure"]["layout"]["meta"]["picture"] == picture.name
    assert len(answer["origin"]["runs"]) == 6
    assert sweep.id in answer["about"]
    assert "test accuracy 0.5" in answer["about"]
    assert answer["figure"]["layout"]["paper_bgcolor"] == "#12161d"
    assert answer["file"] == f"{sweep.id}__{picture.name}"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_the_numbers_of_every_picture_are_the_same_in_every_format(
    client, sweep, picture
):
    path = f"/api/sweep/{sweep.id}/data/{picture.name}."
    text = client.get(path + "csv").get_data(as_text=True)
    written = client.get(path + "json").get_data(as_text=True)
    plain = json.loads(written)
    records = np.load(io.BytesIO(client.get(path + "npy").data), allow_pickle=False)
    rows = list(csv.DictReader(text.splitlines()))
    origin = rows[0]["provenance"]

    TypeAdapter(SweepTable).validate_json(written, strict=True, extra="forbid")
    assert json.loads(origin) == plain["provenance"]
    titles = [*plain["arrays"], "provenance"]
    assert list(rows[0]) == titles == list(records.dtype.names)
    for title, column in plain["arrays"].items():
        cells = ["" if one is None else str(one) for one in column]
        assert [row[title] for row in rows] == cells
        known = [np.nan if one is None else one for one in column]
        np.testing.assert_array_equal(records[title], np.array(known))


@pytest.mark.parametrize("known", NUMBER_FORMATS, ids=lambda known: known.ending)
def test_every_format_of_numbers_has_its_address(client, sweep, known):
    picture, chosen = get_picture("grok"), sweep.choose(x="weight_decay")
    numbers = sweep_numbers(picture, chosen)
    path = f"/api/sweep/{sweep.id}/data/grok.{known.ending}?x=weight_decay"
    answer = client.get(path)

    name = f"{sweep.id}__grok.{known.ending}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.mimetype == known.media_type
    assert answer.data == known.of_table(numbers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("none/figure/grok", 404),
        ("{id}/figure/nothing", 404),
        ("{id}/data/grok.xlsx", 400),
        ("{id}/figure/grok?theme=pink", 400),
        ("{id}/data/grok.csv?x=seed&h.weight_decay=4", 404),
    ],
)
def test_what_cannot_be_given_is_refused_with_words(client, sweep, path, status):
    answer = client.get("/api/sweep/" + path.format(id=sweep.id))

    assert answer.status_code == status
    assert answer.get_json()["error"]
