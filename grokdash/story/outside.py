"""The steps that look at the network from outside: what it answers, what it costs."""

import math

from grokdash.story.facts import Facts
from grokdash.story.moments import showing_share
from grokdash.story.telling import Away, Go, Paragraph, Step, Term, says
from grokdash.written import fixed, number, percent, whole

SUMSQ = "weights/sumsq_total"


def epoch(step: int) -> str:
    """Write an epoch as it stands in a sentence."""
    return f"epoch {whole(step)}"


def at(step: int) -> Go:
    """Make the button that goes to an epoch and is called by it."""
    return Go(epoch(step), step)


def not_yet(facts: Facts, what: str) -> Paragraph:
    """Say that the run has not come as far as the step tells."""
    if facts.growing:
        return says(
            f"{what} is still to come: this run is being trained right now and has "
            f"reached {epoch(facts.last)}. The step is told anew when it is there."
        )
    return says(f"{what} did not come in this run, which ends at {epoch(facts.last)}.")


def task(facts: Facts) -> Step:
    """Tell what is asked of the network, and of which pairs it learns."""
    run, p = facts.run, facts.run.p
    a, b = facts.pair
    known = int(run.train_mask.sum())
    favourite, often = facts.favourite(0)
    learned = facts.moments.learned
    training = says(
        "Training goes like this: ask the network all training pairs, see how wrong "
        f"its answers are, and change each of the {whole(facts.weights)} numbers that "
        "it consists of (its []) a little, so that the answers become less wrong. One "
        "such round is an [].",
        Term("weights", "parameter"),
        Term("epoch", "epoch"),
    )
    watch = []
    if learned is not None:
        watch = [says("[].", Go("Watch the blue squares fill", 0, until=learned))]
    elif facts.growing:
        watch = [
            says(
                "This network is being trained at this very moment. Press Follow above "
                "the square, and watch the blue squares fill."
            )
        ]
    return Step(
        views=("answers",),
        start={"e": 0},
        chart=False,
        paragraphs=(
            says(
                "On a clock, four hours after ten o’clock it is two. Take a clock of "
                f"{p} hours, numbered 0 to {p - 1}. On it {a} + {b} is {(a + b) % p}, "
                f"because after {p - 1} it starts at 0 again. Mathematicians write "
                f"{a} + {b} = {(a + b) % p} mod {p}."
            ),
            says(
                "A small neural network is to learn this. It gets two numbers and has "
                "to name a third. Nobody tells it what a number is, or that numbers "
                f"have an order: to the network they are {p} different signs."
            ),
            says(
                "The square shows every question there is: the first number, a, "
                f"upwards, the second, b, to the right: {whole(p * p)} pairs. Of "
                f"these, {whole(known)} drawn at random are shown to the network over "
                "and over, with the answer: the [], blue. The other "
                f"{whole(p * p - known)}, orange, are kept from it, to test whether it "
                "has understood. Strong colour is a right answer, faint a wrong one. "
                f"The lines cross at {a} + {b}.",
                Term("training pairs", "training-pairs"),
            ),
            says(
                "At epoch 0 it is untrained. Of the orange pairs it has "
                f"{percent(facts.value('accuracy/test', 0))} right; blind guessing "
                f"among {p} answers gets {percent(1 / p)}. To {percent(often, 0)} of "
                f"all questions it answers {favourite}, whatever they are; that is "
                "right where a + b happens to be that, along a slanting line."
            ),
            training,
            *watch,
        ),
    )


