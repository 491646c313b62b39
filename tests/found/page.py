"""docs/found.md: what was found, written by hand in findings.md, and what was seen of each package, by the results."""

from __future__ import annotations

from typing import Any

from tests.corpus.soaking import PROJECT
from tests.corpus.table import say_leak
from tests.found.case import HERE, load_cases
from tests.found.soaking import Result, load_results

DOCUMENT = PROJECT / "docs" / "found.md"
FINDINGS = HERE / "findings.md"

TABLE = """\
| case | package | verdict | seen |
|---|---|---|---|
"""


def write_page() -> None:
    """Write the page."""
    DOCUMENT.write_text(render())


def render() -> str:
    """Return the page: the packages in the order of packages.toml."""
    results = load_results()
    chosen = [results[case.name] for case in load_cases() if case.name in results]
    rows = "".join(f"{_row(result)}\n" for result in chosen)
    commands = "".join(f"- {result['case']}: `{result['typed']}`\n" for result in chosen)
    return f"{FINDINGS.read_text()}\n{TABLE}{rows}\n## The commands\n\nIn `tests/found/apps`:\n\n{commands}"


def _row(result: Result) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return f"| {result['case']} | {versions} | {result['verdict']} | {_say_seen(result)} |"


def _say_seen(result: dict[str, Any]) -> str:
    if result["verdict"] == "leak":
        return "; ".join(f"{say_leak(leak)} {_say_place(leak)}" for leak in result["leaks"])
    return str(result["reason"]).splitlines()[-1].replace("|", "\\|")


def _say_place(leak: dict[str, Any]) -> str:
    filled = f", filled at {', '.join(leak['filled_by'])}" if leak["filled_by"] else ""
    trigger = f", by {leak['trigger']}" if leak["trigger"] else ""
    return f"(`{leak['owner'] or leak['name']}`{filled}{trigger})"
