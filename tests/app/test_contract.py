"""The contract: what routes really answer, and what pages hand to their scripts."""

import json
import struct
from dataclasses import fields
from types import UnionType
from typing import get_args, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError

from grokdash.app import create_app
from grokdash.app.shell import shell
from grokdash.config import make_config
from grokdash.contract import codes, routes, words
from grokdash.contract.compare import Missing, MixedFigure, TimelineAnswer
from grokdash.contract.declare import declarations
from grokdash.contract.listing import Changes, Done, Failure, Placed, RunRow
from grokdash.contract.pages import (
    CompareConfig,
    ComparePicker,
    KeysConfig,
    PlayerConfig,
    RunsConfig,
)
from grokdash.contract.pictures import (
    BlockHead,
    FigureAnswer,
    FigureHead,
    FigureLine,
    GuideAnswer,
    Provenance,
)
from grokdash.contract.report import (
    Added,
    ItemSheet,
    Named,
    ReportsAnswer,
    ShownReport,
)
from grokdash.contract.run import Live, Manifest, Moment, SelectionValues
from grokdash.contract.sweep_start import SweepErrors, SweepForm, SweepVerdict
from grokdash.contract.training import Form, FormErrors, FormVerdict, Log
from grokdash.pages import PAGES
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.store import RunWriter, open_store
from grokdash.store.reports import Reports
from grokdash.training.train import Options, train
from grokdash.views import VIEWS
from grokdash.views.compare.alignment import Align
from grokdash.views.core.selection import CHOICES, Selection
from grokdash.views.core.view import Guide
from grokdash.views.reading.epochs import Mark

OURS = {"X-Grokdash": "1", "Origin": "http://localhost"}
IDS = ",".join(view.id for view in VIEWS)
FIELDS = {
    "p": 7,
    "train_fraction": 0.5,
    "d_model": 8,
    "d_mlp": 12,
    "n_heads": 2,
    "epochs": 6,
    "checkpoint_every": 2,
    "dense_every": 2,
    "dense_until": 2,
    "grids": 2,
}
QUERY = "&".join(f"{name}={value}" for name, value in FIELDS.items())

