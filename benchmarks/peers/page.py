"""docs/peers.md, written from the data alone: for each leak, at which place each tool names it, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.accuracy import records as accuracy
from benchmarks.peers import records
from benchmarks.peers.cases import REAL, TYPES
from benchmarks.peers.driving import CLIENTS, WAVES
from benchmarks.peers.tools import BARE, TOOLS
from tests.corpus.case import load_case
from tests.corpus.soaking import shortcomings, stored

PAGE = Path("docs/peers.md")
HEAD = f"""\
# What other tools say of the same leaks

Written by `make bench-peers` from [the data](../reports/reference/peers/runs.jsonl); never edited by hand.

Twelve servers of the zoo (`benchmarks/zoo`) that leak in one way each, and the leaky side of every case of
[the corpus](corpus.md): leaks of libraries that people have reported. Each tool is used as its documentation shows: a
first reading at rest, after {CLIENTS} clients have come and gone; then {WAVES} waves of {CLIENTS}, who leave as the
case says; a second reading at rest, 31 s after the last client; the growth between them. A number is the place, among
the first five lines that it says, of the first that names the leak: a line of the function that makes it (tracemalloc,
memray; of a stack any), of the corpus any line of the library's file or of the application; or the type of what is kept
(objgraph, Pympler, guppy3), which leaves open who keeps it. A dash: it is not among them. "failed" is a tool that could
not read this server. None of the five says whether it is a leak at all: of a clean server they say five lines, too."""
OWN = (
    "soakproof's column is of its own campaigns ([accuracy.md](accuracy.md), [corpus.md](corpus.md)): the place is 1"
    " where the verdict was leak, and the first finding the right container, task or line. Its load is its own; its"
    " cost is in [observer.md](observer.md)."
)


def write_page() -> None:
    """Write the page."""
    PAGE.write_text(describe(records.read(), accuracy.newest(accuracy.read())))


def describe(made: list[dict[str, Any]], campaign: list[accuracy.Record]) -> str:
    """Return the page as Markdown."""
    by_run = {(each["case"], each["tool"]): each for each in made}
    tools = [tool for tool in TOOLS if tool != BARE]
    lines = ["| leak | soakproof | " + " | ".join(tools) + " |", "|---|" + "---|" * (len(tools) + 1)]
    of_zoo = {name: _say_own([each for each in campaign if each.case == f"zoo {name}"]) for name in TYPES}
    for name, own in (of_zoo | {name: _say_of_corpus(name) for name in REAL}).items():
        cells = [_say_place(by_run.get((name, tool))) for tool in tools]
        lines.append(f"| {name} | {own} | {' | '.join(cells)} |")
    return "\n\n".join([HEAD, "\n".join(lines), OWN, _costs(made, tools), _firsts(by_run, tools)]) + "\n"


def _say_place(record: dict[str, Any] | None) -> str:
    if record is None:
        return "not run"
    return "failed" if record["error"] else str(record["place"] or "-")


def _say_own(runs: Sequence[accuracy.Record]) -> str:
    if not runs:
        return "not run"
    hits = sum(each.outcome.is_found and each.outcome.is_named is not False for each in runs)
    return "1" if hits == len(runs) else f"1 in {hits} of {len(runs)} runs"


def _say_of_corpus(name: str) -> str:
    """Return the place at which soakproof named a leak of the corpus, by the result that is kept of it."""
    case = load_case(name)
    result = stored(case, case.builds["leaky"])
    if result is None:
        return "not run"
    return "-" if shortcomings(case, result) else "1"


def _costs(made: list[dict[str, Any]], tools: Sequence[str]) -> str:
    bare = {each["case"]: each["cpu_ms_per_connection"] for each in made if each["tool"] == BARE}
    lines = [
        "| tool | seconds for both readings | the server's CPU per connection, relative to none |",
        "|---|---|---|",
    ]
    for tool in tools:
        of = [each for each in made if each["tool"] == tool and not each["error"] and each["case"] in bare]
        if of:
            ratios = sorted(each["cpu_ms_per_connection"] / bare[each["case"]] for each in of)
            seconds = sorted(each["seconds"] for each in of)
            lines.append(f"| {tool} | {_spread(seconds)} | {_spread(ratios)} |")
    return "## What it costs the server\n\nMedians, with the least and the most of all cases.\n\n" + "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({values[0]:.2f} to {values[-1]:.2f})"


def _firsts(by_run: dict[tuple[str, str], dict[str, Any]], tools: Sequence[str]) -> str:
    """Return what each tool put first, in its own words."""
    lines = ["## What each puts first", "", "| leak | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
    for name in (*TYPES, *REAL):
        told = [by_run.get((name, tool)) for tool in tools]
        first = [f"`{_shorten(each['lines'][0])}`" if each and each["lines"] else "-" for each in told]
        lines.append(f"| {name} | {' | '.join(first)} |")
    return "\n".join(lines)


def _shorten(line: str) -> str:
    """Return a line without the folders, of a stack the innermost place alone."""
    innermost = line.partition(" < ")[0]
    size = f" {line.rpartition(' +')[2]}" if " < " in line and " +" in line else ""
    return (innermost.rpartition("/")[2] + size).replace("|", "/")[:60]
