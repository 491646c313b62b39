"""docs/accuracy.md, written from the data alone: what was run, how often the verdict was right, and every miss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

from benchmarks.accuracy import records
from benchmarks.accuracy.cases import PLAN, ZOO_PLAN, Group, all_cases
from benchmarks.accuracy.explanations import Explained, SharesSince, explain, is_superseded, read_notes
from benchmarks.accuracy.intervals import exact_interval
from benchmarks.accuracy.records import Machine, Record

PAGE = Path("docs/accuracy.md")
GOAL_RUNS = 3
GOAL_CLEAN = 40
LONG_CLEAN = 300
LEAKY: tuple[Group, ...] = ("natural", "rare", "zoo", "newer")
TITLES: dict[Group, str] = {
    "natural": "Planted leaks, each at its natural rate",
    "rare": "Planted leaks, at one entry per 100 connections",
    "trap": "Traps: growth that looks like a leak and is bounded",
    "clean": "Clean runs",
    "zoo": "The zoo: small servers that each leak in one way",
    "zoo clean": "The zoo without its leaks",
    "default": "Runs with default options",
    "newer": "Planted leaks and the zoo on Python 3.14",
    "newer clean": "Traps, clean runs and the clean zoo on Python 3.14",
}
NOTES: dict[Group, str] = {
    "rare": "`reference-cycle` is held by no container: one client in 10. `native` would keep 41 bytes a connection,"
    " which no byte of a short run can tell; `one-in-a-hundred` is at this rate by nature.",
    "clean": "The reference server without a plant; seed and wave size differ from run to run.",
    "zoo": f"`python -m benchmarks.zoo ANIMAL leaky PORT`, under `{' '.join(ZOO_PLAN)}` with the built-in clients.",
    "zoo clean": "The same servers, asked to do the same without the mistake.",
    "default": "`soakproof run -- ...` and nothing else: 2,000 connections in waves, 500 steadily. The server is"
    " `benchmarks/accuracy/forgetful.py`.",
    "newer": "The same cases, one round: the server runs on Python 3.14, soakproof on its own.",
}


HEAD = """\
# How often the verdict is right

Written by `make accuracy` from [the data](../reports/reference/accuracy/runs.jsonl), one line per run; never edited by
hand. How often the judge errs at each true slope, by simulation, is in [operating.md](operating.md)."""
HOW = f"""\
## How

Each run is `soakproof run {" ".join(PLAN)} ...` with the users of
`loadtests/collaboration.py`, unless its line in the data says otherwise. *Verdict after* is the median of the seconds
from the command to its exit, the second pass and the reports included. *Found*: exit code 1. *Named*: the first finding
names the container, type, trigger or line that [truths.py](../benchmarks/accuracy/truths.py) asks for. A verdict of
inconclusive on a clean run or a trap is no alarm, and no proof either: it counts as a miss.

