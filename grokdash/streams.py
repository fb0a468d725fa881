"""Standard output and error that no encoding, full disk, pipe or file's text can break.

What is printed is for a reader, and the work goes on without one: a training does not
end because the pipe behind its progress has been closed. What only a terminal would
obey is escaped, whoever prints it: messages, logs, warnings and tracebacks quote files.
"""

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import Any

from grokdash.terminal import shown

_PLAIN = {
    **dict.fromkeys("–—−‐─━", "-"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("│┃·", "|"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("×✗", "x"),
    **dict(zip("•÷∘≈❯", "*/o~>", strict=True)),
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "±": "+-",
    "→": "->",
    "←": "<-",
    "‖": "||",
    "∞": "inf",
    "√": "sqrt ",
    "Σ": "sum ",
    "°": " deg",
}
"""What stands for a character in an encoding that lacks it."""
_HANDLER = "grokdash.plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks by what it has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(map(plain, lost)), error.end


def plain(character: str) -> str:
    """Write a character in ASCII: its stand-in, name, letter without accents, or ?."""
    if character in _PLAIN:
        return _PLAIN[character]
    if "α" <= character <= "ω":
        return unicodedata.name(character).split()[-1].lower()
    parts = unicodedata.normalize("NFKD", character)
    return "".join(_PLAIN.get(c, c if c.isascii() else "") for c in parts) or "?"


class _Sink(io.RawIOBase):
    """Bytes to a file; after the first that cannot be written, to nowhere."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write some of it and say how much."""
        try:
            return self._raw.write(data)
        except OSError as error:
            self.failure = error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._raw.fileno())  # for child processes as well
            os.close(nowhere)
            return len(data)

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def fileno(self) -> int:
        """Give the number of the file."""
        return self._raw.fileno()

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._raw.isatty()


class _Shown(io.TextIOWrapper):
    """Text of which a terminal obeys nothing, unless rich has drawn it."""

    def write(self, text: str, /) -> int:
        """Write a text, with everything escaped that a terminal would obey."""
        super().write(shown(text))
        return len(text)

    @property
    def rich_proxied_file(self) -> Any:
        """What rich writes to: bars and colours are its own, texts are escaped before.

        See :mod:`grokdash.terminal`.
        """
        return _Drawn(self)


class _Drawn:
    """The same stream for what may move the cursor."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text as it is."""
        return io.TextIOWrapper.write(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Output:
    """Both standard streams of this process, made safe; told at the end how it went."""

    def __init__(self) -> None:
        codecs.register_error(_HANDLER, _plain)
        # Python 3.13 colours tracebacks, and colours cannot be told from a file's.
        os.environ.setdefault("PYTHON_COLORS", "0")
        self._out, sys.stdout = _made_safe(sys.stdout)
        _, sys.stderr = _made_safe(sys.stderr)

    def failure(self) -> OSError | None:
        """Write what is left; say what kept standard output from being written."""
        if sys.stdout is not None:
            sys.stdout.flush()
        return None if self._out is None else self._out.failure


def was_closed(failure: OSError) -> bool:
    """Say whether the reader has left, as ``head`` does when it has enough."""
    return failure.errno in (errno.EPIPE, errno.ESHUTDOWN, errno.ECONNRESET)


def _made_safe(stream: Any) -> tuple[_Sink | None, Any]:
    """Give a stream that writes to the same file, unless it is none."""
    if not isinstance(stream, io.TextIOWrapper):
        return None, stream
    stream.flush()
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if not isinstance(raw, io.FileIO):
        return None, stream
    sink = _Sink(raw)
    safe = _Shown(
        io.BufferedWriter(sink),
        encoding=stream.encoding,
        errors=_HANDLER,
        line_buffering=stream.line_buffering or stream is sys.stderr,
        write_through=stream.write_through,
    )
    return sink, safe
