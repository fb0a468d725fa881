"""Addresses within the app, from its root; names of runs are those of folders."""

from urllib.parse import quote

EMBED = "/embed/"
"""What the paths of panels in frames begin with."""


def run_path(run_id: str, page: str = "") -> str:
    """Give the path of a page of a run; Explore if none is named."""
    return f"/run/{as_part(run_id)}" + (f"/{page}" if page else "")


def embed_path(run_id: str, view_id: str) -> str:
    """Give the path of one panel alone, for frames of other sites."""
    return f"{EMBED}{as_part(run_id)}/{as_part(view_id)}"


def store_path(run_id: str) -> str:
    """Give the path of the page that lists the stored arrays of a run."""
    return f"/store/{as_part(run_id)}"


def array_path(run_id: str, name: str, ending: str) -> str:
    """Give the address of a stored array as a file with this ending."""
    parts = "/".join(map(as_part, name.split("/")))
    return f"/api/run/{as_part(run_id)}/array/{parts}.{ending}"


def tour_path(run_id: str, step: int) -> str:
    """Give the path of a step of the tour on a run; steps count from 1."""
    return f"/tour/{as_part(run_id)}/{step}"


def sweep_path(sweep_id: str) -> str:
    """Give the path of the page of a sweep."""
    return f"/sweeps/{as_part(sweep_id)}"


def report_path(name: str) -> str:
    """Give the path of the page of a report."""
    return f"/report/{as_part(name)}"


def as_part(name: str) -> str:
    """Write a name as one part of a path, as encodeURIComponent of JavaScript does."""
    return quote(name, safe="!'()*~")