def by_heart(facts: Facts) -> Step:
    """Tell that it first learns the training pairs and nothing else."""
    when = facts.moments
    step = Step(
        views=("answers",),
        start={"e": facts.last if when.learned is None else when.learned},
        paragraphs=(),
        waiting=facts.growing and when.learned is None,
    )
    if when.learned is None:
        waits = not_yet(facts, "The moment when all training pairs are known")
        return step.saying(waits, _losses(facts))
    train = facts.value("accuracy/train", when.learned)
    test = facts.value("accuracy/test", when.learned)
    peak = facts.value("loss/test", when.peak)
    sure = (
        "That is worse than guessing: it is sure of its answers, and they are wrong."
        if peak > math.log(facts.run.p)
        else "That is no worse than guessing."
    )
    return step.saying(
        says(
            f"At [] it answers {percent(train)} of the training pairs rightly, and "
            f"{percent(test)} of the others. It knows its answers as one knows a list "
            "of telephone numbers: a hundred of them do not help with the next. This "
            "is called []. Compare [].",
            at(when.learned),
            Term("memorising", "memorising"),
            at(0),
        ),
        _losses(facts),
        says(
            "The blue curve, for the training pairs, falls. The orange one, for the "
            f"others, rises to []. {sure}",
            Go(f"{number(peak)} at {epoch(when.peak)}", when.peak),
        ),
        says(
            "The chart and the slider are yours, too: press or drag to move through "
            "training. Everything on the page follows."
        ),
    )


def _losses(facts: Facts) -> Paragraph:
    p = facts.run.p
    return says(
        "The chart that has appeared shows a number called []: how wrong the answers "
        f"are. It is 0 if the network is sure and right, {fixed(math.log(p))} (the "
        "dashed line) if it "
        f"thinks all {p} answers equally likely, and more if it is sure and wrong. The "
        "scale goes by powers of ten. The strip on top names stretches of training: "
        "point at one to read what it is.",
        Term("loss", "loss"),
    )


