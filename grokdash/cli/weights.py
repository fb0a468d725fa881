"""``grokdash weights``: the weights of a run for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.store.reader import Run
from grokdash.terminal import say
from grokdash.written import whole

app = typer.Typer()


@app.command()
def weights(
    run: Annotated[str, typer.Argument(help="Run id.")],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File ending in .safetensors or .pt (a PyTorch state dict); a folder "
            "for several epochs. What it is of is written beside it as .json.",
        ),
    ],
    store: StoreOption = None,
    epoch: Annotated[
        str | None,
        typer.Option(
            help="Epoch, or several such as 0,500,2000, or all; the nearest that is "
            "stored is taken \\[default: the newest]",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[
        str,
        typer.Option(
            help="Names of the arrays: grokdash (as in the store) or transformer-lens "
            "(of a HookedTransformer)."
        ),
    ] = "grokdash",
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            help="Of the files in a folder: safetensors or pt \\[default: safetensors]",
            show_default=False,
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that exist.")
    ] = False,
) -> None:
    """Save the weights of a run: safetensors, PyTorch or TransformerLens."""
    from grokdash.saving.weights import nearest_steps, save_weights
    from grokdash.views.core.misfits import between

    opened = open_store(default_store(store)).run(run)
    asked = _epochs(epoch, opened)
    files = save_weights(
        opened, output, asked, layout=layout, ending=file_format, force=force
    )
    for one in asked:
        (found,) = nearest_steps(opened, [one])
        if found != one:
            say(f"epoch {between(whole(one), found)}", to_errors=True)
    steps = nearest_steps(opened, asked)
    told = f"epoch {whole(steps[0])}" if len(steps) == 1 else f"{len(steps)} epochs"
    place = output if len(files) > 2 else " and ".join(map(str, files))
    say(f"{place}: the weights of {told}")


def _epochs(text: str | None, run: Run) -> list[int]:
    """Read ``--epoch``; none for the newest."""
    if text is None:
        return []
    if text.strip() == "all":
        return run.steps.tolist()
    try:
        found = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        found = [-1]
    if min(found) < 0:
        raise ConfigError(
            f"--epoch: expected numbers such as 2000 or 0,500,2000, or all; "
            f"got {text[:40]!r}"
        )
    return found
