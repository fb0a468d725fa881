"""Pictures in the guide: views of a stored run, each a link to that very view."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import run_path
from grokdash.course.marks import Moment
from grokdash.course.moments import epoch_of
from grokdash.example import example_id
from grokdash.pages.guide.render import Draw
from grokdash.pages.page import PageContext
from grokdash.snapshot import RunView
from grokdash.story.choice import story_run
from grokdash.views import BY_PAGE, View, get_view
from grokdash.written import whole


def shown_run(context: PageContext) -> RunView:
    """Find the run that the pictures are of; ours if the store has none to show."""
    summary = story_run(context.store.summaries())
    run = context.run_view(example_id() if summary is None else summary.id)
    return run if len(run.steps) else context.run_view(example_id())


def told_of(run: RunView) -> html.P:
    """Say whose pictures these are."""
    link = dcc.Link(run.title, href=get_relative_path(run_path(run.id)))
    growing = run.stored.status.state == "running"
    return html.P(
        [
            "Pictures: ",
            link,
            ", ",
            f"still training, at epoch {whole(run.last)}"
            if growing
            else run.grok().text,
            ". Each opens the view that it shows.",
        ],
        className="told-of",
    )


def drawer(run: RunView) -> Draw:
    """Give what lays out the pictures of a page."""

    def draw(target: str, caption: list[Any]) -> Any:
        name, _, query = target.removeprefix("view:").partition("?")
        asked = dict(part.split("=") for part in query.split("&"))
        moment = cast(Moment, asked.pop("at"))
        view = get_view(name)
        if view.missing(run) is not None:
            return _named(view, caption)
        return _picture(view, caption, run, epoch_of(run, moment), asked)

    return draw


def _named(view: View, caption: list[Any]) -> html.Figure:
    link = dcc.Link(view.title, href=get_relative_path(f"/guide/reference#{view.id}"))
    return html.Figure(html.Figcaption([link, ": ", *caption, "."]), className="named")


def _picture(
    view: View,
    caption: list[Any],
    run: RunView,
    epoch: int,
    asked: Mapping[str, str],
) -> html.Figure:
    """Lay out the place of one picture; a script fills it when it comes into sight."""
    query = urlencode({"e": epoch, **asked})
    (page,) = (page for page, views in BY_PAGE.items() if view in views)
    href = get_relative_path(f"{run_path(run.id, page)}?{query}#panel-{view.id}")
    when = f"epoch {whole(epoch)}" if view.per_step else "all of training"
    place: dict[str, Any] = {"data-figure": f"{run.id}/figure/{view.id}?{query}"}
    return html.Figure(
        [
            dcc.Link(
                [
                    html.Span(
                        [html.Strong(view.title), f" {when}"], className="titled"
                    ),
                    html.Span(className="place", **place),
                ],
                href=href,
                className=f"small-picture small-{view.kind}",
                title=f"Open {view.title} at epoch {whole(epoch)}",
            ),
            html.Figcaption([*caption, "."]),
        ]
    )
