"""The steps that look into the network: waves, circles, neurons, heads, the sum."""

from collections.abc import Sequence

from grokdash.story import maths
from grokdash.story.facts import Facts
from grokdash.story.outside import at, epoch, not_yet
from grokdash.story.telling import Go, Paragraph, Piece, Step, Term, says
from grokdash.views.reading.frequencies import list_frequencies
from grokdash.written import percent, whole


def listing_epoch(facts: Facts) -> int:
    """Give the epoch at which the network knows the pairs by heart and no more."""
    learned = facts.moments.learned
    return facts.last if learned is None else learned


def _in_words(buttons: Sequence[Go]) -> list[Piece]:
    """List buttons as words are listed: with commas, and "and" before the last."""
    told: list[Piece] = []
    for place, button in enumerate(buttons):
        if place:
            told.append(" and " if place == len(buttons) - 1 else ", ")
        told.append(button)
    return told


def _keys(facts: Facts) -> list[Piece]:
    return _in_words([Go(str(k), facts.last, picks={"k": k}) for k in facts.keys])


def frequencies(facts: Facts) -> Step:
    """Tell what a frequency is, and that a few of them grow."""
    config, p, last = facts.run.config, facts.run.p, facts.last
    return Step(
        views=("embedding-spectrum",),
        start={"e": last, "k": facts.k},
        waiting=facts.growing,
        paragraphs=(
            says(
                "The first thing the network does with a number is to look it up in a "
                f"table: there, each of the {p} numbers has a list of "
                f"{config.d_model} entries, its []. Take the first entry of each list, "
                f"for the numbers 0, 1, 2 … {p - 1} in turn: that is a curve. So is "
                "every other entry.",
                Term("embedding", "embedding"),
            ),
            says(
                "Any curve can be put together from waves. The wave of [] k goes up "
                "and down k times while the number runs once round the clock. The bars "
                "say how much the embedding holds of each frequency, 1 to "
                f"{facts.run.n_frequencies}; {p} − k is the same wave as k. (That is "
                "its spectrum, named after "
                "Fourier; W_E, in the title, is short for the table.)",
                Term("frequency", "frequency"),
            ),
            *_standing_out(facts),
        ),
    )


def _standing_out(facts: Facts) -> list[Paragraph]:
    last = facts.last
    if not facts.keys:
        return [not_yet(facts, "The moment when a few frequencies stand out")]
    then, now = (percent(facts.keys_share(one), 0) for one in (0, last))
    follow = "From here on we follow the strongest of them, []."
    return [
        says(
            "At [] the table holds random numbers, and no frequency stands out. At [] "
            "look at []. What they hold of the table’s variation (bars squared) was "
            f"{then} at the "
            f"beginning and is {now} now. [].",
            at(0),
            at(last),
            _keys(facts),
            Go("Watch them grow", listing_epoch(facts), until=last),
        ),
        says(
            "They are the [] of this network: those on which its answers rest, for "
            "pairs it was trained on and others alike. Another network ends with "
            f"others. {follow}",
            Term("key frequencies", "key-frequency"),
            Go(f"k = {facts.k}", last, picks={"k": facts.k}),
        ),
    ]


def circle(facts: Facts) -> Step:
    """Tell that the numbers come to lie on a circle."""
    k, last = facts.k, facts.last
    watch = Go("Watch it form", listing_epoch(facts), until=last, picks={"k": k})
    others = says("[]. The clocks of this network: [].", watch, _keys(facts))
    return Step(
        views=("embedding-circle",),
        start={"e": last, "k": k},
        waiting=facts.growing,
        paragraphs=(
            says(
                "To say where the hand of a clock points takes two numbers: how far to "
                "the right, and how far up. A wave, too, comes in two kinds, cosine "
                "and sine: the same wave, one a quarter ahead of the other. Among the "
                "many directions of the embedding, one carries the cosine of "
                f"frequency {k} and another its sine. Looked at along these two, each "
                "number becomes a point."
            ),
            _ring(facts),
            *_since(facts),
            others if len(facts.keys) > 1 else says("[].", watch),
        ),
    )


