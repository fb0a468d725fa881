"""The pictures of a sweep whose every outcome is known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from grokdash.analysis.cross_split import MEMORISING, RULE
from grokdash.analysis.outcomes import OUTCOMES
from grokdash.figures.outcomes import OUTCOME_MARKS
from grokdash.figures.theme import DARK, LIGHT
from grokdash.views.sweep import PICTURES, get_picture
from grokdash.views.sweep.choice import axis_of, choice_query, parse_choice
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.comparisons import comparisons, strata_fields, together
from grokdash.views.sweep.data import SweepReader
from grokdash.views.sweep.ends import key_words
from grokdash.views.sweep.grokking import GROK, PHASES
from grokdash.views.sweep.picture import render
from tests.readable import check_readable, unreadable


@pytest.fixture
def chosen(sweep):
    return sweep.choose


def by_point(chosen):
    return {
        (run.values["weight_decay"], run.values["seed"]): run for run in chosen.runs
    }


def test_every_run_has_its_outcome(chosen, sweep):
    choice = chosen()
    found = {
        point: choice.outcomes[run.id].kind for point, run in by_point(choice).items()
    }

    assert found == sweep.outcomes


def test_curves_and_ends_are_those_of_the_store(sweep):
    run = sweep.data.runs[0]

    assert run.steps.tolist() == sweep.steps.tolist()
    np.testing.assert_array_equal(
        run.curves["train_loss"], 2.0 ** -sweep.steps.astype(float)
    )
    assert run.last("sumsq") == 9
    assert run.keys == (1, 2)
    np.testing.assert_allclose(run.key_share, 0.995, rtol=1e-6)
    assert (run.key_rule, run.memorising) == ("published", False)


def test_words_say_by_which_rule_keys_were_counted(sweep):
    old = list(sweep.data.runs)
    new = [replace(run, key_rule=RULE, memorising=i == 0) for i, run in enumerate(old)]

    assert "memorising alone gives every frequency up to" in key_words(old)
    assert f"{len(old)} of {len(old)} runs were stored without" in key_words(old)
    assert key_words(new) == (
        "Keys are what seen and unseen pairs share. "
        f"1 of {len(new)} runs: {MEMORISING}."
    )
    mixed = key_words([*old, *new])
    assert f"{len(old)} of {2 * len(old)} runs were stored without" in mixed
    assert f"1 of {2 * len(old)} runs: {MEMORISING}." in mixed


def test_a_second_look_reads_no_run_again(sweep, monkeypatch):
    reader = SweepReader(sweep.store)
    first = reader.get(sweep.id)
    monkeypatch.setattr("grokdash.views.sweep.data._LOOK_AGAIN", -1.0)
    monkeypatch.setattr("grokdash.views.sweep.data._read_on", None)

    assert reader.get(sweep.id) is first


def test_a_value_without_runs_keeps_its_place_on_the_axis(chosen):
    assert chosen().x.values == (0.1, 1.0, 10.0, 30.0)


def test_censored_runs_are_drawn_at_the_budget_with_an_arrow(chosen, sweep):
    choice = chosen(y="none")
    figure = GROK.draw(choice, LIGHT)
    points = {
        run: (trace.name, y)
        for trace in figure.data
        if trace.customdata is not None
        for run, y in zip(trace.customdata, trace.y, strict=True)
    }
    arrows = [t for t in figure.data if t.marker.symbol == "triangle-up"]

    assert set(points) == {run.id for run in choice.runs}
    for point, run in by_point(choice).items():
        rise = None if point == sweep.collapsed else sweep.rises[point]
        assert points[run.id] == (sweep.outcomes[point], rise or 100)
    heads = [y for trace in arrows for y in trace.y[1::3]]
    assert len(heads) == 3
    assert min(heads) > 100
    assert "3 of 6 runs grok" in GROK.words(choice)


def test_medians_count_censored_runs(chosen):
    figure = GROK.draw(chosen(y="none"), LIGHT)
    line = next(t for t in figure.data if t.name == "median")

    # 0.1: no run, 1: 60 and 80, 10: one at 20 and one that lost it, 30: not there.
    assert list(line.y) == [None, 70, None]


def test_first_reached_counts_a_run_that_collapses_later(chosen, sweep):
    choice = chosen(y="none", event="first")
    run = by_point(choice)[sweep.collapsed]

    rise = choice.rise(run)

    assert (rise.after, rise.time, rise.observed) == (20, 30, True)


def test_phase_diagram_has_the_median_of_each_cell_and_a_gap_elsewhere(chosen):
    figure = PHASES.draw(chosen(x="weight_decay", y="seed"), DARK)
    z = np.array(figure.data[0].z, float)

    assert 10 ** z[0, 1] == pytest.approx(60)
    assert 10 ** z[1, 1] == pytest.approx(80)
    assert np.isnan(z[:, [0, 3]]).all()
    marks = [run for t in figure.data[1:] for run in t.customdata]
    assert len(marks) == len(set(marks)) == 6


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("share", [0, 1, 0.5]),
        ("scatter", [np.nan, np.std([60, 80], ddof=1) / 70, np.nan]),
        ("accuracy", [0, 1, 0.5]),
        ("keys", [2, 2, 2]),
        ("gini", [0.25, 0.25, 0.25]),
        ("norm", [3, 3, 3]),
    ],
)
def test_phase_diagram_can_show_other_numbers(chosen, colour, expected):
    figure = PHASES.draw(chosen(y="none", colour=colour), LIGHT)

    np.testing.assert_allclose(figure.data[0].z[0], [*expected, np.nan])


def test_held_axes_leave_the_runs_of_one_value(chosen):
    choice = chosen(y="none", **{"h.seed": 2})

    assert {run.values["seed"] for run in choice.runs} == {1}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_every_picture_draws_every_run_it_has(chosen, picture, theme):
    figure = json.loads(render(picture, chosen(), theme).to_json())

    assert figure["layout"]["paper_bgcolor"] == theme.paper
    words = picture.words(chosen())
    assert words
    assert unreadable(words) is None
    check_readable(figure, picture.name)
    if picture.name == "shares":
        return
    named = set()
    for trace in figure["data"]:
        for value in (trace.get("meta"), trace.get("customdata")):
            one = value if isinstance(value, list) else [value]
            named |= {run for run in one if isinstance(run, str)}
    assert named == {run.id for run in chosen().runs}


def test_an_outcome_has_one_mark_and_lines_go_no_further_than_their_points(chosen):
    marks = {}
    for picture in PICTURES:
        for trace in picture.draw(chosen(), LIGHT).data:
            if trace.type != "scatter":
                continue
            assert trace.line.shape != "spline"
            if trace.name in OUTCOMES and "markers" in trace.mode:
                marks.setdefault(trace.name, set()).add(trace.marker.symbol)
            elif "markers" in (trace.mode or ""):
                assert trace.marker.symbol not in set(OUTCOME_MARKS.values())

    assert set(OUTCOME_MARKS) == set(OUTCOMES)
    assert marks == {name: {OUTCOME_MARKS[name]} for name in marks}
    assert len(marks) > 2


def test_plots_lie_above_one_another_on_a_narrow_page(chosen):
    wide = chosen()
    narrow = Chosen(wide.data, wide.choice, narrow=True)

    for picture in (get_picture(name) for name in ("accuracy", "growing", "ends")):
        axes = [axis.domain for axis in picture.draw(narrow, LIGHT).select_xaxes()]
        assert set(axes) == {(0, 1)}
        assert picture.height_of(narrow) == picture.stacked * picture.height_of(wide)
    assert get_picture("multiples").height_of(narrow) >= get_picture(
        "multiples"
    ).height_of(wide)


def test_no_accuracy_is_kept_that_need_not_be_reached(sweep):
    choice = parse_choice(sweep.data, {"test": "0.5", "kept": "0.9"})

    assert choice.thresholds.kept == 0.5


def test_outcome_shares_are_counts_over_runs(chosen):
    figure = get_picture("shares").draw(chosen(), LIGHT)
    bars = {bar.name: list(bar.y) for bar in figure.data}

    assert bars["groks"] == [0, 1, 0, 0]
    assert bars["collapses"] == [0, 0, 0.5, 0]


def test_a_choice_is_read_from_an_address_and_nonsense_is_ignored(sweep):
    wild = {"x": "nowhere", "y": "seed", "test": "nan", "delay": "99", "h.seed": "x"}
    choice = parse_choice(sweep.data, wild)

    assert (choice.x, choice.y) == ("weight_decay", "seed")
    assert choice.thresholds.test == 0.99
    assert choice.thresholds.delay == 10
    assert choice.held == {}


def test_values_are_compared_with_their_censored_runs(chosen):
    found = {(one.first, one.second): one for one in comparisons(chosen(y="none"))}
    one = found[0.1, 1.0]

    assert set(found) == {(0.1, 1.0), (0.1, 10.0), (1.0, 10.0)}
    assert one.grokked == (0, 2)
    assert one.test.exact
    assert one.test.p_value == pytest.approx(2 / 6)
    assert one.corrected == pytest.approx(1)


def test_axes_follow_from_what_varies(sweep):
    assert list(sweep.data.axes) == ["weight_decay", "seed"]
    assert axis_of(sweep.data, "weight_decay").kind == "log"


def test_twins_are_names_beside_the_seeds(planned):
    data = planned('preset = "quick"\nseeds = [0, 1]\n[grid]\ntwin = [0, 1, 2]')

    choice = parse_choice(data, {})

    assert (choice.x, choice.y) == ("seed", "twin")
    assert data.axes["twin"] == "rounding twin"
    for name in ("seed", "twin"):
        assert axis_of(data, name).kind == "names"
        assert strata_fields(Chosen(data, replace(choice, x=name))) == []


def test_what_lies_between_twins_is_said_to_be_rounding(sweep):
    """Two runs that grok by 60 and 80, one made the other's twin."""
    chosen = sweep.choose(x="seed", **{"h.weight_decay": "2"})
    first, second = chosen.runs
    twin = replace(second, config=first.config.model_copy(update={"twin": 1}))
    twins = Chosen(replace(sweep.data, runs=(first, twin)), chosen.choice)

    assert "may as well be the seed, or rounding" in GROK.words(chosen)
    assert [len(alike) for alike in twins.twins()] == [2]
    assert "between 60 and 80, the furthest apart here, lies nothing" in GROK.words(
        twins
    )
    assert "rounding" not in GROK.words(sweep.choose())


