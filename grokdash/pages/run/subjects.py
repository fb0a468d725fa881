"""One page per subject: all of its views on the same playhead and selection."""

from functools import partial
from typing import Any

from grokdash.pages.page import Page, PageContext
from grokdash.pages.run.panels import SUBJECTS, run_page, views_of


def _layout(subject: str, context: PageContext, **query: Any) -> Any:
    return run_page(context, query, subject, views_of(subject))


PAGES = tuple(
    Page(
        path_template=f"/run/<run_id>/{subject}",
        name=subject,
        title=f"{title} · grokdash",
        order=10 + index,
        layout=partial(_layout, subject),
        at_once=True,
        loads=("plotly",),
    )
    for index, (subject, title) in enumerate(SUBJECTS.items())
)
