"""Many small pictures of one scale in one image: a single heat map, quick to redraw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, colour_bar, squared
from grokdash.figures.theme import Theme, axis, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Where each of ``count`` tiles of ``height`` × ``width`` cells lies in the image.

    Tiles are read like text: the first is at the top left. Above each is room for a
    caption; between them is a gap.
    """

    count: int
    columns: int
    height: int
    width: int

    @property
    def rows(self) -> int:
        """Number of rows of tiles."""
        return -(-self.count // self.columns)

    @property
    def gap(self) -> int:
        """Empty columns between two tiles."""
        return max(1, self.width // 14)

    @property
    def caption(self) -> int:
        """Empty rows above a tile."""
        return max(1, self.height // 4)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the whole image."""
        step_y, step_x = self.height + self.caption, self.width + self.gap
        return self.rows * step_y, self.columns * step_x - self.gap

    def corner(self, index: int) -> tuple[int, int]:
        """Give row and column of a tile's lower left cell; rows count upwards."""
        row, column = divmod(index, self.columns)
        lower = (self.rows - 1 - row) * (self.height + self.caption)
        return lower, column * (self.width + self.gap)

    def assemble(self, tiles: np.ndarray) -> np.ndarray:
        """Put tiles ``[count, height, width]`` into the image; NaN between them."""
        image = np.full(self.shape, np.nan, dtype=np.float32)
        for index, tile in enumerate(tiles):
            y, x = self.corner(index)
            image[y : y + self.height, x : x + self.width] = tile
        return image

    def label(self, ids: Sequence[int]) -> np.ndarray:
        """Give the id of the tile of every cell of the image, −1 between them."""
        image = np.full(self.shape, -1, dtype=np.int16)
        for index, value in enumerate(ids):
            y, x = self.corner(index)
            image[y : y + self.height, x : x + self.width] = value
        return image


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What is written about the tiles: an id and a text each; which is picked."""

    ids: Sequence[int]
    texts: Sequence[str]
    what: str
    picked: int | None = None


def mosaic(
    image: np.ndarray, wall: Wall, scale: Scale, theme: Theme, captions: Captions
) -> go.Figure:
    """Draw an assembled image with a caption over every tile, the picked one framed.

    The id of a tile is the custom datum of its cells.
    """
    fig = go.Figure(
        go.Heatmap(
            z=image,
            customdata=wall.label(captions.ids),
            colorscale=scale.colours,
            zmin=scale.low,
            zmax=scale.high,
            hoverongaps=False,
            colorbar=colour_bar(scale.title, theme),
            hovertemplate=(
                f"{captions.what} %{{customdata}}<br>{scale.title} %{{z:.4g}}"
                "<extra></extra>"
            ),
        )
    )
    fig.update_layout(**layout(theme))
    height, width = wall.shape
    hidden = axis(theme, grid=False) | {"visible": False, "ticks": ""}
    settings = {
        "xaxis": hidden | {"range": [-0.5, width - 0.5]},
        "yaxis": hidden | {"range": [-0.5, height - 0.5]},
        "margin": {"l": 6, "r": 64, "t": 4, "b": 6},
    }
    fig.update_layout(
        squared(settings),
        annotations=[
            _caption(wall, index, text, theme)
            for index, text in enumerate(captions.texts)
        ],
    )
    if captions.picked in list(captions.ids):
        _frame(fig, wall, list(captions.ids).index(captions.picked), theme)
    return fig


def _caption(wall: Wall, index: int, text: str, theme: Theme) -> dict[str, object]:
    y, x = wall.corner(index)
    return {
        "x": x + wall.width / 2 - 0.5,
        "y": y + wall.height - 0.5,
        "text": text,
        "showarrow": False,
        "yanchor": "bottom",
        "borderpad": 0,
        "font": {"size": 9, "color": theme.text},
    }


def _frame(fig: go.Figure, wall: Wall, index: int, theme: Theme) -> None:
    y, x = wall.corner(index)
    for colour, width in ((theme.paper, 5), (theme.accent, 2)):
        fig.add_shape(
            type="rect",
            x0=x - 0.5,
            x1=x + wall.width - 0.5,
            y0=y - 0.5,
            y1=y + wall.height - 0.5,
            line={"color": colour, "width": width},
        )
