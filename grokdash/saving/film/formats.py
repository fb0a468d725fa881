"""Formats of films: each is one value, written by PyAV, which brings its encoders."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from grokdash.errors import ConfigError

SAMPLES = 12
"""Pictures from which the colours of a GIF are chosen."""

_SMALL = 1280 * 720
"""Pixels of a film that stands in a page rather than fills a screen."""

_SEEK = "100"
"""Pictures between those that a player can go to."""

MOST_GIF_FPS = 50
"""A GIF counts in hundredths of a second, and browsers take one for ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """What is common to all pictures of a film: size, pace, and where they come from.

    ``samples`` are pictures of it as JPEG, from its beginning to its end.
    """

    width: int
    height: int
    fps: int
    metadata: dict[str, str]
    samples: Sequence[bytes] = ()


class Writer(Protocol):
    """A film that is being written."""

    def add(self, pictures: Iterable[bytes]) -> None:
        """Take pictures as JPEG; an empty one is the same as before."""

    def close(self) -> None:
        """End the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFormat:
    """A format of a film.

    Parameters
    ----------
    ending
        Of a file's name, without the dot.
    most_fps
        Pictures per second that it can show.
    exact
        Whether a small film is made of JPEG of the highest quality: what others add
        around letters is stored at length, and large ones take long to hand over.
    samples
        How many pictures must be known beforehand.
    open
        Begin a file.
    """

    ending: str
    most_fps: int = 60
    exact: bool = False
    samples: int = 0
    open: Callable[[Path, Reel], Writer]

    def quality(self, reel: Reel) -> float:
        """Give the quality of the JPEG that it is made of, from 0 to 1."""
        small = reel.width * reel.height <= _SMALL
        return 1.0 if self.exact and small else 0.95


def encoder() -> Any:
    """Import what writes films.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    try:
        import av  # noqa: PLC0415 - only for what is optional
        import av.filter  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "films are written by PyAV, which is not installed: pip install av"
        ) from error
    return av


class _Film:
    """Decode pictures, change them, encode them one after the other."""

    def __init__(
        self, path: Path, reel: Reel, codec: str, pixels: str, **options: Any
    ) -> None:
        self._av = encoder()
        self._jpeg = self._av.CodecContext.create("mjpeg", "r")
        self._file = self._av.open(str(path), "w", options=options.pop("file", {}))
        self._file.metadata.update(reel.metadata)
        self._stream = self._file.add_stream(codec, rate=reel.fps, options=options)
        self._stream.width, self._stream.height = reel.width, reel.height
        self._stream.pix_fmt = pixels
        self._tick = Fraction(1, reel.fps)
        self._count = 0
        self._last: Any = None

    def add(self, pictures: Iterable[bytes]) -> None:
        for picture in pictures:
            if picture:
                self._last = self._prepared(self.decode(picture))
            self._encode(self._last)

    def decode(self, picture: bytes) -> Any:
        (frame,) = self._jpeg.decode(self._av.Packet(picture))
        return frame

    def _prepared(self, frame: Any) -> Any:
        return frame

    def _encode(self, frame: Any) -> None:
        frame.pts, frame.time_base = self._count, self._tick
        frame.pict_type = 0  # a JPEG is a key frame; which are here, the encoder says
        self._count += 1
        self._file.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._file.mux(self._stream.encode(None))
        self._file.close()


class _Video(_Film):
    """Colours as televisions have them: BT.709, of which files tell players."""

    def __init__(self, path: Path, reel: Reel, codec: str, **options: Any) -> None:
        super().__init__(path, reel, codec, "yuv420p", **options)
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1

    def _prepared(self, frame: Any) -> Any:
        return frame.reformat(
            format="yuv420p",
            src_colorspace="ITU601",
            dst_colorspace="ITU709",
            src_color_range="JPEG",
            dst_color_range="MPEG",
        )


class _Gif(_Film):
    """One palette for the whole film, so that nothing flickers that stands still."""

    def __init__(self, path: Path, reel: Reel) -> None:
        super().__init__(path, reel, "gif", "pal8", file={"loop": "0"})
        palette = self._palette(reel)
        self._graph = self._av.filter.Graph()
        source = self._source(self._graph, reel)
        colours = self._graph.add_buffer(
            width=16, height=16, format="bgra", time_base=self._tick, name="colours"
        )
        use = self._graph.add("paletteuse", "dither=none:diff_mode=rectangle")
        sink = self._graph.add("buffersink")
        source.link_to(use, 0, 0)
        colours.link_to(use, 0, 1)
        use.link_to(sink)
        self._graph.configure()
        palette.pts, palette.time_base = 0, self._tick
        colours.push(palette)
        colours.push(None)
        self._into, self._from = source, sink

    def _source(self, graph: Any, reel: Reel) -> Any:
        return graph.add_buffer(
            width=reel.width,
            height=reel.height,
            format="bgra",
            time_base=self._tick,
            name="pictures",
        )

    def _palette(self, reel: Reel) -> Any:
        graph = self._av.filter.Graph()
        source = self._source(graph, reel)
        choose = graph.add("palettegen", "stats_mode=full:reserve_transparent=1")
        sink = graph.add("buffersink")
        source.link_to(choose)
        choose.link_to(sink)
        graph.configure()
        for number, picture in enumerate(reel.samples):
            frame = self.decode(picture).reformat(format="bgra")
            frame.pts, frame.time_base = number, self._tick
            source.push(frame)
        source.push(None)
        return sink.pull()

    def _prepared(self, frame: Any) -> Any:
        picture = frame.reformat(format="bgra")
        picture.pts, picture.time_base = self._count, self._tick
        self._into.push(picture)
        return self._from.pull()


def _mp4(path: Path, reel: Reel) -> Writer:
    file = {"movflags": "+faststart+use_metadata_tags"}
    return _Video(
        path, reel, "libx264", file=file, preset="veryfast", crf="20", g=_SEEK
    )


def _webm(path: Path, reel: Reel) -> Writer:
    fast = {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "threads": "2"}
    return _Video(path, reel, "libvpx-vp9", crf="30", b="0", g=_SEEK, **fast)


FILM_FORMATS = (
    FilmFormat(ending="mp4", open=_mp4),
    FilmFormat(ending="webm", open=_webm),
    FilmFormat(
        ending="gif",
        most_fps=MOST_GIF_FPS,
        exact=True,
        samples=SAMPLES,
        open=_Gif,
    ),
)
"""Every format of a film; the first is the default."""


def film_format(path: Path) -> FilmFormat:
    """Choose the format that the name of a file asks for.

    Raises
    ------
    ConfigError
        If it is none of these.
    """
    for one in FILM_FORMATS:
        if path.suffix.lower() == f".{one.ending}":
            return one
    names = ", ".join(f".{one.ending}" for one in FILM_FORMATS)
    raise ConfigError(f"{path}: expected a name ending in one of {names}")