def test_fields_that_vary_together_give_their_product_as_an_axis(planned):
    values = "weight_decay = [1.0, 2.0, 1.0]\nlr = [1e-3, 5e-4, 2e-3]"
    data = planned(f'preset = "seed"\n[zip]\n{values}')

    choice = parse_choice(data, {})

    assert data.axes["decay_rate"] == "weight decay × learning rate"
    assert choice.x == "decay_rate"
    assert axis_of(data, "decay_rate").values == (0.001, 0.002)


def test_a_modulus_brings_the_size_of_its_data_and_network(planned):
    data = planned('preset = "seed"\n[grid]\np = [11, 13]')

    assert list(data.axes) == ["p", "parameters", "train_pairs"]
    assert axis_of(data, "train_pairs").values == (36, 50)


def test_a_choice_survives_its_address(sweep):
    asked = {"x": "seed", "y": "none", "event": "first", "h.weight_decay": "2"}
    choice = parse_choice(sweep.data, asked | {"test": "0.5", "colour": "keys"})

    assert choice.held == {"weight_decay": 1.0}
    assert parse_choice(sweep.data, choice_query(sweep.data, choice)) == choice


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_numbers_are_a_table_with_a_row_for_whatever_is_drawn(chosen, picture):
    choice = chosen()
    table = picture.numbers(choice)

    assert len({len(column) for column in table.values()}) == 1
    if "run" in table:
        assert set(table["run"]) == {run.id for run in choice.runs}
    if "epoch" in table:
        assert len(table["epoch"]) == sum(len(run.steps) for run in choice.runs)


