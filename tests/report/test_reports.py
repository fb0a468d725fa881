"""Reports: kept by revisions, derived again, exported without leaving the file."""

import base64
import hashlib
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from grokdash.cache import Cache
from grokdash.cli import BAD_INPUT, app
from grokdash.errors import ConfigError, DamagedFileError, NotStoredError, OutdatedError
from grokdash.report.bundle import bundle_of
from grokdash.report.compare import differences
from grokdash.report.earlier import as_it_was
from grokdash.report.edit import add
from grokdash.report.freeze import freeze
from grokdash.report.looks import in_theme
from grokdash.report.markdown import rendered
from grokdash.report.page import as_page
from grokdash.report.picture import Asked
from grokdash.report.prose import as_archive, as_files
from grokdash.report.reading import read_carried
from grokdash.report.redraw import check_pictures
from grokdash.report.sources import sources_of
from grokdash.report.verify import verify
from grokdash.snapshot import RunView
from grokdash.store import open_store
from grokdash.store.reports import REPORTS, Reports
from grokdash.views import VIEWS
from grokdash.views.sweep import PICTURES
from grokdash.views.sweep.data import SweepReader
from tests.conftest import tiny_config

RUN, OTHER = tiny_config().run_id(), tiny_config(seed=1).run_id()
LOSS = Asked("view", RUN, "loss-curves", {"e": "4"})
MAP = Asked("view", RUN, "correct-logit", {"e": "2"})
BOTH = {"runs": f"{RUN},{OTHER}", "e": "4,4"}
COMPARED = [
    Asked("comparison", "", view, BOTH | {"mode": mode})
    for view, mode in (
        ("loss-curves", "overlay"),
        ("correct-logit", "difference"),
        ("correct-logit", "column"),
    )
]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'


@pytest.fixture
def store(runs, tmp_path):
    """A store of two runs of one's own."""
    for seed in (0, 1):
        run = runs(**({"seed": seed} if seed else {}))
        shutil.copytree(run.stored.path, tmp_path / "store" / run.id)
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def reports(store):
    return Reports(store)


def sources(store):
    cache = Cache()
    return sources_of(
        lambda run_id: RunView(store.run(run_id), cache, patience_s=None),
        SweepReader(store),
    )


def made(store, *asked):
    """Begin a report of these pictures."""
    reports = Reports(store)
    name = reports.create("What I found")
    for one in asked:
        add(reports, name, one, sources(store))
    return name


def derived(store, bundle, seen=None, **options):
    seen = seen or sources(store)
    return list(verify(bundle.report, bundle.figures, store, seen, **options))


def test_a_save_from_an_older_revision_is_refused_and_overwrites_nothing(reports):
    name = reports.create("What I found")
    first = reports.read(name)
    reports.save(name, first.model_copy(update={"title": "Theirs"}))

    with pytest.raises(OutdatedError, match="revision 2; this was made from 1"):
        reports.save(name, first.model_copy(update={"title": "Mine"}))

    assert reports.read(name).title == "Theirs"


def test_two_reports_of_one_title_have_two_names_and_are_no_runs(store, reports):
    names = [reports.create("Übersicht: α"), reports.create("Übersicht: α")]

    assert names == ["ubersicht", "ubersicht-2"] == reports.names()
    assert store.run_ids() == sorted([RUN, OTHER])


def test_old_revisions_go_and_figures_that_they_show_stay(reports, store, monkeypatch):
    monkeypatch.setattr("grokdash.store.reports._KEPT", 2)
    name = made(store, LOSS)
    figure = reports.read(name).items[0].figure
    for _ in range(3):
        reports.save(name, reports.read(name))

    kept = [one.name for one in (store.path / REPORTS / name).glob("*.json")]
    assert len(kept) == 2
    assert reports.figure(name, figure)["light"]["data"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not valid JSON"),
        ('{"title": 3}', "title"),
        ('{"format": 1, "title": "x", "revision": 7, "created": 1, "changed": 1}', "7"),
    ],
)
def test_a_damaged_revision_is_told_with_what_to_do(reports, store, text, told):
    name = reports.create("What I found")
    path = store.path / REPORTS / name / "00000002.json"
    path.write_text(text, "utf-8")

    with pytest.raises(DamagedFileError, match=told) as found:
        reports.read(name)

    assert "delete this file: the revision before it counts then" in str(found.value)


@pytest.mark.parametrize("name", ["../runs", "nothing", ""])
def test_a_report_that_is_not_there_is_told_with_those_that_are(reports, name):
    reports.create("What I found")

    with pytest.raises(NotStoredError, match="it has what-i-found"):
        reports.read(name)


