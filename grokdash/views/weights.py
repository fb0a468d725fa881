"""Views of the weight matrices."""

from grokdash.views.view import View

VIEWS: tuple[View, ...] = ()
