"""Paths as a person reads them."""

from pathlib import Path

import pytest

from soakproof.measure.sitepaths import shorten


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/srv/shop/server/locks.py", "server/locks.py"),
        ("/srv/shop/.venv/lib/python3.11/site-packages/socketio/base_manager.py", "socketio/base_manager.py"),
        ("/usr/lib/python3/dist-packages/redis/client.py", "redis/client.py"),
        ("/usr/lib/python3.11/asyncio/locks.py", "asyncio/locks.py"),
        ("/opt/other/app.py", "/opt/other/app.py"),
        ("app.py", "app.py"),
    ],
)
def test_paths_are_relative_to_what_one_knows(file, shown):
    """To the directory the soak was started in, or to where the libraries are; anything else is left as it is."""
    assert shorten(file, Path("/srv/shop")) == shown
