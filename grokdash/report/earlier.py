"""A run as it was when one of its checkpoints was its newest."""

from grokdash.analysis import cross_split
from grokdash.snapshot import RunView


class Earlier(RunView):
    """A run without what came after an epoch; key frequencies are those of then.

    Parameters
    ----------
    run
        The run as it is now.
    last
        Epoch of the checkpoint that was its newest.
    """

    def __init__(self, run: RunView, last: int) -> None:
        vars(self).update(vars(run.at_this_moment()))
        self._steps = self.steps[self.steps <= last]

    @property
    def keys_final(self) -> bool:
        """No key set was fixed yet."""
        return False

    @property
    def keys(self) -> tuple[int, ...]:
        """Key frequencies as the checkpoint that was the newest has them."""
        found = self.at(self.last).key_shares
        split, published = found["cross_split"], found["published"]
        return cross_split.key_frequencies(split, published, self.fibres)


def as_it_was(run: RunView, last: int) -> RunView:
    """Give a run as it was at an epoch; itself if it has not gone on."""
    return run if run.last <= last else Earlier(run, last)
