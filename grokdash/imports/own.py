"""What ``grokdash weights`` writes beside weights: the run that they are of.

It is read in the process that unpickles too, so this imports nothing.
"""

from collections.abc import Mapping
from typing import Any

ABOUT = "about.json"
INDICES = "train_indices"
"""Places of the training pairs in the list of all pairs, where no seed makes them."""
MADE_BY = "made_by"


def own_words(about: Mapping[str, Any]) -> dict[str, Any]:
    """Give the configuration that grokdash has written; else nothing."""
    config, by = about.get("config"), about.get(MADE_BY)
    if not isinstance(config, Mapping) or not str(by).startswith("grokdash "):
        return {}
    return {**config, MADE_BY: by}
