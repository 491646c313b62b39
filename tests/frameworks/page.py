"""The cookbook's table of frameworks: what is typed for each, and what was seen."""

from __future__ import annotations

from tests.frameworks.cases import CASES, CLEAN, HERE, LEAKY
from tests.frameworks.results import Result, load_results

COOKBOOK = HERE.parents[1] / "docs" / "cookbook"
PAGE = COOKBOOK / "README.md"
HEAD = "| framework | typed | options | clean | leaky |\n|---|---|---|---|---|\n"


def write_page() -> None:
    """Put the table into the page, in the place of the one that stands there."""
    page = PAGE.read_text()
    before, _, rest = page.partition(HEAD)
    _, _, after = rest.partition("\n\n")
    PAGE.write_text(f"{before}{render()}\n{after}")


def write_recipes() -> None:
    """Put what was said of each framework's applications into its page."""
    results = load_results()
    for name in CASES:
        file = COOKBOOK / f"{name}.md"
        file.write_text(render_recipe(name, file.read_text(), results))


def render_recipe(name: str, page: str, results: dict[tuple[str, str], Result]) -> str:
    """Return a framework's page with what was said of each side, below the command that was typed."""
    for side in (CLEAN, LEAKY):
        result = results.get((name, side))
        if result and result.get("said"):
            command = f"    {CASES[name].line_of(side)}\n"
            before, typed, rest = page.partition(command) if side == CLEAN else page.rpartition(command)
            _, _, after = rest.partition("```\n")[2].partition("```\n")
            page = f"{before}{typed}\nsays, of the {side} one:\n\n```\n{result['said']}\n```\n{after}"
    return page


def render() -> str:
    """Return the table, a line for each framework."""
    results = load_results()
    return HEAD + "".join(f"{_row(name, results)}\n" for name in CASES)


def _row(name: str, results: dict[tuple[str, str], Result]) -> str:
    case = CASES[name]
    options = sum(word.startswith("--") for word in case.options)
    clean, leaky = (_say(results.get((name, side))) for side in (CLEAN, LEAKY))
    return f"| [{case.title}]({name}.md) | `{case.line_of(CLEAN)}` | {options} | {clean} | {leaky} |"


def _say(result: Result | None) -> str:
    if not result:
        return "not soaked"
    first = result.get("first")
    named = f" of `{first['owner']}` at {', '.join(first['filled_by'])}" if first else ""
    return f"{result['verdict']}{named}, {result['seconds']} s"