def test_every_picture_is_the_same_when_it_is_drawn_again(store):
    views = [Asked("view", RUN, view.id, {"e": "4"}) for view in VIEWS]
    seen = sources(store)
    known = []
    for asked in (*views[::11], *COMPARED):
        try:
            known.append(freeze(asked, seen))
        except (ConfigError, NotStoredError):
            continue
    name = made(store)
    reports = Reports(store)
    items = [
        item.model_copy(update={"figure": reports.put_figure(name, figure)})
        for item, figure in known
    ]
    reports.save(name, reports.read(name).model_copy(update={"items": items}))

    found = derived(store, bundle_of(reports, name), seen)

    assert len(found) > 7
    assert [one for one in found if one.verdict != "same"] == []


def test_a_picture_of_a_sweep_is_the_same_until_the_sweep_changes(sweep):
    asked = Asked("sweep", sweep.id, PICTURES[0].name, {"y": "none"})
    seen = sources(sweep.store)
    item, figure = freeze(asked, seen)
    report = Reports(sweep.store)
    name = report.create("Decay")
    item = item.model_copy(update={"figure": report.put_figure(name, figure)})
    report.save(name, report.read(name).model_copy(update={"items": [item]}))
    bundle = bundle_of(report, name)

    (same,) = derived(sweep.store, bundle, seen)
    item = item.model_copy(update={"content": "0" * 64, "sentence": "Other."})
    other = bundle.report.model_copy(update={"items": [item]})
    (changed,) = derived(sweep.store, replace(bundle, report=other), seen)
    report.delete(name)

    assert same.verdict == "same"
    assert changed.verdict == "cannot be told"
    assert "have changed since" in changed.lines[0]


def test_a_changed_number_is_named(store):
    bundle = bundle_of(Reports(store), made(store, MAP))
    (item,) = bundle.report.items
    figure = json.loads(json.dumps(bundle.figures[item.figure]))
    packed = figure["light"]["data"][0]["z"]
    values = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).copy()
    values[9] += 0.5
    packed["bdata"] = base64.b64encode(values.tobytes()).decode()

    (found,) = derived(store, replace(bundle, figures={item.figure: figure}))
    (loose,) = derived(
        store, replace(bundle, figures={item.figure: figure}), tolerance=1.0
    )

    assert found.verdict == loose.verdict == "differs"
    assert "not the one that its digest sums up" in found.lines[0]
    assert re.fullmatch(
        r"trace 0\.z: 1 of 49 numbers differ, most at \[1, 2\]: \S+ in the report, "
        r"\S+ in the store",
        found.lines[1],
    )
    assert len(loose.lines) == 1


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        ([1.0, 2.0], [1.0, 2.0000005], True),
        ([1.0, 2.0], [1.0, 2.000005], False),
        ([1, 2], [1, 3], False),
        ([1.0, None], [1.0, None], True),
        ([1.0, None], [1.0, 2.0], False),
        ({"a": 1}, {"b": 1}, False),
        ("left", "right", False),
        (1.0, 1.0000001, True),
        (True, 1, False),
    ],
)
def test_numbers_may_differ_as_far_as_is_said_and_all_else_not(then, now, same):
    assert (differences({"x": then}, {"x": now}) == []) is same


def test_a_run_that_has_gone_on_is_drawn_as_it_was(store):
    whole = sources(store)
    early = replace(whole, run=lambda run_id: as_it_was(whole.run(run_id), 4))
    reports, name = Reports(store), made(store)
    for asked in (LOSS, MAP):
        add(reports, name, asked, early)

    bundle = bundle_of(reports, name)
    found = derived(store, bundle)

    assert bundle.report.items[0].runs[0].epoch == 4
    assert [one.verdict for one in found] == ["same", "same"]
    assert "has gone on since, from epoch 4 to 6" in found[0].lines[0]


def test_a_run_trained_anew_or_gone_cannot_be_told(store):
    bundle = bundle_of(Reports(store), made(store, MAP))
    path = store.path / RUN / "run.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")

    (anew,) = derived(store, bundle)
    store.delete_run(RUN)
    (gone,) = derived(store, bundle)

    assert anew.verdict == gone.verdict == "cannot be told"
    assert "was trained anew since" in anew.lines[0]
    assert f"no run {RUN!r}" in gone.lines[0]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](  JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "[x](//example.org)",
        "![x](https://example.org/x.png)",
        '[x](https://example.org "onmouseover=alert(1)")',
        '<https://example.org/"onmouseover=alert(1)>',
        "[a]: javascript:alert(1)\n\n[a]",
        "```<svg onload=alert(1)>\nx\n```",
    ],
)
def test_markdown_of_others_does_nothing(text):
    page = rendered(text)

    tags = re.findall(r"<[^>]*>", page)
    assert not re.search(r"<(script|img|svg|iframe|object)", page, re.IGNORECASE)
    assert not any(re.search(r"\son\w+=", re.sub(r'"[^"]*"', "", tag)) for tag in tags)
    links = re.findall(r'href="([^"]*)"', page)
    assert all(re.match(r"(https?://|mailto:|#)", link) for link in links)


