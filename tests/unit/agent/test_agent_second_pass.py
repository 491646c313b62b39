"""The second pass: growth by line, the line that fills a container, and who retains what has come since the mark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.agent.agent_target import APPS, Agent, Target, ready

ADDED = 5
SHELF = (APPS / "agent_shelf.py").read_text().splitlines()
FILLED_BY = {
    "ATOMS": "ATOMS[key] = 1.0",
    "BY_USER[*]": "BY_USER[key].append(key)",
    "FOREIGN.data": "FOREIGN[key] = key",
    "Hub.members": "Hub.members[key] = key",
    "Hub.rooms": "hidden.rooms[key] = key",
    "ROOMS[*]": 'ROOMS["lobby"].append(key)',
    "Sessions": "sessions[key] = key",
    "cached.cache": "cached(key)",
    "defaulting.<defaults>.kept": "kept.append(key)",
    "listen.<locals>.waiting": "waiting.append(await waited.get())",
    "make.<locals>.handler.<closure>.seen": "seen.append(key)",
    "manager.rooms[*]": "manager.rooms[key] = {key}",
}


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Which lines filled the containers of one program, as the agent saw them."""
    with ready("agent_shelf.py", tmp_path_factory.mktemp("a")) as target:
        agent = target.agent()
        target.tell("1")
        agent.ask("follow", owners=[f"__main__:{path}" for path in (*FILLED_BY, "LOCAL.<thread>.collected")])
        target.tell(str(ADDED))
        yield agent.ask("followed")["owners"]
        target.tell("1")


@pytest.mark.parametrize("path", FILLED_BY)
def test_the_line_that_fills_a_container_is_named(followed: dict[str, Any], path: str) -> None:
    """Following credits each new entry to the very line that put it there, a dict of atoms included."""
    site = followed[f"__main__:{path}"][0]
    assert site["source"] == FILLED_BY[path]
    assert ADDED - 1 <= site["count"] <= ADDED  # a thread that is already running may do one thing unseen
    assert SHELF[site["line"] - 1].strip() == FILLED_BY[path]


def test_a_line_in_a_thread_that_runs_already_is_named(followed: dict[str, Any]) -> None:
    """A loop that ran before anybody looked is followed too, from the line after that at which it stood."""
    site, *_ = followed["__main__:LOCAL.<thread>.collected"]  # where threads switch within a line, another may be seen
    assert site["source"] == "LOCAL.collected.append(TO_COLLECT.get())"
    assert site["count"] >= ADDED - 1


def test_a_filling_line_has_its_function(followed: dict[str, Any]) -> None:
    """A line is told with its file and the qualified name of the function around it."""
    site = followed["__main__:Hub.rooms"][0]
    assert Path(site["file"]).name == "agent_shelf.py"
    assert site["function"] == "make.<locals>.handler"


def test_growth_is_attributed_to_the_applications_lines(short_path: Path) -> None:
    """Growth since the mark is told by line, largest first, with bytes, count, function and source."""
    with ready("agent_shelf.py", short_path) as target:
        agent = traced(target)
        target.tell(str(ADDED))
        sites = agent.ask("trace_growth", top=10)["sites"]
        line = next(site for site in sites if site["source"] == "manager.rooms[key] = {key}")
        assert line["function"] == "add"
        assert line["count"] >= ADDED
        assert line["bytes"] > 200 * ADDED
        assert [site["bytes"] for site in sites] == sorted((site["bytes"] for site in sites), reverse=True)
        plain = agent.ask("trace_growth", top=1000, plain=True)
        assert {"file", "line", "bytes", "count", "sizes"} == plain["sites"][0].keys()
        sizes = {size: count for size, count in line["sizes"].items() if count >= ADDED}
        assert sizes.keys() == {"224"}  # the set; its header makes it no size more
        assert plain["count"] >= ADDED
        told = agent.ask("describe_lines", lines=[[line["file"], line["line"]]])["sites"]
        assert told == [{name: line[name] for name in ("file", "line", "function", "source")}]
        assert "need a list of [file, line]" in agent.send(b'{"op": "describe_lines", "lines": [1]}')["error"]
        agent.ask("trace_stop")
        assert not agent.send(b'{"op": "trace_growth"}')["ok"]


def test_a_container_is_explained_from_its_root_to_its_entries(short_path: Path) -> None:
    """Retainers lead from the module to the newest entry; types and sites are of the entries since the mark."""
    with ready("agent_shelf.py", short_path) as target:
        target.tell("3")
        agent = traced(target)
        target.tell(str(ADDED))
        told = agent.explain("registry:__main__.manager.rooms", "__main__:manager.rooms")
        assert told["retainers"] == [
            "module __main__",
            "manager: __main__.Hub",
            f".rooms: dict ({3 + ADDED} entries)",
            "[*]: set (1 entries)",
        ]
        assert told["types"] == {"set": ADDED}
        assert told["sites"][0]["source"] == "manager.rooms[key] = {key}"
        assert told["sites"][0]["count"] == ADDED


