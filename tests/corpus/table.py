"""docs/corpus.md: what soakproof said of each case, made from the stored results alone."""

from __future__ import annotations

from typing import Any

from tests.corpus.case import Case
from tests.corpus.soaking import PROJECT, Result, stored

DOCUMENT = PROJECT / "docs" / "corpus.md"

HEAD = """\
# The corpus: real leaks of libraries that serve Socket.IO

Each case installs a version that leaks and one that does not, with exact pins, in virtual environments of its own, and
soaks both with `soakproof run`. This page is written by `make corpus` from the results in `tests/corpus/results`; the
servers and pins are in `tests/corpus/cases`. One case alone: `make corpus CASE=half-packet`.

| case | leaky | verdict | culprits, with growth per connection | fixed | verdict |
|---|---|---|---|---|---|
"""


def write_table(cases: list[Case]) -> None:
    """Write the page; a side that has not been soaked says so."""
    DOCUMENT.write_text(render(cases))


def render(cases: list[Case]) -> str:
    """Return the page."""
    rows = "".join(f"{_row(case)}\n" for case in cases)
    return f"{HEAD}{rows}\n## The cases\n\n{''.join(_section(case) for case in cases)}"


def _row(case: Case) -> str:
    leaky, fixed = (stored(case, case.builds[name]) for name in ("leaky", "fixed"))
    cells = [
        f"[{case.name}](#{case.name})",
        case.builds["leaky"].what,
        leaky["verdict"] if leaky else "not run",
        "; ".join(say_leak(leak) for leak in leaky["leaks"]) if leaky else "",
        case.builds["fixed"].what,
        (fixed["verdict"] if fixed else "not run") + (" (open)" if case.builds["fixed"].open else ""),
    ]
    return f"| {' | '.join(cells)} |"


def say_leak(leak: dict[str, Any]) -> str:
    """Return a leak's name and its growth per connection."""
    rate = f"{leak['per_connection']:+,.0f} bytes" if leak["unit"] == "bytes" else f"{leak['per_connection']:+.2f}"
    return f"`{leak['name']}` {rate}"


def _section(case: Case) -> str:
    results = [result for build in case.builds.values() if (result := stored(case, build))]
    lines = [f"### {case.name}", "", f"{case.title} Reference: {case.reference}.", ""]
    if results:
        lines += [f"    {' '.join(results[0]['command'])}", ""]
    lines += [_say_result(result) for result in results]
    lines += [f"- **Open**, {build.what}: {build.open}" for build in case.builds.values() if build.open]
    return "\n".join(lines) + "\n\n"


def _say_result(result: Result) -> str:
    by = f"by soakproof {result['soakproof']} (source tree {result['source_tree']})"
    took = f"{result['connections']} connections and {result['duration_s']:.0f} s"
    said = f"- **{result['what']}**, Python {result['python']}: {result['verdict']}, after {took}, {by}."
    return "\n".join([said, f"  {result['reason']}.", *map(_say_culprit, result["leaks"])])


def _say_culprit(leak: dict[str, Any]) -> str:
    package = f" of {leak['package']}" if leak["package"] else ""
    filled = f"; filled at {', '.join(leak['filled_by'])}" if leak["filled_by"] else ""
    trigger = f"; trigger: {leak['trigger']}" if leak["trigger"] else ""
    return f"  - {say_leak(leak)}: `{leak['owner'] or leak['name']}`{package}{filled}{trigger}"