ANSWERS = {
    "/api/runs": list[RunRow],
    "/api/runs/changes": Changes,
    "/api/launches": list[RunRow],
    f"/api/run/{{id}}/manifest?views={IDS}": Manifest,
    "/api/run/{id}/manifest": Manifest,
    "/api/run/{empty}/manifest?views=correct-logit": Manifest,
    "/api/run/{id}/live?have=2": Live,
    "/api/run/{empty}/live": Live,
    "/api/run/{id}/moments": list[Moment],
    "/api/run/{empty}/moments": list[Moment],
    "/api/run/{id}/log": Log,
    "/api/run/{id}/figure/correct-logit": FigureAnswer,
    "/api/run/{id}/figure/loss-curves?words=1": FigureHead,
    "/api/guide/loss-curves": GuideAnswer,
    "/api/form": Form,
    f"/api/form/check?{QUERY}": FormVerdict,
    "/api/form/check?p=8": FormVerdict,
    "/api/form/check?p=1": FormErrors,
    "/api/compare/timeline?runs={id},{id}@2&align=fraction": TimelineAnswer,
    "/api/compare/figure/correct-logit?runs={id},{id}@2&place=1": FigureAnswer,
    "/api/compare/difference/correct-logit?runs={id},{id}@2": MixedFigure,
    "/api/compare/overlay/loss-curves?runs={id},{id}@2": MixedFigure,
    "/api/compare/overlay/correct-logit?runs={id},{id}@2": Missing,
    "/api/sweep/none/figure/grok": Failure,
    "/api/sweep/none/driver": Failure,
    "/api/sweeps/form": SweepForm,
    "/api/sweeps/check?vary.lr=1e-3,1e-2": SweepVerdict,
    "/api/sweeps/check?vary.lr=x": SweepErrors,
    "/api/reports": ReportsAnswer,
    "/api/report/report": ShownReport,
    "/api/report/report/sheets": list[ItemSheet],
    "/api/report/report/figure/none": Failure,
    "/api/run/nobody/manifest": Failure,
    "/api/run/{id}/figure/loss-curves?v=0": Failure,
}
BLOCKS = (
    "/api/run/{id}/frames/correct-logit?steps=0,2",
    "/api/run/{id}/frames/embedding-circle?steps=0",
    "/api/run/{id}/exact/correct-logit?e=2",
)
LINES = "/api/run/{id}/figures?views=loss-curves,nothing,correct-logit"
FILES = (
    "/api/run/{id}/data/correct-logit.json",
    "/api/compare/data/overlay/loss-curves.json?runs={id},{id}@2",
    "/api/run/{id}/array/params/blocks/0/W_Q.json?e=2",
    "/api/sweep/none/data/grok.json",
    "/api/sweep/none/runs.csv",
)
PICTURE = {"kind": "view", "of": "{id}", "view": "correct-logit", "query": {"e": "2"}}
WORDS = {"revision": 1, "title": "Report", "notes": "*", "items": []}
POSTS = {
    "/api/run/{id}/notes": ({"title": "A", "tags": ["x"], "notes": ""}, Done),
    "/api/example": ({}, Placed),
    "/api/train": ({"fields": FIELDS, "sure": True}, Failure),
    "/api/run/{id}/resume": ({"sure": True}, Failure),
    "/api/run/{id}/stop": ({}, Failure),
    "/api/run/{id}/dismiss": ({}, Done),
    "/api/run/{id}/delete": ({"confirm": "another"}, Failure),
    "/api/sweeps/start": ({"form": {"seeds": "x"}, "sure": True}, Failure),
    "/api/sweep/none/resume": ({"sure": True}, Failure),
    "/api/sweep/none/stop": ({}, Failure),
    "/api/reports/new": ({"title": "Another"}, Named),
    "/api/report/report/save": (WORDS, ShownReport),
    "/api/report/report/add": (PICTURE, Added),
    "/api/report/report/copy": ({"title": "Copy"}, Named),
    "/api/report/report/delete": ({"confirm": "another"}, Failure),
    "/api/report/report/export/none": ({"revision": 3, "pictures": {}}, Failure),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contract")
    quiet = Options(store=folder, threads=1, quiet=True, device="cpu")
    train(make_config(**FIELDS), quiet)
    with RunWriter.create(folder, make_config(**FIELDS, seed=1)):
        pass
    (folder / "damaged").mkdir()
    (folder / "damaged" / "run.json").write_text("{", encoding="utf-8")
    opened = open_store(folder)
    Reports(opened).create("Report")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(store):
    return create_app(store)


@pytest.fixture(scope="module")
def client(app):
    return app.server.test_client()


def filled(address):
    """Write the ids of the trained run and of one without checkpoints into it."""
    ids = {"id": make_config(**FIELDS).run_id()}
    ids["empty"] = make_config(**FIELDS, seed=1).run_id()
    return address.replace("{id}", ids["id"]).replace("{empty}", ids["empty"])


def check(kind, text):
    """Check JSON against a type of the contract, to the last field."""
    TypeAdapter(kind).validate_json(text, strict=True, extra="forbid")


# What the routes answer


@pytest.mark.parametrize(("address", "kind"), ANSWERS.items())
def test_every_answer_is_what_the_contract_says(client, address, kind):
    check(kind, client.get(filled(address)).data)


@pytest.mark.parametrize(("address", "asked"), POSTS.items())
def test_every_answer_to_a_change_is_what_the_contract_says(client, address, asked):
    body, kind = asked
    body = body | {"of": filled(body["of"])} if "of" in body else body

    check(kind, client.post(filled(address), json=body, headers=OURS).data)


@pytest.mark.parametrize("address", BLOCKS)
def test_the_head_of_every_block_is_what_the_contract_says(client, address):
    block = client.get(filled(address)).data

    (length,) = struct.unpack_from("<I", block)
    check(BlockHead, block[4 : 4 + length])


def test_every_line_of_several_figures_is_what_the_contract_says(client):
    lines = client.get(filled(LINES)).text.splitlines()

    for line in lines:
        check(FigureLine, line)
    found = [json.loads(line) for line in lines]
    assert [(one["view"], one["status"]) for one in found] == [
        ("loss-curves", 200),
        ("nothing", 404),
        ("correct-logit", 200),
    ]
    alone = client.get(filled("/api/run/{id}/figure/correct-logit")).get_json()
    assert found[2]["answer"] == alone


def test_a_file_of_numbers_says_where_they_come_from(client):
    found = client.get(filled(FILES[0])).get_json()

    check(Provenance, json.dumps(found["provenance"]))


def test_every_route_is_in_the_contract_and_asked_here(app):
    adapter = app.server.url_map.bind("localhost")
    methods = dict.fromkeys(POSTS, "POST")
    asked = {
        adapter.match(
            filled(one).partition("?")[0], methods.get(one, "GET"), return_rule=True
        )[0].rule
        for one in (*ANSWERS, *BLOCKS, LINES, *FILES, *POSTS)
    }

    known = {one.rule: one.methods for one in app.server.url_map.iter_rules()}
    ours = {rule for rule in known if rule.startswith("/api/")}
    assert ours == {*routes.ANSWERS, *routes.OTHERS} == asked
    assert {rule for rule in ours if "POST" in known[rule]} == set(routes.BODIES)


@pytest.mark.parametrize(("address", "kind"), [*ANSWERS.items(), *POSTS.items()])
def test_what_is_checked_of_a_route_is_what_the_contract_says_of_it(app, address, kind):
    method = "POST" if address in POSTS else "GET"
    path = filled(address).partition("?")[0]
    rule, _ = app.server.url_map.bind("localhost").match(path, method, return_rule=True)
    checked = kind[1] if address in POSTS else kind
    said = routes.ANSWERS[rule.rule]

    possible = get_args(said) if get_origin(said) is UnionType else (said,)
    assert checked in (*possible, Failure) or "words=1" in address


@pytest.mark.parametrize("change", ["more", "less", "other"])
def test_the_check_sees_a_field_too_many_one_too_few_and_another_type(client, change):
    found = client.get(filled("/api/run/{id}/live")).get_json()
    if change == "more":
        found["status"]["colour"] = "red"
    elif change == "less":
        del found["status"]["label"]
    else:
        found["steps"] = ["0"]

    with pytest.raises(ValidationError):
        check(Live, json.dumps(found))


# What pages hand to their scripts


def handed(app, name, **query):
    """Give what a page hands to its scripts."""
    (page,) = [one for one in PAGES if one.name == name]
    with app.server.test_request_context("/"):
        laid = page.layout(app.server.config["GROKDASH_PAGES"], **query)
    return json.dumps(laid["page-config"].data)


def test_the_list_of_runs_hands_over_what_the_contract_says(app):
    check(RunsConfig, handed(app, "runs"))


@pytest.mark.parametrize("name", ["explore", "fourier"])
def test_a_page_of_a_run_hands_over_what_the_contract_says(app, name):
    check(PlayerConfig, handed(app, name, run_id=filled("{id}")))


def test_the_compare_page_hands_over_what_the_contract_says(app):
    chosen = handed(app, "compare", runs=filled("{id},{id}@2"))

    check(CompareConfig, chosen)
    check(ComparePicker, handed(app, "compare"))


def test_the_frame_hands_over_what_the_contract_says_of_keys():
    frame = shell().to_plotly_json()["props"]

    check(KeysConfig, frame["data-keys"])


# Codes and words


def test_every_code_has_its_word():
    for table, literal in (
        (words.STATES, codes.RowState),
        (words.OUTCOMES, codes.RunOutcome),
        (words.MARKS, Mark),
        (words.PLACES, Align),
        (words.PANEL_ACTIONS, codes.PanelAction),
        (words.MENU, codes.MenuItem),
    ):
        assert set(table) == set(get_args(literal))


def test_the_selection_of_the_contract_is_the_selection():
    names = {field.name for field in fields(Selection)}

    assert set(SelectionValues.__annotations__) == names
    assert {one["name"] for one in words.controls({})} == names
    assert set(get_args(codes.SelectionField)) == names
    assert set(get_args(codes.WordField)) == {*CHOICES, "matrix"}
    for name, choices in CHOICES.items():
        assert set(get_args(SelectionValues.__annotations__[name])) == set(choices)


def test_formats_of_numbers_are_the_registry():
    assert get_args(codes.DataKind) == tuple(one.ending for one in NUMBER_FORMATS)


def test_no_key_is_given_twice():
    keys = [key for _, _, keys in words.KEYS for key in keys]

    assert len(keys) == len(set(keys))


def test_every_part_of_a_guide_has_its_label():
    assert {*words.GUIDE_PARTS, "formula"} == {field.name for field in fields(Guide)}


def test_the_declarations_name_what_is_optional_and_what_extends_what():
    text = declarations()

    assert "export interface Manifest extends Progress {" in text
    assert "  sure?: boolean;" in text
    assert "  limits: Record<NumberField, [number, number]>;" in text
    assert "  arrays: Record<string, QuantisedArray | ExactArray>;" in text
