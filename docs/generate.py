"""Write the reference pages that follow from the code: ``make docs``.

tests/test_docs.py fails while a page differs from what this would write.
"""

import inspect
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

from typer.main import get_command

from grokdash.analysis.terms import terms
from grokdash.cli import app
from grokdash.cli.exits import MEANINGS
from grokdash.config import PRESETS, RunConfig, make_config
from grokdash.contract.declare import declarations
from grokdash.course import typeset
from grokdash.course.documents import document, inside
from grokdash.course.tables import markdown_table
from grokdash.course.texts import DOCUMENTS, text
from grokdash.figures.colours import style_sheet
from grokdash.operations import OPERATIONS
from grokdash.saving.measure_columns import (
    AXES,
    MATRICES,
    OF_CHECKPOINT,
    OF_RUN,
    ORDER,
    is_short,
    unit_of,
    what_of,
)
from grokdash.store.precision import PRECISIONS
from grokdash.views import BY_PAGE, EXPLORE, VIEWS, View

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Made by `make docs` from {source}; edit that. -->"
CONFIGURATION = """\
A field is an option of `grokdash train` with hyphens for its underscores
(`--weight-decay 0.3`), and a line of a TOML file (`weight_decay = 0.3`). The hash of
all fields is part of the run's id: two configurations never share a folder."""

LAYERS = re.compile(
    r"(<!-- Made by `make docs` from the layers of pyproject.toml. -->\n\n)"
    r"(?:    .*\n)+"
)
"""The lines of a page that list the layers, and the note above them."""

PRECISION = re.compile(
    r"(<!-- Made by `make docs` from grokdash/store/precision.py; edit that. -->\n)"
    r"(?:\n\|(?:.*\n\|)*.*\n)?"
)
"""The note above the table of precisions, and the table."""

OTHER_OPERATIONS = """\
Formulas and sentences here are those of a + b. In a run of another operation the app
writes them, and every label, in the operation's own variables; logarithms are discrete,
to the least primitive root, and take the place of the tokens mod p − 1."""

COLUMNS = """\
What `grokdash measures` writes; [Other tools](other-tools.md#measures) says how. A word
in capitals stands for a column each: SPLIT for `train`, `test` and `all`; PARAMETER for
the names of the weights, such as `blocks/0/W_Q`. Losses by key frequencies are there
once the run has ended. [The analysis](pipeline.md) says how each is computed."""

FULL = """\
FREQUENCY is k from 1; WAVE `constant`, `cos1`, `sin1` and so on; OFFSET a + b − c,
CLASS an answer and TOKEN a number, from 0; NEURON and HEAD the block and the place in
it, `0.17`; SOURCE `a`, `b` or `=`. Left out are measures of p² numbers per checkpoint,
such as `frame/loss`: `run.series(name)` reads them."""

PER_RUN = """\
The row of a run with `--per-run`, and in every JSON under `runs`: these, every field of
its [configuration](configuration.md), and the columns above at its last checkpoint."""

COMMAND_LINE = """\
`python train.py` in a checkout is `grokdash train`. `grokdash COMMAND --help` says the
same as this page."""


def views_page() -> str:
    """List every view with its guide, page by page."""
    parts = [
        NOTE.format(source="grokdash/views"),
        "# Views",
        f"{len(VIEWS)} views. The six of the Explore page are marked with a star.",
        OTHER_OPERATIONS,
        operations_table(),
        f"## {text('signs').title}",
        inside("signs"),
    ]
    for page, members in BY_PAGE.items():
        parts.append(f"## {page.capitalize()}")
        rows: list[list[object]] = [
            [f"[{view.title}](#{view.id}){star(view)}", f"`{view.id}`", view.question]
            for view in members
        ]
        parts.append(markdown_table(["view", "id", "question it answers"], rows))
        parts += map(view_section, members)
    return "\n\n".join(parts) + "\n"


def operations_table() -> str:
    """List what takes the place of a + b and a − b, by operation."""
    rows: list[list[object]] = []
    for rule in OPERATIONS.values():
        words = terms(rule)
        rows.append([rule.title, words.sum, words.difference, words.offset])
    return markdown_table(["operation", "a + b", "a − b", "a + b − c"], rows)


def star(view: View) -> str:
    """Mark a view of the Explore page."""
    return " ★" if view.id in EXPLORE else ""


def view_section(view: View) -> str:
    """Write one view's guide."""
    guide = view.guide.told("add")
    parts = [
        f'<a id="{view.id}"></a>\n\n### {view.title}',
        guide.what,
        f"**Before grokking.** {guide.before}",
        f"**After.** {guide.after}",
        f"**Normal.** {guide.normal}",
        f"**If it looks wrong.** {guide.wrong}",
        f"**Formula.** {guide.formula}",
    ]
    if guide.reference:
        parts.append(f"**Reference.** {guide.reference}")
    return "\n\n".join(parts)