def test_a_page_carries_all_it_needs_and_is_read_back(store, tmp_path):
    name = made(store, LOSS, MAP)
    bundle = bundle_of(Reports(store), name)
    words = bundle.report.model_copy(
        update={"notes": "</script><script>alert(1)</script> ![x](http://a.b/c.png)"}
    )
    pictures = {one.id: SVG for one in bundle.report.items}
    bundle = replace(bundle, report=words, pictures=pictures)
    path = tmp_path / "report.html"
    path.write_bytes(as_page(bundle))

    page = path.read_text("utf-8")
    carried = read_carried(path)

    assert re.findall(r'(?:src|srcset|action)="(?!data:)', page) == []
    assert page.count("<script") == 1
    assert "default-src 'none'; img-src data:" in page
    assert carried.bundle.figures == bundle.figures
    assert carried.bundle.report.items == bundle.report.items
    assert list(check_pictures(carried, None)) == []


def test_a_page_without_pictures_draws_them_itself(store, tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(as_page(bundle_of(Reports(store), made(store, MAP))))

    page = path.read_text("utf-8")

    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page) == []
    assert "Plotly.newPlot(" in page
    assert '"showSendToCloud": false' in page
    assert list(check_pictures(read_carried(path), None)) == []


def test_a_picture_that_was_changed_in_a_file_is_named(store, tmp_path):
    bundle = bundle_of(Reports(store), made(store, MAP))
    (item,) = bundle.report.items
    path = tmp_path / "report.zip"
    path.write_bytes(as_archive(replace(bundle, pictures={item.id: SVG})))
    carried = read_carried(path)
    other = replace(carried.bundle, pictures={item.id: SVG + b" "})

    (found,) = check_pictures(replace(carried, bundle=other), None)

    assert carried.digests[item.id]["sha256"] == hashlib.sha256(SVG).hexdigest()
    assert "its picture was changed" in found.lines[0]


def test_no_name_in_a_report_leads_out_of_the_folder_of_its_files(store):
    bundle = bundle_of(Reports(store), made(store, MAP))
    (item,) = bundle.report.items
    items = [item.model_copy(update={"view": "../../x"})]
    report = bundle.report.model_copy(update={"items": items})

    names = as_files(replace(bundle, report=report, pictures={item.id: SVG}))

    assert min(names) == f"pictures/01--x-{item.id}.svg"


def run(*arguments):
    found = CliRunner().invoke(app, ["report", *map(str, arguments)])
    return found.exit_code, found.output


def test_the_command_lists_exports_and_verifies(store, tmp_path, monkeypatch):
    monkeypatch.setenv("GROKDASH_STORE", str(store.path))
    name, path = made(store, LOSS), tmp_path / "report.json"

    listed, exported = run("list"), run("export", name, "-o", path)
    same = run("verify", path)
    text = path.read_text("utf-8")
    path.write_text(text.replace("At epoch 4", "At epoch 5"), "utf-8")
    changed = run("verify", path, "--json")

    assert listed == (0, "what-i-found: What I found, 1 item, revision 2\n")
    assert exported[0] == same[0] == 0
    assert "1 of 1 pictures are the same" in same[1]
    assert changed[0] == 1
    (told,) = json.loads(changed[1])
    assert told["verdict"] == "differs"
    assert told["lines"][0].startswith("sentence: 'At epoch 5")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not valid JSON"),
        ("{}", "expected a report of grokdash"),
        ('{"grokdash-report": 1, "report": {"title": 1}}', "report.title|title"),
        ('{"grokdash-report": 1, "report": 1, "figures": []}', "."),
        ("[" * 100_000, "."),
    ],
)
def test_a_file_that_is_no_report_is_bad_input(store, tmp_path, content, told):
    path = tmp_path / "report.json"
    path.write_text(content, "utf-8")
    words = ["report", "verify", str(path), "--store", str(store.path)]

    with pytest.raises(BAD_INPUT, match=told):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_pictures_added_at_one_time_are_all_there(store):
    reports, name = Reports(store), made(store)

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(add, reports, name, MAP, sources(store)) for _ in range(4)]
        for one in found:
            one.result()

    assert len(reports.read(name).items) == 4


@pytest.mark.parametrize(
    "frozen",
    [
        {},
        {"light": {"data": [], "layout": {}}},
        {"light": [], "dark": []},
        {"light": {"data": [1], "layout": {}}, "dark": []},
        {"light": {"data": [], "layout": {}}, "dark": [[["data", 3], 1]]},
        {"light": {"data": [], "layout": {}}, "dark": 3},
    ],
)
def test_what_is_no_figure_is_told(frozen):
    with pytest.raises(DamagedFileError, match="the frozen figure is none"):
        in_theme(frozen, "dark")


def test_the_figure_of_the_dark_theme_is_that_of_the_page(store):
    _item, figure = freeze(MAP, sources(store))

    light, dark = (in_theme(figure, name) for name in ("light", "dark"))

    assert light["data"][0]["z"] == dark["data"][0]["z"]
    assert light["layout"]["font"]["color"] != dark["layout"]["font"]["color"]
