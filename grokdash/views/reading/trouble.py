"""What is wrong with a run as a whole, said once above all pictures of it."""

from grokdash.snapshot import RunView


def divergence(run: RunView) -> str:
    """Say how a run diverged and what of it is shown; empty if it did not."""
    status = run.stored.status
    if status.state != "diverged":
        return ""
    reason = f"{status.message[:1].upper()}{status.message[1:]}".rstrip(".")
    if not len(run.steps):
        return f"This run diverged. {reason}."
    hidden = len(run.stored.steps) - len(run.steps)
    told = f"This run diverged. {reason}. It is shown up to epoch {run.last:,}"
    if not hidden:
        return f"{told}, its last checkpoint."
    count = "the checkpoint" if hidden == 1 else f"the {hidden} checkpoints"
    return (
        f"{told}, the last with finite losses and logits; {count} after it hold"
        f"{'s' if hidden == 1 else ''} none."
    )