def configuration_page() -> str:
    """List every field of a run's configuration and what the presets set."""
    presets = {name: make_config(name).model_dump() for name in PRESETS}
    rows: list[list[object]] = []
    for name, field in RunConfig.model_fields.items():
        values = [presets[preset][name] for preset in PRESETS]
        rows.append([f"`{name}`", field.description or "", *values])
    parts = [
        NOTE.format(source="grokdash/config.py"),
        "# Configuration of a run",
        CONFIGURATION,
        markdown_table(["field", "meaning", *(f"`{name}`" for name in PRESETS)], rows),
    ]
    return "\n\n".join(parts) + "\n"


def command_line_page() -> str:
    """List every command with its arguments and options."""
    root = get_command(app)
    parts = [
        NOTE.format(source="grokdash/cli"),
        "# Command line",
        COMMAND_LINE,
        "## Exit status",
        markdown_table(
            ["status", "meaning"], [[code, text] for code, text in MEANINGS.items()]
        ),
        *command_sections(root, "grokdash"),
    ]
    return "\n\n".join(parts) + "\n"


def columns_page() -> str:
    """List the columns of the table of measures."""

    def rows(known: dict[str, tuple[str, str]]) -> list[list[object]]:
        return [[f"`{name}`", unit, what] for name, (unit, what) in known.items()]

    def measures(*, short: bool) -> list[list[object]]:
        names = [n for n in ORDER if n not in MATRICES and is_short(n) == short]
        return [
            [
                f"`{'/'.join((name, *map(str.upper, AXES.get(name, ()))))}`",
                unit_of(name),
                what_of(name),
            ]
            for name in names
        ]

    header = ["column", "unit", "what it is"]
    parts = [
        NOTE.format(source="grokdash/saving/measure_columns.py"),
        "# Columns of the measures",
        COLUMNS,
        "## Of every checkpoint",
        markdown_table(header, [*rows(OF_CHECKPOINT), *measures(short=True)]),
        "## With `--full`",
        FULL,
        markdown_table(header, measures(short=False)),
        "## Of every run",
        PER_RUN,
        markdown_table(header, rows(OF_RUN)),
    ]
    return "\n\n".join(parts) + "\n"


def command_sections(command: Any, path: str) -> list[str]:
    """Describe one command, or every command of a group."""
    if hasattr(command, "commands"):
        children = sorted(command.commands.items())
        return [
            section
            for name, child in children
            for section in command_sections(child, f"{path} {name}")
        ]
    own = [p for p in command.params if p.name not in RunConfig.model_fields]
    arguments = [p for p in own if p.param_type_name == "argument"]
    names = " ".join(map(placeholder, arguments))
    parts = [f"## {path} {names}".rstrip(), inspect.cleandoc(command.help or "")]
    rows: list[list[object]] = [[spelling(p), meaning(p), default(p)] for p in own]
    if len(own) < len(command.params):
        rows.append(
            ["`--FIELD`", "any field of a [configuration](configuration.md)", ""]
        )
    return (
        [*parts, markdown_table(["option", "meaning", "default"], rows)]
        if rows
        else parts
    )


def placeholder(argument: Any) -> str:
    """Write an argument as a usage line does."""
    name = argument.name.upper()
    return name if argument.required else f"[{name}]"


def spelling(parameter: Any) -> str:
    """Give every way to write an option, or an argument's placeholder."""
    if parameter.param_type_name == "argument":
        return f"`{placeholder(parameter)}`"
    names = (*parameter.opts, *parameter.secondary_opts)
    return ", ".join(f"`{name}`" for name in names)


def meaning(parameter: Any) -> str:
    """Give the help text as a reader of the terminal sees it."""
    return (parameter.help or "").replace("\\[", "[")


def default(parameter: Any) -> str:
    """Give what holds if the option is left out, where that says something."""
    value = parameter.default
    return "" if value is None or value is False or value == "" else f"`{value}`"


def page_with_layers(path: str) -> str:
    """Give a page written by hand with its list of layers as the contract has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["id"] == "layers")
    listed = "".join(f"    {layer}\n" for layer in layers if layer != "__main__")
    text = (ROOT / path).read_text(encoding="utf-8")
    return LAYERS.sub(lambda found: found[1] + listed, text)


def page_with_precision(path: str) -> str:
    """Give a page written by hand with its table of what is stored how."""
    header = ["arrays", "stored as", "largest error", "smallest values"]
    rows: list[list[object]] = [
        [
            ", ".join(f"`{name}`" for name in one.names),
            one.stored,
            one.error,
            one.smallest,
        ]
        for one in PRECISIONS
    ]
    text = (ROOT / path).read_text(encoding="utf-8")
    listed = markdown_table(header, rows)
    return PRECISION.sub(lambda found: f"{found[1]}\n{listed}\n", text)


PAGES = {
    **{f"docs/{file}": partial(document, name) for name, file in DOCUMENTS.items()},
    "grokdash/course/formulas.json": typeset.page,
    "docs/views.md": views_page,
    "docs/configuration.md": configuration_page,
    "docs/command-line.md": command_line_page,
    "docs/columns.md": columns_page,
    "docs/run-files.md": partial(page_with_precision, "docs/run-files.md"),
    "README.md": partial(page_with_layers, "README.md"),
    ".github/CONTRIBUTING.md": partial(page_with_layers, ".github/CONTRIBUTING.md"),
    "assets/js/contract.d.ts": declarations,
    "assets/css/colours.css": style_sheet,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
