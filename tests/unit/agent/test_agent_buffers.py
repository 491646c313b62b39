"""What grows where no count does is counted exactly: the bytes of buffers by owner, and blocks by their size."""

from __future__ import annotations

import mmap
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from soakproof.agent.objects import buffers
from soakproof.agent.process import pymalloc
from tests.unit.agent.agent_target import ready

GROWN = 64
OBJECTS = 10
SIZE_OF_40_BYTES = 80  # 33 bytes of its own, in steps of 16
GROWTH = {
    "AUDIT": GROWN,
    "BY_ROOM[*]": GROWN,
    "Hub.shared": GROWN,
    "MAPPED": 4096,
    "NOTES": GROWN,
    "RAW": GROWN,
    "ROOMS[*].history": 2 * GROWN,
    "ROOMS[*].raw": 2 * GROWN,
    "TEXT_FILE": GROWN,
    "TIMES": GROWN,
    "main.<locals>.held": GROWN,
}
STATS = b"""Small block threshold = 512, in 32 size classes.

class   size   num pools   blocks in use  avail blocks
-----   ----   ---------   -------------  ------------
    0     16           1              82           939
    1     32           2             703           317

# arenas allocated total           =                    2
    9     99           1               1             1
"""


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Two censuses of a program whose buffers all grow, one between and one after, and what was told of them."""
    with ready("agent_buffers.py", tmp_path_factory.mktemp("b")) as target:
        agent = target.agent()
        agent.census()
        censuses = []
        for _ in range(2):
            assert target.tell(str(GROWN)) == "done"
            censuses.append(agent.census())
        infos = {info["metric"]: info for census in censuses for info in census["infos"]}
        yield {"before": censuses[0]["metrics"], "after": censuses[1]["metrics"], "infos": infos}


@pytest.mark.parametrize("path", GROWTH)
def test_a_buffer_is_measured_to_the_byte(growth: dict[str, Any], path: str) -> None:
    """Each kind of buffer is found under the path a person would say, those of many owners added up, byte by byte."""
    metric = f"buffer:__main__.{path}"
    assert growth["after"][metric] - growth["before"][metric] == GROWTH[path]
    assert growth["infos"][metric]["owner"] == f"__main__:{path}"
    assert growth["infos"][metric]["origin"] == "application"


def test_memory_kept_spare_is_told_where_no_length_is(growth: dict[str, Any]) -> None:
    """Of a BytesIO the memory is told, which grows in steps; entries that are texts count with what they are."""
    before, after = growth["before"], growth["after"]
    assert after["buffer:__main__.BYTES_FILE"] >= before["buffer:__main__.BYTES_FILE"] > GROWN
    assert after["buffer:__main__.RAGGED[*]"] - before["buffer:__main__.RAGGED[*]"] == sys.getsizeof("." * GROWN)


def test_what_stands_still_is_not_told(growth: dict[str, Any]) -> None:
    """A text that never changes is no metric."""
    assert "buffer:__main__.STEADY" not in growth["after"]


def test_a_growing_buffer_is_watched_like_a_container(short_path: Path) -> None:
    """A discovery lists buffers that gained bytes, and the counters read them from then on, texts that are new too."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        agent.census()
        assert target.tell("8") == "done"
        grown = agent.ask("census", collect=False, trim=False, discover=True)["grown"]
        assert {"__main__:NOTES", "__main__:AUDIT", "__main__:Hub.shared"} <= set(grown)
        agent.ask("watch", owners=grown)
        before = agent.ask("counters")["metrics"]
        assert target.tell("8") == "done"
        after = agent.ask("counters")["metrics"]
        for name in ("NOTES", "AUDIT", "Hub.shared"):
            assert after[f"buffer:__main__.{name}"] - before[f"buffer:__main__.{name}"] == 8


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("NOTES", 'NOTES += "!" * amount'),
        ("AUDIT", 'AUDIT.extend(b"." * amount)'),
        ("TIMES", "TIMES.extend([1] * amount)"),
        ("TEXT_FILE", 'TEXT_FILE.write("." * amount)'),
        ("BY_ROOM[*]", 'BY_ROOM["lobby"] += "." * amount'),
        ("Hub.shared", 'Hub.shared.extend(b"." * amount)'),
        ("ROOMS[*].raw", 'room.raw.extend(b"." * amount)'),
    ],
)
def test_the_line_that_adds_to_a_buffer_is_named(followed: dict[str, Any], path: str, source: str) -> None:
    """Following credits the bytes to the very line that added them, of a text that is another object each time too."""
    site = followed[f"__main__:{path}"][0]
    assert site["source"] == source
    assert site["count"] >= GROWN


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The lines that added to the buffers of a program, while each grew once."""
    with ready("agent_buffers.py", tmp_path_factory.mktemp("f")) as target:
        agent = target.agent()
        assert target.tell(str(GROWN)) == "done"
        agent.ask("follow", owners=[f"__main__:{path}" for path in (*GROWTH, "BYTES_FILE")])
        assert target.tell(str(GROWN)) == "done"
        yield agent.ask("followed")["owners"]


def test_who_holds_a_buffer_is_told(short_path: Path) -> None:
    """Of a buffer the path from a module is told, of lost blocks which C code might have lost them."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        subjects = [["buffer:__main__.AUDIT", "__main__:AUDIT"], ["blocks:80", None]]
        audit, lost = agent.ask("explain", subjects=subjects)["answers"]
        assert any("AUDIT" in step for step in audit["retainers"])
        assert lost["note"].startswith("C code in the process besides Python's own: ")


