"""How numbers are written for readers, in sentences, labels, tables and the terminal.

``assets/js/lib/numbers.js`` writes them alike in the browser.
"""

import math
import re
from typing import SupportsFloat

UNDEFINED = "undefined"
"""What stands for a number that does not exist; never "nan"."""


def percent(share: SupportsFloat, digits: int = 1) -> str:
    """Write a share as per cent: 0.366 as ``36.6 %``."""
    value = float(share)
    return f"{100 * value:z.{digits}f} %" if math.isfinite(value) else UNDEFINED


def percent_within(share: SupportsFloat, deviation: SupportsFloat) -> str:
    """Write a share and its deviation with one unit: ``36.6 ± 1.2 %``."""
    value, spread = float(share), float(deviation)
    if not (math.isfinite(value) and math.isfinite(spread)):
        return UNDEFINED
    return f"{100 * value:z.1f} ± {100 * spread:.1f} %"


def with_minus(text: str) -> str:
    """Write negative numbers of a sentence with a minus, as axes do, for a hyphen."""
    return re.sub(r"(?<![\w.-])-(?=\d)", "−", text)