def _ring(facts: Facts) -> Paragraph:
    k, last, p = facts.k, facts.last, facts.run.p
    first, end = facts.circle(k, 0), facts.circle(k, last)
    rest = percent(end.residual)
    if not facts.is_round(k, last):
        return says(
            "A ring would be a clock. At [] the points do not lie on an even ring: "
            f"{rest} of their spread is something else.",
            at(last),
        )
    return says(
        "At [] the points are strewn about, roughly round at best. At [] they lie on a "
        "ring (ringed: the number a; colour: place round the ring). From each number "
        f"to the next it is {k}/{p} of a turn, and after {p} steps one is back where "
        f"one began: the network has built a clock. {rest} of the points’ spread is "
        f"not ring; at the beginning it was {percent(first.residual, 0)} (why so "
        "little: step 12).",
        at(0),
        at(last),
    )


def _since(facts: Facts) -> list[Paragraph]:
    """Say since when the followed circle is round, and what showed outside then."""
    since, when = facts.round_since.get(facts.k), facts.moments
    if since is None:
        return []
    test = percent(facts.value("accuracy/test", since))
    later = ""
    if when.grokked is not None and since < when.grokked:
        later = f" It took {whole(when.grokked - since)} more epochs to 99 %."
        if when.showing is not None and since <= when.showing:
            later += " The clock is there before the answers show it."
    return [
        says(
            "Since [] less than a tenth of the spread has been something else. Of "
            f"the pairs that were not trained on, {test} were right then.{later}",
            at(since),
        )
    ]


def neuron(facts: Facts) -> Step:
    """Tell what one neuron does, and how many follow a frequency."""
    last, listing, n = facts.last, listing_epoch(facts), facts.neuron
    frequency, share = facts.neuron_share(last)
    _, before = facts.neuron_share(listing)
    count, alive = facts.following(last)
    count_before, _ = facts.following(listing)
    if frequency > 0:
        seen = says(
            f"At [] order is hinted at, at most: no frequency explains more than "
            f"{percent(before, 0)} of it. At [] it is woven of waves: frequency "
            f"{frequency} alone explains {percent(share, 0)}. [].",
            at(listing),
            at(last),
            Go("Watch it", listing, until=last),
        )
    else:
        seen = says(
            "At [] no single frequency explains what this neuron does; the best "
            f"explains {percent(share, 0)}.",
            at(last),
        )
    return Step(
        views=("neuron-grid",),
        start={"e": last, "n": n, "k": facts.k},
        waiting=facts.growing,
        paragraphs=(
            says(
                f"In the middle of the network sit {facts.run.config.d_mlp} []. Each "
                "looks at a pair and gives one number: nothing if the pair does not "
                f"concern it, more if it does. The square shows that number, for "
                f"neuron {n} and every pair: bright where it fires.",
                Term("neurons", "neuron"),
            ),
            seen,
            says(
                f"Of the neurons that do anything, {count_before} followed a key "
                f"frequency at {epoch(listing)}, and {count} of {alive} do at "
                f"{epoch(last)}. A neuron that does is useful: roughly, it multiplies "
                "a wave of the first number with a wave of the second. What that is "
                "good for, the step after the next tells."
            ),
        ),
    )


def head(facts: Facts) -> Step:
    """Tell what the attention heads are for, and what one looks like."""
    last, listing, h = facts.last, listing_epoch(facts), facts.head
    frequency, share = (found[h] for found in facts.head_frequencies(last))
    before = facts.head_frequencies(listing)[1][h]
    heads = facts.run.config.n_heads
    if share > 0.5:
        seen = says(
            f"At [] head {h} looks in waves: frequency {int(frequency)} explains "
            f"{percent(share, 0)} of how its attention differs from pair to pair. At "
            f"[] no frequency explained more than {percent(before, 0)}.",
            at(last),
            at(listing),
        )
    else:
        seen = says(
            f"At [] no frequency explains more than half of how head {h} looks; the "
            f"best explains {percent(share, 0)}.",
            at(last),
        )
    others = [Go(f"head {one}", last, picks={"h": one}) for one in range(heads)]
    return Step(
        views=("attention-head",),
        start={"e": last, "h": h, "s": 0, "k": facts.k},
        waiting=facts.growing,
        paragraphs=(
            says(
                "The network reads three signs: the first number, the second, and “=”. "
                "Its answer is read off at the “=”, which by itself knows neither "
                f"number. Fetching them is the work of []; this network has {heads}. "
                "For every pair, a head divides its attention among the three signs "
                "and takes along what it looks at. The square shows how much of its "
                "attention goes to the first number.",
                Term("attention heads", "attention-head"),
            ),
            seen,
            says("Look at all: []. Which waves does each follow?", _in_words(others)),
        ),
    )


