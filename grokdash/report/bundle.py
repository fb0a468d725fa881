"""A report as one value that goes from place to place: with its figures and pictures.

::

    {"grokdash-report": 1,
     "name": …, "report": …,
     "figures": {SHA-256 of the figure: the frozen figure},
     "pictures": {item: {"sha256": of the SVG in the file, "figure": what it shows}}}
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grokdash.errors import ConfigError, DamagedFileError
from grokdash.report.sheets import pictured
from grokdash.store import json_input
from grokdash.store.report_models import Report
from grokdash.store.reports import Reports, canonical

FORMAT = 1
MOST_BUNDLE = 2**28
"""Bytes of a file that is read back."""
_MARK = "grokdash-report"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A report with everything that its files show.

    Parameters
    ----------
    figures
        Frozen figures by digest.
    pictures
        SVG by item; empty where no browser has drawn any.
    """

    name: str
    report: Report
    figures: Mapping[str, dict[str, Any]]
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Write what a file carries; pictures lie in the file itself."""
        figure = {one.id: one.figure for one in pictured(self.report)}
        kept = self.report.model_dump() | {"removed": []}
        return {
            _MARK: FORMAT,
            "name": self.name,
            "report": kept,
            "figures": dict(self.figures),
            "pictures": {
                item: {
                    "sha256": hashlib.sha256(picture).hexdigest(),
                    "figure": figure[item],
                }
                for item, picture in self.pictures.items()
            },
        }

    def as_bytes(self) -> bytes:
        """Write that as bytes."""
        return canonical(self.as_json())


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file carries: the bundle, and digests of pictures by item."""

    bundle: Bundle
    digests: Mapping[str, Mapping[str, str]]


def bundle_of(reports: Reports, name: str) -> Bundle:
    """Collect a report of a store with its figures.

    Raises
    ------
    NotStoredError, DamagedFileError
        If it, or one of its figures, is not there or not what it must be.
    """
    report = reports.read(name)
    digests = {one.figure for one in pictured(report)}
    return Bundle(name, report, {one: reports.figure(name, one) for one in digests})


def read_bundle(
    where: str, data: bytes, picture: Callable[[str], bytes | None]
) -> Carried:
    """Read what a file carries.

    Parameters
    ----------
    where
        The file, for messages.
    picture
        Gives the picture of an item as it lies in the file.

    Raises
    ------
    ConfigError
        If it carries no report.
    """
    try:
        values = json_input.parse_object(where, data)
    except DamagedFileError as error:
        raise ConfigError(str(error)) from None
    if values.get(_MARK) != FORMAT:
        raise ConfigError(
            f"{where}: expected a report of grokdash (with {_MARK!r}: {FORMAT}), got "
            f"{str(values.get(_MARK, 'none'))[:40]}: export one with: grokdash report "
            "export NAME -o FILE"
        )
    try:
        report = Report.model_validate(values.get("report"))
    except json_input.ValidationError as error:
        raise ConfigError(f"{where}: {json_input.wrong(error)}") from None
    figures = _objects(where, values, "figures")
    digests = _objects(where, values, "pictures")
    name = str(values.get("name", ""))
    found = {one: picture(one) for one in digests}
    pictures = {one: data for one, data in found.items() if data is not None}
    return Carried(Bundle(name, report, figures, pictures), digests)


def _objects(where: str, values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name, {})
    if not isinstance(found, dict) or not all(
        isinstance(one, dict) for one in found.values()
    ):
        raise ConfigError(f"{where}: {name}: expected an object of objects")
    return found
