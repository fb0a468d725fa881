"""Whether the pictures of a file are those of the numbers that it carries.

Each picture is recorded by the digest of its bytes, with the figure that it shows.
Where a browser is at hand the figure is drawn again: the same browser writes the same
SVG but for the names that Plotly invents.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping

from grokdash.errors import DamagedFileError
from grokdash.report.bundle import Carried
from grokdash.report.drawing import with_pictures
from grokdash.report.sheets import pictured
from grokdash.report.verify import Verified
from grokdash.saving.browser import Drawer
from grokdash.written import whole

_TAG = re.compile(rb'<([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"]*")+)')
_ATTRIBUTE = re.compile(rb'\s+([\w:-]+="[^"]*")')
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_ID = re.compile(rb'(?<=id=")[^"]+(?=")')
_APART_PX = 1.0
"""How far two browsers may place the same mark."""


def check_pictures(carried: Carried, drawer: Drawer | None) -> Iterator[Verified]:
    """Compare every picture with its record, and with what a browser draws."""
    bundle = carried.bundle
    again: Mapping[str, bytes] = {}
    if drawer is not None and bundle.pictures:
        try:
            again = with_pictures(bundle, drawer).pictures
        except DamagedFileError as error:
            yield Verified("", bundle.report.title, "differs", (str(error),))
    for item in pictured(bundle.report):
        record = carried.digests.get(item.id)
        if record is None:
            continue
        line = _wrong(record, item.figure, bundle.pictures.get(item.id))
        if not line and item.id in again:
            line = _otherwise(bundle.pictures[item.id], again[item.id])
        if line:
            yield Verified(item.id, item.title, "differs", (line,))


def _wrong(record: Mapping[str, str], figure: str, picture: bytes | None) -> str:
    if picture is None:
        return "its picture is missing"
    if record.get("figure") != figure:
        return "its picture is recorded as that of another figure"
    if hashlib.sha256(picture).hexdigest() != record.get("sha256"):
        return "its picture was changed: its bytes are not those that were recorded"
    return ""


def _otherwise(picture: bytes, again: bytes) -> str:
    """Say whether a picture is drawn otherwise; empty if it is the same."""
    one, other = _plain(picture), _plain(again)
    if one == other:
        return ""
    marks = _NUMBER.sub(b"#", one), _NUMBER.sub(b"#", other)
    if marks[0] != marks[1]:
        return (
            "its picture is not the one that this browser draws of the numbers: marks, "
            "colours or texts differ"
        )
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    apart = max(abs(float(a) - float(b)) for a, b in pairs)
    if apart <= _APART_PX:
        return ""
    return (
        "its picture is not the one that this browser draws of the numbers: marks lie "
        f"up to {whole(round(apart))} pixels apart"
    )


def _plain(picture: bytes) -> bytes:
    """Write a picture with numbered names for those that Plotly invents.

    The attributes of a mark are in order, because programs write them in any.
    """
    picture = _TAG.sub(_in_order, picture)
    names = {name: b"n%d" % place for place, name in enumerate(_ID.findall(picture))}
    for name in sorted(names, key=len, reverse=True):
        picture = picture.replace(name, names[name])
    return picture


def _in_order(tag: re.Match[bytes]) -> bytes:
    known = sorted(_ATTRIBUTE.findall(tag[2]))
    kept = [one for one in known if not one.startswith(b"class=")]
    return b" ".join((b"<" + tag[1], *kept))