def angles(facts: Facts) -> Step:
    """Tell why cosines and sines add angles."""
    k, p, (_, b) = facts.k, facts.run.p, facts.pair
    tries = [Go(str(one), picks={"b": one}) for one in sorted({0, 1, 2, b})]
    return Step(
        views=(),
        picture="waves",
        start={"e": facts.last, "k": k},
        paragraphs=(
            says(
                "To add on a clock is to turn its hand: first by the angle x of a, "
                "then by the angle y of b. But the network has no angles. It has the "
                "two numbers that say where each hand points: the cosine and the sine "
                "of x, the cosine and the sine of y. Is that enough to know where the "
                "hand points after both turns? It is, by a rule from school:"
            ),
            maths.ANGLE_SUM,
            says(
                "All factors on the right are at hand; what is missing is to multiply "
                "them, and that the neurons do (each one roughly, many together well). "
                "In "
                "the picture, x goes once round the clock while y stays. The first "
                "curve is the first product, the second the other with its sign. Each "
                "of them is a wave that y only makes higher, lower or upside down. But "
                "their sum is "
                "the full wave, moved along by y. Two waves have become one. Try b = "
                f"[] (at frequency {k} each step of b turns the hand by {k}/{p} of a "
                "turn).",
                _in_words(tries),
            ),
            says(
                f"And that the clock starts at 0 again after {p - 1} comes for free: "
                f"{p} steps are {k} whole turns, and a hand does not know how often it "
                "has gone round."
            ),
        ),
    )


def one_question(facts: Facts) -> Step:
    """Follow one pair through the whole algorithm."""
    (a, b), last = facts.pair, facts.last
    seen = "was trained on" if facts.run.train_mask[a, b] else "was never trained on"
    names = list_frequencies(facts.keys or (facts.k,))
    several = len(facts.keys) > 1
    alone = (
        "One clock alone cannot tell: on it, other numbers stand right beside the "
        "right one. "
    )
    agree = (
        "But on each clock the neighbours are different ones. Only at the right answer "
        "do all agree, and there the votes add up."
        if several
        else "With several clocks it is easier: the neighbours differ, and only at the "
        "right answer do all agree."
    )
    return Step(
        views=("input-logits",),
        start={"e": last, "k": facts.k, "c": (a + b) % facts.run.p},
        waiting=facts.growing,
        paragraphs=(
            says(
                f"What is {a} + {b} on this clock? The pair [] {seen}. The right "
                f"answer is {(a + b) % facts.run.p}.",
                Go(f"a = {a}, b = {b}", picks={"a": a, "b": b}),
            ),
            says(
                f"First, the embedding turns {a} and {b} into points, on the clocks of "
                f"frequency {names}. Second, the heads fetch them to the “=”. Third, "
                "the neurons multiply, and so turn each hand by both angles: it now "
                "points to where the sum stands. Fourth, each clock gives every "
                "possible answer c a vote, the higher the nearer c stands to its hand: "
                "the cosine of the angle between them."
            ),
            says(alone + agree),
            _verdict(facts),
            says(
                "The votes are called []. Another question: [].",
                Term("logits", "logit"),
                Go("the same numbers the other way round", picks={"a": b, "b": a}),
            ),
        ),
    )


def _verdict(facts: Facts) -> Paragraph:
    (a, b), last, listing = facts.pair, facts.last, listing_epoch(facts)
    right = (a + b) % facts.run.p
    before, now = (
        f"{said}, which is {'right' if said == right else 'wrong'}"
        for said in (facts.said(a, b, listing), facts.said(a, b, last))
    )
    return says(
        "The solid curve (full) is what all votes add up to, for every possible "
        "answer. At [] "
        f"it is highest at {before}; at [] at {now}. [] (The dashed curve, restricted, "
        "is "
        "what the key frequencies make of it by themselves; the dotted one, excluded, "
        "is the rest.)",
        at(listing),
        at(last),
        Go("Watch the votes gather.", listing, until=last),
    )
