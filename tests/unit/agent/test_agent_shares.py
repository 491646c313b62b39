"""To whom what came since the mark belongs: each new object to the first older one on its way from the roots."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.unit.agent.agent_target import running

BEFORE, ADDED = 40, 60


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each owner of one program gained, by owner."""
    with running([sys.executable, "agent_shares.py", str(BEFORE)], tmp_path_factory.mktemp("a")) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        agent = target.agent()
        target.tell(str(BEFORE))
        agent.ask("trace_start", frames=8)
        agent.ask("trace_mark")
        target.tell(str(ADDED))
        agent.explain("registry:__main__.ANSWER._done_callbacks", "__main__:ANSWER._done_callbacks")
        told = agent.ask("shares")["shares"]
        assert not agent.send(b'{"op": "trace_growth"}')["ok"]  # tracing has ended
        return {share["owner"]: share for share in told}


def test_all_that_an_entry_brings_is_its_containers(shares: dict[str, dict[str, Any]]) -> None:
    """Of each new session there are the cart, its key, its list of two numbers and its note."""
    sessions = shares["__main__:SESSIONS"]
    assert sessions["objects"] == pytest.approx(6 * ADDED, rel=0.1)
    assert sessions["types"]["__main__.Cart"] == ADDED
    assert not any(owner.startswith("__main__:SESSIONS[*]") for owner in shares)


def test_what_a_container_in_a_container_gains_is_its_own(shares: dict[str, dict[str, Any]]) -> None:
    """The lobby grows, and not the number of rooms."""
    assert shares["__main__:ROOMS[*]"]["types"]["dict"] == ADDED
    assert "__main__:ROOMS" not in shares


def test_numbers_and_the_growing_table_count(shares: dict[str, dict[str, Any]]) -> None:
    """Of a list of numbers the numbers are told by their places, though no collector tracks them."""
    seen = shares["__main__:SEEN"]
    assert seen["types"] == {"float": ADDED}
    assert seen["bytes"] >= (24 + 8) * ADDED


def test_a_dict_that_was_not_tracked_then_is_old(shares: dict[str, dict[str, Any]]) -> None:
    """What it held at the mark is no growth, though the collector tracks it only since."""
    prices = shares["__main__:PRICES"]
    assert prices["types"]["tuple"] == ADDED
    assert prices["objects"] == pytest.approx(4 * ADDED, rel=0.1)


def test_new_modules_are_the_table_of_modules(shares: dict[str, dict[str, Any]]) -> None:
    """Each new module is a root, and yet counts, with what stands in it, for the table that keeps it."""
    loaded = shares["sys:modules"]
    assert loaded["types"]["module"] == pytest.approx(ADDED, rel=0.1)  # an address may be used again
    assert loaded["objects"] >= 3 * ADDED  # its namespace, a dict and a list
    assert sum(owner.startswith("plugin_") for owner in shares) <= 0.1 * ADDED


def test_what_takes_the_place_of_another_is_no_growth(shares: dict[str, dict[str, Any]]) -> None:
    """A ring of eight carts goes round many times."""
    assert not any("RING" in owner for owner in shares)


def test_a_chain_belongs_to_what_it_hangs_on(shares: dict[str, dict[str, Any]]) -> None:
    """The new links hang on the module, and the old ones behind them do not count."""
    links = sum(share["types"].get("__main__.Link", 0) for share in shares.values())
    on_links = [share for owner, share in shares.items() if owner in ("__main__", "__main__.Link")]
    lists = sum(share["types"].get("list", 0) for share in on_links)
    assert 0.5 * ADDED <= max(links, lists) <= ADDED


def test_what_a_library_keeps_for_the_application_is_its_attributes(shares: dict[str, dict[str, Any]]) -> None:
    """A future's callbacks are the application's functions, each with a default."""
    callbacks = shares["__main__:ANSWER._done_callbacks"]
    assert callbacks["types"]["function"] == ADDED
    assert callbacks["objects"] <= 6 * ADDED


def test_what_a_copy_has_kept_is_no_growth(shares: dict[str, dict[str, Any]]) -> None:
    """A tuple that is another whenever it grows has gained what it has more, and not all that it holds."""
    listeners = shares["__main__:BUS.listeners"]
    assert listeners["types"]["function"] == ADDED
    assert listeners["objects"] <= 6 * ADDED


def test_a_chain_that_hangs_on_a_class_is_growth(shares: dict[str, dict[str, Any]]) -> None:
    """Its first link takes the place of another, which it holds: that is no turnover, as in a container."""
    steps = sum(share["types"].get("__main__.Step", 0) for share in shares.values())
    assert steps == pytest.approx(ADDED, abs=1)


def test_tasks_have_what_they_wait_with(shares: dict[str, dict[str, Any]]) -> None:
    """A task that never ends keeps its coroutine, and the buffer in its local."""
    waiting = shares["task:wait_for_ever"]
    assert waiting["types"]["coroutine"] == pytest.approx(ADDED, abs=3)
    assert waiting["bytes"] > 500 * ADDED


def test_what_no_root_leads_to_is_nobodys(shares: dict[str, dict[str, Any]]) -> None:
    """Objects with a reference too many are told, and nothing of the agent is among them."""
    assert shares[""]["types"].get("__main__.Lost", 0) >= ADDED - 3
    assert shares[""]["types"].get("function", 0) >= ADDED - 3  # such as C code is given to call back
    assert shares[""]["bytes"] > 300 * ADDED
    named = [name for owner, share in shares.items() for name in (owner, *share["types"])]
    assert not any("soakproof" in name for name in named)
