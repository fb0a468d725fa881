"""What laying out a page needs of an app."""

import dash
import pytest


@pytest.fixture(scope="session", autouse=True)
def app_paths():
    """Make the app whose path prefix addresses of pages start with."""
    return dash.Dash("pages")
