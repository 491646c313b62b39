"""The Locust files of docs/clients.md are run as they stand."""

import re
from pathlib import Path

import pytest

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from tests.unit.load.load_server import serve, wait_until

PAGE = Path(__file__).parents[3] / "docs" / "clients.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
APPS = {"Visitor": "load_pages_app:app", "Member": "load_pages_app:app", "Talker": "load_plain_app:app"}


@pytest.mark.parametrize("name", APPS)
def test_an_example_works_as_it_stands(name, tmp_path, monkeypatch):
    """Each client of a wave connects, does its task, and fails at nothing."""
    [example] = [text for text in EXAMPLES if f"class {name}(" in text]
    (tmp_path / "users.py").write_text(example)
    monkeypatch.setenv("PAGES_PASSWORD", "open sesame")
    with serve(APPS[name], tmp_path, PAGES_PASSWORD="open sesame") as server:
        load = LocustLoad(server.url, tmp_path / "locust.log", locustfile=str(tmp_path / "users.py"))
        try:
            load.start()
            load.aim(server.url, ClientOptions(timeout_s=20))
            load.begin(Order(index=0, phase="wave", clients=5, drops={"close": 1.0}))
            wait_until(lambda: load.progress().is_done, 60)
            tally = load.tally()
        finally:
            load.stop()
    assert (tally.opened, tally.errors) == (5, {})
    assert tally.events >= 5


def test_there_is_no_example_that_is_not_run():
    """Three whole files, each of its own kind."""
    assert len(EXAMPLES) == len(APPS)
