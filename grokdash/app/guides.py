"""The guide of a view as the browser gets it."""

from dataclasses import asdict

from grokdash.contract.pictures import GuideAnswer, GuidePart
from grokdash.contract.words import GUIDE_PARTS
from grokdash.views import View


def guide_to(view: View, operation: str) -> GuideAnswer:
    """Write the guide of a view in the words of one operation."""
    texts = asdict(view.guide.told(operation))
    return GuideAnswer(
        title=view.title,
        question=view.question,
        operation=operation,
        formula=texts["formula"],
        parts=[
            GuidePart(label=label, text=texts[name])
            for name, label in GUIDE_PARTS.items()
            if texts[name]
        ],
    )
