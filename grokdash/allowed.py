"""What one picture may take of the memory of the computer that makes it."""

from grokdash.errors import NoMemoryError
from grokdash.written import size


def check_allowed(needed: int, most: int | None, p: int) -> None:
    """Refuse a computation that would take more bytes than one may.

    Parameters
    ----------
    needed, most
        Bytes that are needed, and that may be taken; None for as many as are needed.
    p
        The modulus, which decides it.

    Raises
    ------
    NoMemoryError
        If they are more.
    """
    if most is not None and needed > most:
        raise NoMemoryError(
            f"needs about {size(needed)} of memory at p = {p}, and this server allows "
            f"a picture {size(most)}: grokdash serve --memory {-(-needed // 10**9)}"
        )
