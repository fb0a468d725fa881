"""Views of the path of training through parameter space."""

from grokdash.views.view import View

VIEWS: tuple[View, ...] = ()