def test_a_hidden_container_is_explained_through_what_hides_it(short_path: Path) -> None:
    """An instance that only a closure holds is reached through task, coroutine, local and function."""
    with ready("agent_shelf.py", short_path) as target:
        agent = traced(target)
        target.tell(str(ADDED))
        told = agent.explain("registry:__main__.Hub.rooms", "__main__:Hub.rooms")
        assert told["retainers"][0] == "task main"
        assert "['handler']: function __main__:make.<locals>.handler" in told["retainers"]
        assert told["retainers"][-3:] == [".<closure>.hidden: __main__.Hub", ".rooms: dict (5 entries)", "[*]: str"]


SYNC = (APPS / "agent_sync.py").read_text().splitlines()


def at(source: str) -> str:
    """Return file and number of the only line of the program that begins so."""
    [number] = [number for number, line in enumerate(SYNC, start=1) if line.strip().startswith(source)]
    return f"agent_sync.py:{number}"


MADE = f"function keep_closure.<locals>.<lambda> of {at('FUNCTIONS.append(lambda')}"


@pytest.mark.parametrize(
    ("deed", "note"),
    [
        ("traceback", f"Kept by the traceback of ValueError('kept') raised in fail at {at('raise ValueError')}."),
        ("closure", f"Kept by the closure of {MADE}."),
        ("partial", "Kept by the arguments of functools.partial(print)."),
        ("method", "Kept by the bound method __main__.Session.close."),
        ("generator", f"Kept by the locals of generator walk at {at('yield session.itself')}."),
        ("context", "Kept by the context variable TRACE."),
        ("cycle", "A reference cycle that the collector does not free: gc is disabled."),
    ],
)
def test_what_keeps_an_object_is_said(short_path: Path, deed: str, note: str) -> None:
    """A kept object without a container of its own is explained by what keeps it: a traceback, code, or a cycle."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        for _ in range(3):
            assert target.tell(deed) == "done"
        told = agent.explain("type:__main__.Session", None)
        assert told["types"] == {"__main__.Session": 3}
        assert told["note"] == note
        assert told["sites"][0]["source"].startswith(("session = Session()", "Session()", "walker = walk(Session())"))


@pytest.mark.parametrize(
    ("deed", "owner", "note"),
    [
        ("traceback", "ERRORS", f"ValueError('kept') raised in fail at {at('raise ValueError')}; its traceback keeps"),
        ("closure", "FUNCTIONS", f"{MADE}; its closure keeps session."),
        ("partial", "FUNCTIONS", "functools.partial(print), which keeps its arguments."),
        ("method", "FUNCTIONS", "the bound method __main__.Session.close, which keeps its object."),
        ("generator", "FUNCTIONS", f"the generator walk at {at('yield session.itself')}, which keeps its locals"),
        ("deadref", "FUNCTIONS", "a weak reference of which the object is gone; the reference itself stays."),
    ],
)
def test_entries_that_keep_more_than_they_seem_are_explained(
    short_path: Path, deed: str, owner: str, note: str
) -> None:
    """Of a list of exceptions, functions or generators it is said what each entry keeps, and since when."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        target.tell(deed)
        told = agent.explain(f"registry:__main__.{owner}", f"__main__:{owner}")
        assert told["note"].startswith(f"An entry is {note}")


def test_frozen_objects_are_explained_as_frozen(short_path: Path) -> None:
    """A total that grows because objects are frozen out of the collector's sight is explained so."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        target.tell("frozen")
        told = agent.explain("heap:objects", None)
        assert "objects are frozen (gc.freeze)" in told["note"]


def test_memory_is_explained_by_the_code_that_may_take_it(short_path: Path) -> None:
    """Of bytes that no count explains, the C code in the process is named; Python's own is not."""
    with ready("agent_shelf.py", short_path) as target:
        told = traced(target).explain("heap:in_use_bytes", None)
        assert told["note"] == "C code in the process besides Python's own: ctypes."


AMONG = [
    f"__main__:{path}"
    for path in ("manager.rooms", "Desk.shelf", "make.<locals>.handler.<closure>.desks", "Hub.rooms", "ROOMS")
]


@pytest.mark.parametrize(
    ("path", "within"),
    [
        ("manager.rooms[*]", ["__main__:manager.rooms"]),
        ("Desk.drawers", ["__main__:Desk.shelf", "__main__:make.<locals>.handler.<closure>.desks"]),
        ("manager.rooms", []),
        ("Hub.rooms", []),
    ],
)
def test_what_new_containers_are_kept_in_is_told(short_path: Path, path: str, within: list[str]) -> None:
    """New containers are told with all that keep them; an old one that grows is part of nothing else."""
    with ready("agent_shelf.py", short_path) as target:
        agent = traced(target)
        target.tell(str(10 * ADDED))  # of a handful all may have addresses that others had at the mark
        told = agent.explain(f"registry:__main__.{path}", f"__main__:{path}", AMONG)
        assert sorted(told["within"]) == sorted(within)