def plateau(facts: Facts) -> Step:
    """Tell that nothing shows for long, and then all at once it generalises."""
    when = facts.moments
    step = Step(
        views=("accuracy-curves", "answers"),
        start={"e": facts.last},
        paragraphs=(),
        waiting=facts.growing and when.grokked is None,
    )
    if when.learned is None or when.showing is None:
        what = "The moment when the other pairs begin to be right"
        return step.saying(not_yet(facts, what))
    if when.plateau is None:
        return step.saying(
            says(
                "In this run there is no plateau: the other pairs are right as soon "
                "as the training pairs are."
            )
        )
    least = percent(showing_share(facts.run.p), 0)
    start, end = when.plateau
    middle = facts.run.stored.nearest_step((start + end) // 2)
    return step.saying(
        says(
            "From [] on the training pairs are known. Of the others, "
            f"{percent(facts.value('accuracy/test', start))} are right there, and at "
            f"[], {whole(end - start)} epochs later, just over {least}. Whoever looks "
            "at this stretch, the plateau, concludes that the network can learn by "
            "heart and no more.",
            at(start),
            at(end),
        ),
        _rise(facts, least),
        says(
            "What was going on while nothing happened? The next four steps look "
            "inside the network, each at one part of it."
        ),
        start={"e": middle},
    )


def _rise(facts: Facts, least: str) -> Paragraph:
    showing, grokked = facts.moments.showing, facts.moments.grokked
    if showing is None or grokked is None:
        return not_yet(facts, "The end of the rise, 99 % of the other pairs,")
    return says(
        "But then, between [] and [], the share of right answers (orange curve) rises "
        f"from {least} "
        "to 99 %. []. Not a single pair was added: the network has found out what the "
        "pairs have in common. This late leap is called [].",
        at(showing),
        at(grokked),
        Go("Watch it", showing, until=grokked),
        Term("grokking", "grokking"),
    )


def clean_up(facts: Facts) -> Step:
    """Tell that the list is thrown away once the waves carry the answers."""
    grokked, last = facts.moments.grokked, facts.last
    step = Step(
        views=("weight-norm", "answers"),
        start={"e": last if grokked is None else grokked},
        paragraphs=(),
        waiting=facts.growing,
    )
    if grokked is None:
        return step.saying(
            not_yet(facts, "The moment when 99 % of the other pairs are right")
        )
    heavy = facts.heaviest()
    most, then, now = (facts.value(SUMSQ, one) for one in (heavy, grokked, last))
    before, after = (facts.value("loss/test", one) for one in (grokked, last))
    return step.saying(
        says(
            "At [] nearly all answers are right, and yet the story goes on. Look at "
            "how large the weights are: square each of them and add up. That sum (the "
            f"upper curve) was [], is {whole(then)} at {epoch(grokked)}, and [].",
            at(grokked),
            Go(f"{whole(most)} at {epoch(heavy)}", heavy),
            Go(f"{whole(now)} at {epoch(last)}", last),
        ),
        says(
            "Two ways of answering live in the network side by side: the list it "
            "learned first, and the waves that grew later. The better the waves "
            "answer, the less the list is needed, and it fades. The loss on the other "
            f"pairs goes from {number(before, 2)} at {epoch(grokked)} "
            f"to {number(after, 2)} at []. This fading is called clean-up.",
            at(last),
        ),
    )


def decay(facts: Facts) -> Step:
    """Tell why waves win: large weights cost something."""
    heavy = facts.heaviest()
    question = (
        "The list answers the training pairs. Why does the network not stay with it?"
    )
    if facts.moments.grokked is None:
        question = (
            "Where a network groks, the list had answered the training pairs. Why does "
            "it not stay?"
        )
    return Step(
        views=("weight-norm",),
        start={"e": heavy},
        waiting=facts.growing,
        paragraphs=(
            says(question),
            _shrinking(facts),
            _list_against_waves(facts, heavy),
            says(
                "A list needs room for every single pair; the waves are the same few "
                "for all of them. Power et al. (2022, section 3.3), who found "
                "grokking, report that weight decay more than halved the number of "
                "training pairs needed, compared with most else they tried. To "
                "see it, lay this run beside one trained with weight decay 0 on the "
                "page [].",
                Away("Compare", "compare"),
            ),
        ),
    )


def _shrinking(facts: Facts) -> Paragraph:
    config = facts.run.config
    word = Term("weight decay", "weight-decay")
    if not config.weight_decay > 0:
        return says(
            "This run has no []: nothing makes weights smaller that are of no use.",
            word,
        )
    if config.optimizer != "adamw":
        return says(
            "Training also pulls every weight towards zero; this is [], here "
            f"{number(config.weight_decay)}. A weight stays large only if the answers "
            "keep needing it.",
            word,
        )
    return says(
        "In every epoch each weight is also made a little smaller, by "
        f"{percent(config.lr * config.weight_decay, 2)} of itself. This is []. A "
        "weight stays large only if the answers keep needing it.",
        word,
    )


def _list_against_waves(facts: Facts, heavy: int) -> Paragraph:
    last = facts.last
    most, now = (facts.value(SUMSQ, one) for one in (heavy, last))
    listed, waves = (facts.value("loss/train", one) for one in (heavy, last))
    if facts.moments.grokked is not None and now < most and waves < listed:
        return says(
            "Compare two states of the network that both know the training pairs: the "
            f"list at [] (sum of squares {whole(most)}, loss on them "
            f"{number(listed, 2)}) and the waves at [] ({whole(now)} and "
            f"{number(waves, 2)}). The waves do better on the very pairs that the list "
            "was made for, and with smaller weights.",
            at(heavy),
            at(last),
        )
    if heavy == last:
        return says(
            f"Here the sum of squares has only grown so far: it is {whole(now)} at [], "
            f"where the loss on the training pairs is {number(waves, 2)}.",
            at(last),
        )
    return says(
        f"The sum of squares is largest at [], {whole(most)}, where the loss on the "
        f"training pairs is {number(listed, 2)}; at [] it is {whole(now)} and the loss "
        f"{number(waves, 2)}.",
        at(heavy),
        at(last),
    )