def test_numbers_of_a_phase_diagram_are_those_of_its_colours(chosen):
    choice = chosen(x="weight_decay", y="seed")
    table = PHASES.numbers(choice)
    z = np.array(PHASES.draw(choice, LIGHT).data[0].z, float)

    for value, seed, median in zip(
        table["weight decay"], table["seed"], table["median grok epoch"], strict=True
    ):
        drawn = z[choice.y.index(seed), choice.x.index(value)]
        np.testing.assert_allclose(np.log10(median), drawn)
    assert table["groks"].sum() == 2


def test_a_colour_of_logarithms_names_the_numbers_themselves(chosen):
    bar = PHASES.draw(chosen(), LIGHT).data[0].colorbar
    counts = PHASES.draw(chosen(colour="keys"), LIGHT).data[0].colorbar

    assert bar.ticktext[0] == "70"
    assert counts.ticktext is None


def test_a_figure_says_what_it_shows(chosen, sweep):
    choice = chosen(y="none")
    meta = render(GROK, choice, LIGHT).layout.meta

    assert (meta["sweep"], meta["picture"]) == (sweep.id, "grok")
    assert parse_choice(sweep.data, meta["choice"]) == choice.choice


def test_all_values_at_once_are_a_trend_where_they_are_numbers(chosen):
    assert "trend towards" in together(chosen(y="none"))
