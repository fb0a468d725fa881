"""Which panels Explore shows, in which order: the six of the house or one's own choice.

The address holds ``panels=``, ids of views joined by commas; the six need no word.
"""

from collections.abc import Sequence

from grokdash.contract.pages import Arrangement, OfferedView
from grokdash.listed import listed
from grokdash.pages.run.panels import SUBJECTS, views_of
from grokdash.snapshot import RunView
from grokdash.views import EXPLORE, VIEWS, View, get_view

MOST_PANELS = 9
_NAMED = 3


def read_panels(text: str) -> tuple[list[View], list[str]]:
    """Read the panels of an address.

    Returns
    -------
    views, notices
        One to nine views, each once; one sentence for what cannot be had of the rest.
    """
    asked = listed(text)
    known = {view.id for view in VIEWS}
    unknown = [f"{name[:40]!r}" for name in asked if name not in known]
    found = [name for name in asked if name in known]
    notices = []
    if unknown:
        more = " and others" if len(unknown) > _NAMED else ""
        notices.append(
            f"panels: there is no view {', '.join(unknown[:_NAMED])}{more}; left out"
        )
    if len(found) > MOST_PANELS:
        notices.append(f"panels: at most {MOST_PANELS} fit; the others are left out")
    return [get_view(name) for name in found[:MOST_PANELS] or EXPLORE], notices


def arrangement(
    run: RunView, views: Sequence[View], notices: Sequence[str]
) -> Arrangement:
    """Say what can be chosen for a run, what is, and what could not be."""
    stored = bool(len(run.steps))
    return Arrangement(
        most=MOST_PANELS,
        defaults=list(EXPLORE),
        chosen=[view.id for view in views],
        notices=list(notices),
        views=[
            OfferedView(
                id=view.id,
                title=view.title,
                subject=title,
                question=view.question,
                missing=view.missing(run) if stored else None,
            )
            for page, title in SUBJECTS.items()
            for view in views_of(page)
        ],
    )