def test_a_lost_object_is_one_block_of_its_size(short_path: Path) -> None:
    """Objects that nothing refers to are counted one by one in their size; no other size moves, ten times looked."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        for _ in range(3):
            agent.census()
        readings = []
        for _ in range(10):
            assert target.tell(f"lost {OBJECTS}") == "done"
            readings.append(blocks_of(agent.census()))
        gained = {size: readings[-1][size] - readings[0][size] for size in readings[0]}
        assert gained.pop(SIZE_OF_40_BYTES) == pytest.approx(OBJECTS * (len(readings) - 1), abs=2)
        assert max(map(abs, gained.values())) <= 2


def test_children_zombies_and_mappings_are_counted(short_path: Path) -> None:
    """Processes that have ended and are not waited for, and files that stay mapped, are counted one by one."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        before = agent.census()["metrics"]
        assert target.tell("zombie 2") == "done"
        assert target.tell("map 3") == "done"
        after = agent.census()["metrics"]
        assert (before["child:total"], after["child:total"], after["child:zombie"]) == (0, 2, 2)
        assert after["map:file"] - before["map:file"] == 3
        assert after["map:file_bytes"] - before["map:file_bytes"] == 3 * mmap.PAGESIZE
        subjects = [["child:zombie", None], ["map:file", None]]
        notes = [answer["note"] for answer in agent.ask("explain", subjects=subjects)["answers"]]
        assert "nobody waits for" in notes[0]
        assert "agent_buffers.py" in notes[1]


def test_the_line_that_maps_a_file_is_named(short_path: Path) -> None:
    """No container grows and nothing is allocated: what is mapped is counted around each line."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        target.tell("map 1")
        assert agent.ask("follow", owners=["map:file"])["missing"] == []
        assert target.tell("map 3") == "done"
        (site,) = agent.ask("followed")["owners"]["map:file"]
        assert (site["count"], "mmap.mmap(" in site["source"]) == (3, True), site


def test_names_that_the_interpreter_keeps_are_no_blocks(short_path: Path) -> None:
    """Attributes looked up by hundreds of new names leave no block behind: the cache that keeps them is emptied."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        before = [blocks_of(agent.census()) for _ in range(3)][-1]
        assert target.tell("names 300") == "done"
        after = blocks_of(agent.census())
        assert (
            max(abs(after[size] - before[size]) for size in before) <= 9
        )  # of 300; the function ran for the first time


def test_names_that_the_interpreter_keeps_are_no_growth_of_a_line(short_path: Path) -> None:
    """While lines are traced the cache is emptied too: its names were the largest turnover, before a leak's line."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        agent.census()
        agent.ask("trace_start", frames=1)
        assert target.tell("names 300") == "done"
        agent.ask("trace_mark")
        assert target.tell("names 300") == "done"
        sites = agent.ask("trace_growth", top=100)["sites"]
        assert sum(site["count"] for site in sites if site["file"].endswith("agent_buffers.py")) <= 9, sites


def test_arrays_of_a_module_loaded_late_are_measured(short_path: Path) -> None:
    """NumPy's arrays count once, not again in their views."""
    pytest.importorskip("numpy")
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        agent.census()
        assert target.tell("grids 1000") == "done"
        assert agent.census()["metrics"]["buffer:__main__.GRIDS[*]"] == 8 * 1000


def test_a_module_that_is_barred_or_faked_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """``sys.modules`` may have None for a module, or something else in its place; then nothing of it is measured."""
    fake = types.ModuleType("numpy")
    fake.ndarray = type("ndarray", (), {"base": None, "nbytes": 1})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mmap", None)
    monkeypatch.setitem(sys.modules, "numpy", fake)
    assert buffers.late_sizes() == {}


def blocks_of(census: dict[str, Any]) -> dict[int, float]:
    """Return the blocks in use by size."""
    named = (metric.partition(":") for metric in census["metrics"])
    sizes = {size: census["metrics"][f"{kind}:{size}"] for kind, _, size in named if kind == "blocks"}
    return {int(size) if size.isdigit() else 0: count for size, count in sizes.items()}


def test_blocks_are_the_agents_own_no_more(short_path: Path) -> None:
    """The blocks by size add up to the number of all blocks that is told, the agent's own taken out of both."""
    with ready("agent_buffers.py", short_path) as target:
        agent = target.agent()
        census = [agent.census() for _ in range(3)][-1]
        assert sum(blocks_of(census).values()) == pytest.approx(census["metrics"]["heap:blocks"], abs=5)


def test_without_pymalloc_nothing_is_said(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under PYTHONMALLOC=malloc there are no sizes to tell blocks by, and the census goes without."""
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    with ready("agent_buffers.py", short_path) as target:
        census = target.agent().census()
        assert not blocks_of(census)
        assert census["metrics"]["heap:objects"] > 0


def test_the_table_of_size_classes_is_read() -> None:
    """Sizes and blocks in use come from the table alone; what follows it has other columns or another meaning."""
    assert pymalloc.parse(STATS) == {16: 82, 32: 703}
    assert pymalloc.parse(b"") == {}
