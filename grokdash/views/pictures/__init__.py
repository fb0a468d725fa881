"""Pictures as values: how arrays are drawn, scrubbed and picked, named by geometry.

A view names one. What depends on the run or on the selection, such as the title of an
axis, is given as a function of the :class:`Drawing`.
"""

from grokdash.views.pictures.bars import Bars
from grokdash.views.pictures.epochs import EpochCurves, EpochRows, FrequencyCurves
from grokdash.views.pictures.lines import Level, Line, matrix_line
from grokdash.views.pictures.maps import Matrix, PairMap, PairMaps
from grokdash.views.pictures.points import TokenPoints
from grokdash.views.pictures.profiles import Profile, over_tokens
from grokdash.views.pictures.special import Special

__all__ = [
    "Bars",
    "EpochCurves",
    "EpochRows",
    "FrequencyCurves",
    "Level",
    "Line",
    "Matrix",
    "PairMap",
    "PairMaps",
    "Profile",
    "Special",
    "TokenPoints",
    "matrix_line",
    "over_tokens",
]