def test_a_partial_leads_to_what_it_keeps(short_path: Path) -> None:
    """The chain to a sample starts at the module and passes the list and the partial that keep it."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        target.tell("partial")
        told = agent.explain("type:__main__.Session", None)
        assert told["retainers"][:3] == [
            "module __main__",
            "FUNCTIONS: list (1 entries)",
            "[*]: functools.partial",
        ]


def test_a_pending_task_says_where_it_waits(short_path: Path) -> None:
    """A task is explained by the coroutines it waits through, outermost first."""
    with ready("agent_shelf.py", short_path) as target:
        told = target.agent().explain("task:listen", None)
        assert told["types"] == {"listen": 1}
        assert told["retainers"][0] == "task listen"
        assert told["retainers"][1].startswith("coroutine listen at agent_shelf.py:")
        number = 1 + SHELF.index("        waiting.append(await waited.get())")
        assert told["note"].startswith(f"The task listen waits at agent_shelf.py:{number} in listen, for coroutine ")


def test_a_thread_says_where_it_stands(short_path: Path) -> None:
    """Threads are explained by name without digits, and by the line at which they stand."""
    with ready("agent_sync.py", short_path) as target:
        target.tell("thread")
        agent = target.agent()
        assert agent.census()["metrics"]["thread:waiter-"] == 1
        told = agent.explain("thread:waiter-", None)
        assert told["retainers"][0].startswith("thread waiter-")
        assert told["types"] == {"waiter-": 1}
        assert "wait" in told["note"]


def test_a_thread_leads_to_the_line_that_made_it(short_path: Path) -> None:
    """Threads made since the mark are told with the line that made them."""
    with ready("agent_sync.py", short_path) as target:
        target.tell("thread")
        agent = traced(target)
        target.tell("thread")
        told = agent.explain("thread:waiter-", None)
        assert told["sites"][0]["function"] == "keep_thread"
        assert told["types"] == {"waiter-": 1}  # as many as came, and not all there are


def test_a_socket_is_told_with_its_peer(short_path: Path) -> None:
    """A connected socket is explained by the address at its other end."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        port = target.tell("peer")
        told = agent.explain("fd:socket", None)
        assert told["types"] == {"socket": 2}
        assert f"tcp to 127.0.0.1:{port}" in told["note"] + told["retainers"][-1]


def test_a_descriptor_without_a_python_object_is_told_as_such(short_path: Path) -> None:
    """What os.pipe has opened leads to no socket and no file, and says so."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        target.tell("pipe")
        told = agent.explain("fd:pipe", None)
        assert told["types"] == {"pipe": 2}
        assert "no Python socket or file holds it" in told["note"]


def test_a_descriptor_leads_to_the_socket_that_has_it(short_path: Path) -> None:
    """A socket opened since the mark is explained by its descriptor and by who keeps the Python object."""
    with ready("agent_sync.py", short_path) as target:
        agent = traced(target)
        target.tell("socket")
        told = agent.explain("fd:socket", None)
        assert told["types"] == {"socket": 1}
        assert told["retainers"][:2] == ["module __main__", "SOCKETS: list (1 entries)"]
        assert told["retainers"][-1].startswith("fd ")


def traced(target: Target) -> Agent:
    """Return the agent of a target whose allocations are traced from now on, and marked."""
    agent = target.agent()
    agent.ask("trace_start", frames=8)
    agent.ask("trace_mark")
    return agent


def test_what_watching_takes_is_no_lines(short_path: Path) -> None:
    """Lines that run while the agent begins and ends to watch them are not told of the memory that it took for it."""
    with ready("agent_rows.py", short_path) as target:
        agent = target.agent()
        target.tell("spin")
        assert agent.ask("follow", owners=["heap:in_use_bytes"])["missing"] == []
        assert not any(site["count"] > 512 for site in agent.ask("followed")["owners"]["heap:in_use_bytes"])


def test_the_line_whose_c_code_takes_memory_is_named(short_path: Path) -> None:
    """Rows of a database are no objects of Python's: what malloc gave out during a line tells which one inserts."""
    with ready("agent_rows.py", short_path) as target:
        agent = target.agent()
        target.tell("100")
        assert agent.ask("follow", owners=["heap:in_use_bytes"])["missing"] == []
        target.tell("400")
        site = agent.ask("followed")["owners"]["heap:in_use_bytes"][0]
        assert site["source"].startswith("database.execute(")
        assert site["count"] > 50 * 400
