"""Attention: patterns, heads, their history."""

from grokdash.views.attention import heads, history, patterns
from grokdash.views.core.view import View

VIEWS: tuple[View, ...] = (
    *patterns.VIEWS,
    *heads.VIEWS,
    *history.VIEWS,
)
