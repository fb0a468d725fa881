"""``grokdash import``: networks trained elsewhere, as runs of the store."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from grokdash.cli import exits
from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError
from grokdash.terminal import say

app = typer.Typer()

LAYOUTS = (
    *("plain", "transformer-lens", "transformer-bridge"),
    *("nanda", "zhong", "chughtai"),
)


@app.command("import")
def import_network(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files of weights (.pt, .pth, .safetensors), or a folder."),
    ],
    layout: Annotated[
        str | None,
        typer.Option(
            help=f"Names and shapes: {', '.join(LAYOUTS)}; else recognised.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    operation: Annotated[
        str | None,
        typer.Option(
            help="What it was trained on; else the one by which it answers.",
            show_default=False,
        ),
    ] = None,
    n_heads: Annotated[
        int | None,
        typer.Option(help="Heads, where shapes do not tell.", show_default=False),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            help="relu or gelu; else what is saved beside it, else relu.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[
        str | None,
        typer.Option(
            help="Epoch of each file in order of their names, such as 0,100,200; else "
            "the number in each name.",
            show_default=False,
        ),
    ] = None,
    train_pairs: Annotated[
        Path | None,
        typer.Option(
            help="Training pairs: a,b in each line, [[a, b], …] in .json, or pairs or "
            "a mask in .npy.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        Literal["python", "numpy", "torch"] | None,
        typer.Option(
            help="Generator that shuffled the pairs: random.shuffle, "
            "RandomState.permutation or torch.randperm.",
            show_default=False,
        ),
    ] = None,
    split_seed: Annotated[
        int | None, typer.Option(help="Its seed.", show_default=False)
    ] = None,
    train_fraction: Annotated[
        float | None,
        typer.Option(help="Share of pairs trained on.", show_default=False),
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="If known.", show_default=False)
    ] = None,
    lr: Annotated[
        float | None, typer.Option(help="If known.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the weights, if known.", show_default=False)
    ] = None,
    title: Annotated[
        str, typer.Option(help="What the run is called.", show_default=False)
    ] = "",
    grids: Annotated[
        int, typer.Option(help="Checkpoints that also store activation grids.")
    ] = 64,
    disk_budget: Annotated[
        float, typer.Option(help="GB the run may take; fewer grids are stored if less.")
    ] = 1.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Import a network trained elsewhere; every checkpoint is measured.

    Nothing that a file names is run: pickles are opened for tensors and plain values
    only, in a process of their own.
    """
    if layout is not None and layout not in LAYOUTS:
        raise ConfigError(
            f"--layout: expected one of {', '.join(LAYOUTS)}; got {layout!r}"
        )
    named: dict[str, Any] = {
        "activation": activation,
        "weight_decay": weight_decay,
        "lr": lr,
        "seed": seed,
    }
    from grokdash.imports.job import Request, run_import

    request = Request(
        paths=tuple(paths),
        store=default_store(store),
        layout=layout,
        operation=operation,
        n_heads=n_heads,
        epochs=_numbers(epochs),
        pairs=train_pairs,
        generator=split,
        split_seed=split_seed,
        train_fraction=train_fraction,
        fields={name: value for name, value in named.items() if value is not None},
        grids=grids,
        disk_budget=disk_budget,
        title=title,
        quiet=quiet,
    )
    try:
        say(run_import(request))
    except KeyboardInterrupt:
        say("import stopped; nothing of it is kept", to_errors=True)
        raise typer.Exit(exits.STOPPED) from None


def _numbers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ConfigError(
            f"--epochs: expected numbers such as 0,100,200; got {text!r}"
        ) from None
