"""What run.json says of a run that was trained elsewhere: its origin and its split."""

import base64
import binascii
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from grokdash.config import RunConfig
from grokdash.store.file_models import ImportedFile
from grokdash.store.pair_split import train_mask

UNKNOWN = "unknown"
"""How the split of a run is described of which nobody knows the training pairs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imported:
    """Where a run comes from.

    Attributes
    ----------
    layout : str
        How its weights were named and shaped.
    source : str
        Name of the file or folder.
    digest : str
        SHA-256 of weights, epochs and split.
    split : str
        How its training pairs are known, in words; :data:`UNKNOWN` if they are not.
    unknown : tuple of str
        Fields of the configuration of which nothing is known: what stands in them says
        nothing.
    train_mask : ndarray of bool, [p, p], optional
        Which pairs it was trained on; None if that is not known.
    """

    layout: str
    source: str
    digest: str
    split: str = UNKNOWN
    unknown: tuple[str, ...] = ()
    train_mask: Bool[np.ndarray, "p p"] | None = None

    def values(self) -> dict[str, Any]:
        """Write it as JSON has it: the mask as bits, row after row, in base64."""
        mask = self.train_mask
        packed = b"" if mask is None else np.packbits(mask).tobytes()
        return asdict(self) | {"train_mask": base64.b64encode(packed).decode("ascii")}

    @classmethod
    def of(cls, file: ImportedFile, p: int) -> "Imported":
        """Take what a file says.

        Raises
        ------
        ValueError
            If the mask is not one of p² pairs.
        """
        mask = None if file.split == UNKNOWN else _mask(file.train_mask, p)
        values = file.model_dump(exclude={"train_mask", "unknown"})
        return cls(**values, unknown=tuple(file.unknown), train_mask=mask)


def known_mask(config: RunConfig, imported: Imported | None) -> Bool[np.ndarray, "p p"]:
    """Mark the training pairs of a run: none where they are not known."""
    if imported is None:
        return train_mask(config)
    if imported.train_mask is None:
        return np.zeros((config.p, config.p), dtype=bool)
    return imported.train_mask


def _mask(text: str, p: int) -> np.ndarray:
    try:
        packed = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"imported.train_mask: {error}") from None
    if len(packed) != -(-p * p // 8):
        raise ValueError(
            f"imported.train_mask: expected {p * p} bits, one for each pair; got "
            f"{8 * len(packed)}"
        )
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=p * p)
    mask = bits.reshape(p, p).astype(bool)
    if not mask.any():
        raise ValueError("imported.train_mask: marks no pair")
    mask.flags.writeable = False
    return mask
