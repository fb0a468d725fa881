"""``grokdash weights``: the weights of a run for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.export import open_run
from grokdash.cli.options import StoreOption
from grokdash.terminal import say
from grokdash.written import whole

app = typer.Typer()


@app.command()
def weights(
    run: Annotated[str, typer.Argument(help="Run id.")],
    output: Annotated[
        Path,
        typer.Option(
            "--out",
            "--output",
            "-o",
            help="File ending in .safetensors or .pt (a PyTorch state dict); a folder "
            "for several epochs. What it is of is written beside it as .json.",
        ),
    ],
    store: StoreOption = None,
    epochs: Annotated[
        str,
        typer.Option(
            "--epochs",
            "--epoch",
            help="Epochs joined by commas, or first, last, memorised, peak, formed, "
            "clean, grok, collapsed; or all.",
        ),
    ] = "last",
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
    from grokdash.saving.batch import wanted_epochs
    from grokdash.saving.weights import save_weights

    seen = open_run(store, run)
    steps, notices = seen.steps.tolist(), []
    if epochs.strip() != "all":
        steps, notices = wanted_epochs(epochs, seen)
    files = save_weights(
        seen.stored, output, steps, layout=layout, ending=file_format, force=force
    )
    for line in notices:
        say(line, to_errors=True)
    told = f"epoch {whole(steps[0])}" if len(steps) == 1 else f"{len(steps)} epochs"
    place = output if len(files) > 2 else " and ".join(map(str, files))
    say(f"{place}: the weights of {told}")