`make accuracy ROUNDS=3` makes the runs that are missing of three rounds (a round: each case once), `ONLY='fd*,trap'`
chooses, `JOBS=2` makes two at a time; it goes on where it was interrupted. {LONG_CLEAN} clean runs are 20 rounds of
`ONLY=clean`. `make accuracy-slice` is the part of it that CI runs."""


def write_page(page: Path = PAGE) -> None:
    """Write the page."""
    notes = read_notes()
    page.write_text(describe(records.read(), notes.explained, notes.shares), encoding="utf-8")


def describe(made: list[Record], explanations: list[Explained], shares: SharesSince | None = None) -> str:
    """Return the page as Markdown."""
    counted = [record for record in records.newest(made) if not is_superseded(record, explanations)]
    parts = [HEAD, _what_was_run(made, counted), _headline(counted, shares)]
    parts += [_group(group, [record for record in counted if record.group == group]) for group in TITLES]
    parts += [_misses(made, explanations), HOW]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_was_run(made: list[Record], counted: list[Record]) -> str:
    if not made:
        return "No run has been made yet."
    dates, commits = sorted(record.date for record in made), {record.commit for record in counted}
    machines = sorted({_say_machine(record.machine) for record in made})
    loads = sorted(record.machine.load for record in made)
    return (
        f"{len(counted)} runs count, made from {dates[0]} to {dates[-1]} at {len(commits)} commits, "
        f"on {'; '.join(machines)}.\nTarget, load and other work shared the machine: load average {loads[0]:g} to "
        f"{loads[-1]:g}, median {median(loads):g}.\n{len(made) - len(counted)} older lines of the data do not count: "
        "the same run was judged again, or made again after a mend (see Misses).\n\n"
        f"Goal: {GOAL_RUNS} of {GOAL_RUNS} for every plant, no alarm in {GOAL_CLEAN} clean runs and in any trap; "
        f"{_say_missing(counted)}"
    )


def _say_machine(machine: Machine) -> str:
    return f"{machine.cores} cores of {machine.cpu}, {machine.memory_gib:g} GiB, Python {machine.python}"


def _say_missing(counted: list[Record]) -> str:
    runs = _by_case(counted)
    planted = [case.name for case in all_cases() if case.group not in {"clean", "newer", "newer clean"}]
    short = sum(len(runs.get(name, [])) < GOAL_RUNS for name in planted)
    clean = sum(record.group == "clean" for record in counted)
    return f"of {len(planted)} cases {short} have fewer than {GOAL_RUNS} runs yet, and there are {clean} clean runs."


def _headline(counted: list[Record], since: SharesSince | None) -> str:
    def row(what: str, group: Sequence[str], is_hit: Callable[[Record], bool]) -> str:
        of = [record for record in counted if record.group in group]
        return f"| {what} | {_share(sum(map(is_hit, of)), len(of))} |" if of else f"| {what} | - | not run | - |"

    lines = ["| | of runs | share | 95 % interval (Clopper-Pearson) |", "|---|---|---|---|"]
    told = ("natural rate", "1 in 100", "the zoo", "on Python 3.14")
    for group, rate in zip(LEAKY, told, strict=True):
        lines.append(row(f"leaks found, {rate}", [group], lambda record: record.outcome.is_found))
        lines.append(row(f"leaks found and named, {rate}", [group], _is_named))
    lines.append(row("false alarms in traps", ["trap"], _is_alarm))
    lines.append(row("false alarms in clean runs", ["clean"], _is_alarm))
    lines.append(row("false alarms in the clean zoo", ["zoo clean"], _is_alarm))
    lines.append(row("traps proven bounded", ["trap"], lambda record: record.outcome.is_found))
    lines.append(row("clean runs proven bounded", ["clean"], lambda record: record.outcome.is_found))
    lines.append(row("clean zoo proven bounded", ["zoo clean"], lambda record: record.outcome.is_found))
    lines.append(row("false alarms on Python 3.14", ["newer clean"], _is_alarm))
    lines.append(
        row("clean, and traps, proven bounded on Python 3.14", ["newer clean"], lambda record: record.outcome.is_found)
    )
    lines.append(row("default options: right", ["default"], lambda record: record.outcome.is_found))
    return "\n".join([*lines, *_explained(counted, since)])


def _explained(counted: list[Record], since: SharesSince | None) -> list[str]:
    """Return how much of the growth the leaks of a run explain, where their runs tell it."""
    recent = [each for each in counted if since is None or each.made_at >= since.since]
    shares = [each.outcome.explained for each in recent if each.outcome.explained is not None]
    if not shares:
        return []
    low, middle, high = quantiles(shares, n=4) if len(shares) > 1 else shares * 3
    told = f"{100 * middle:.1f} % in the median (quartiles {100 * low:.1f} to {100 * high:.1f} %)"
    when = f" made since {since.since:%Y-%m-%d %H:%M}, when {since.why}" if since else ""
    return [
        "",
        f"Share of the growth that the leaks of a run explain together: {told}, in {len(shares)} convicted runs{when}.",
    ]


def _share(hits: int, runs: int) -> str:
    low, high = exact_interval(hits, runs)
    return f"{hits} of {runs} | {100 * hits / runs:.1f} % | {100 * low:.1f} to {100 * high:.1f} %"


def _is_named(record: Record) -> bool:
    return record.outcome.is_found and record.outcome.is_named is not False


def _is_alarm(record: Record) -> bool:
    return record.outcome.verdict == "leak"


def _by_case(counted: list[Record]) -> dict[str, list[Record]]:
    cases: dict[str, list[Record]] = defaultdict(list)
    for record in counted:
        cases[record.case].append(record)
    return cases


def _group(group: Group, counted: list[Record]) -> str:
    runs, names = _by_case(counted), [case.name for case in all_cases() if case.group == group]
    is_leaky = group in LEAKY
    head = (
        "| plant | found | named | first finding | per connection | verdict after |"
        if is_leaky
        else "| case | right | verdicts | verdict after |"
    )
    lines = [f"## {TITLES[group]}", *([NOTES[group]] if group in NOTES else []), ""]
    lines += [head, "|" + "---|" * head.count(" | ") + "---|"]
    lines += [(_leak_row if is_leaky else _row)(name, runs.get(name, [])) for name in names]
    return "\n".join(lines)


def _leak_row(name: str, runs: list[Record]) -> str:
    if not runs:
        return f"| {name} | not run | - | - | - | - |"
    found, named = sum(record.outcome.is_found for record in runs), sum(map(_is_named, runs))
    culprits = [record.outcome.culprit for record in runs if record.outcome.culprit]
    first = ", ".join(sorted({f"`{culprit.owner or culprit.metric}`" for culprit in culprits})) or "-"
    rate = f"{median(culprit.rate for culprit in culprits):.4g}" if culprits else "-"
    return f"| {name} | {found} of {len(runs)} | {named} of {len(runs)} | {first} | {rate} | {_seconds(runs)} |"


def _row(name: str, runs: list[Record]) -> str:
    if not runs:
        return f"| {name} | not run | - | - |"
    verdicts = ", ".join(
        f"{verdict} {sum(r.outcome.verdict == verdict for r in runs)}"
        for verdict in sorted({r.outcome.verdict for r in runs})
    )
    return f"| {name} | {sum(r.outcome.is_found for r in runs)} of {len(runs)} | {verdicts} | {_seconds(runs)} |"


def _seconds(runs: list[Record]) -> str:
    return f"{median(record.verdict_s for record in runs):.0f} s"


def _misses(made: list[Record], explanations: list[Explained]) -> str:
    missed = [record for record in made if record.outcome.is_miss]
    if not missed:
        return "## Misses\n\nNone."
    lines = ["## Misses", "", "Every run that was not right, those that no longer count among them.", ""]
    lines += ["| run | commit | what it said | why |", "|---|---|---|---|"]
    last = {record.run: record for record in made}
    lines += [
        f"| {r.run} | {r.commit} | {_say_outcome(r)} | {explain(r, explanations)}{_say_since(r, last[r.run])} |"
        for r in missed
    ]
    return "\n".join(lines)


def _say_since(missed: Record, last: Record) -> str:
    if last is missed or last.outcome.is_miss:
        return ""
    return f"; right when {'judged' if last.judged_again else 'made'} again at {last.commit}"


def _say_outcome(record: Record) -> str:
    open_ones = (
        f" (open: {', '.join(record.outcome.undecided)})"
        if record.outcome.undecided and record.outcome.verdict == "inconclusive"
        else ""
    )
    return f"{record.outcome.verdict}: {record.outcome.reason}{open_ones}".replace("|", "\\|")
