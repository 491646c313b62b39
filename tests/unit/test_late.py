"""The command starts without the libraries that load slowly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from soakproof import late
from soakproof.commands.main import COMMANDS

SLOW = ("scipy.stats", "matplotlib", "socketio", "aiohttp", "locust")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_slow_library_is_loaded_before_it_is_needed(name):
    """A mistyped option is told at once: together they take longer than everything else."""
    needed = {"record": {"aiohttp"}}.get(name, set())
    asked = f"import sys, soakproof.commands.{name}; print(*(slow for slow in {SLOW} if slow in sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert set(done.stdout.split()) == needed


@pytest.mark.parametrize("name", [name for name in late.__all__ if name != "mpl"])
def test_each_is_the_module_itself_once_it_is_asked(name):
    """What is asked of it is what its library has."""
    module = getattr(late, name)
    assert module.__name__.rpartition(".")[2] == name


def test_the_load_has_loaded_before_its_first_wave():
    """Its clients answer while it works: a second in which a library loads would be one in which they do not."""
    asked = "import sys, soakproof.load.users.clientuser; print('socketio.packet' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "True"
