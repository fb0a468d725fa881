"""What a film shows: runs, views, labels, and what is refused."""

import json

import pytest

from grokdash.errors import ConfigError, NotStoredError
from grokdash.saving.film.cast import cast_of_runs, cast_of_sweep, find_sweep
from grokdash.saving.film.plan import CHART, Cast, Script, make_plan, metadata_of
from grokdash.store import open_store


def script(**more):
    return Script(**{"title": "T", "views": ["embedding-circle"], "frames": 20} | more)


def test_one_run_has_the_chart_above_and_the_epoch_in_every_label(run_view):
    plan = make_plan([Cast(run=run_view)], script(views=["logit-plane"]))

    assert plan["chart"] == CHART
    assert [shot["steps"] for shot in plan["shots"]][:1] == [[0]]
    for shot in plan["shots"]:
        assert shot["label"] == f"epoch {shot['steps'][0]}"
        assert shot["names"] == []
    assert plan["shots"][-1]["steps"] == [run_view.last]


def test_the_loss_is_not_shown_twice(run_view):
    plan = make_plan([Cast(run=run_view)], script(views=[CHART]))

    assert (plan["chart"], plan["views"]) == (None, [CHART])


def test_runs_beside_each_other_say_their_own_epochs(sweep):
    named = {(c.weight_decay, c.seed): c.run_id() for c in sweep.configs}
    pair = [named[1.0, 0], named[10.0, 0]]
    cast = cast_of_runs(sweep.store, pair)

    plan = make_plan(cast, script(align="grok"))

    grokked = [sweep.rises[1.0, 0], sweep.rises[10.0, 0]]
    shot = next(one for one in plan["shots"] if one["label"] == "1.000 × grok time")
    assert shot["steps"] == grokked
    assert [name[0] for name in shot["names"]] == ["A", "B"]
    assert all(
        name.endswith(f"epoch {step}")
        for name, step in zip(shot["names"], grokked, strict=True)
    )


def test_a_sweep_has_one_run_per_value_ascending(sweep):
    record = find_sweep(sweep.store, sweep.id)

    cast = cast_of_sweep(sweep.store, record, None, {})

    assert [one.run.config.weight_decay for one in cast] == [0.1, 1.0, 10.0]
    assert {one.run.config.seed for one in cast} == {0}
    assert [one.name for one in cast] == [f"weight decay {v}" for v in ("0.1", 1, 10)]
    assert find_sweep(sweep.store, record.name).id == sweep.id
    held = cast_of_sweep(sweep.store, record, "seed", {"weight_decay": "1e1"})
    assert [one.run.config.seed for one in held] == [0, 1]
    assert {one.run.config.weight_decay for one in held} == {10}
    for by, hold, told in (
        ("lr", {}, "--by: expected one of weight_decay, seed, got 'lr'"),
        (None, {"lr": "1"}, "--hold: expected one of weight_decay, seed, got 'lr'"),
        (None, {"seed": "7"}, "none of its runs with seed = 7 has a checkpoint yet"),
    ):
        with pytest.raises(ConfigError, match=told):
            cast_of_sweep(sweep.store, record, by, hold)
    with pytest.raises(NotStoredError, match=f"no sweep 'decoy'.* has {sweep.id}"):
        find_sweep(sweep.store, "decoy")


def test_what_cannot_be_shown_is_refused_before_anything_is_drawn(run_view, sweep):
    one = [Cast(run=run_view)]
    for wrong, error, told in (
        ({"views": ["circle"]}, NotStoredError, "no view 'circle'; the views are"),
        ({"views": [], "chart": False}, ConfigError, "at least one view"),
        ({"selection": {"norm": "epoch"}}, ConfigError, "keeps the ranges"),
        ({"selection": {"k": "99"}}, ConfigError, "--select: .*99"),
    ):
        with pytest.raises(error, match=told):
            make_plan(one, script(**wrong))
    with pytest.raises(ConfigError, match="40 pictures, and at most 36 fit"):
        make_plan(one * 20, script(views=["embedding-circle"]))
    bare = cast_of_runs(sweep.store, [sweep.data.runs[0].id])
    with pytest.raises(ConfigError, match=f"{bare[0].run.id}: correct-logit: "):
        make_plan(bare, script(views=["correct-logit"]))


def test_a_film_says_where_it_comes_from(runs, run_view):
    store = open_store(runs.path)
    cast, asked = cast_of_runs(store, [run_view.id]), script(selection={"k": "2"})

    told = metadata_of(cast, asked, make_plan(cast, asked))

    about = json.loads(told["comment"])
    assert told["title"] == "T"
    assert about["runs"] == [run_view.id]
    assert about["configs"] == [run_view.config.hash()]
    assert about["views"] == [CHART, "embedding-circle"]
    assert about["epochs"] == [[0], [run_view.last]]
    assert about["selection"] == {"k": "2"}
    store.close()
