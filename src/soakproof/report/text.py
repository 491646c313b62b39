"""The report in the terminal: verdict first, then why, who, and the registries one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from soakproof.culprits import Culprit, draw_chain
from soakproof.judge.verdict import Finding, Verdict
from soakproof.report.details import say_drops
from soakproof.report.grouping import Groups, group, is_still, list_processes, split_flat
from soakproof.report.marks import MARKS
from soakproof.report.terminal import print_blocks
from soakproof.samples import Run
from soakproof.wording.account import say_account
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.culprits import agreeing_types, main_site, name_culprit, say_site
from soakproof.wording.emptying import say_emptyings
from soakproof.wording.names import NAMES, name_metric_in_full, say_note, say_per, say_verdict
from soakproof.wording.numbers import (
    elide,
    say_amount,
    say_confidence,
    say_growth,
    say_milliseconds,
    say_seconds,
)
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.shares import say_share, say_small, split_small
from soakproof.wording.slope import say_slope, say_slope_interval, say_slope_per
from soakproof.wording.strain import say_strain
from soakproof.wording.warned import say_warning

NARROW = 110
GAP = 2
VERDICT_WIDTH = 24
LONGEST_NAME = 48
SHORTEST_NAME = 16
FEW_ROWS = 12
MOST_ROWS = 30
MOST_CULPRITS = 3
MOST_LISTED = 5
INDENT = (0, 0, 0, 2)


def render_text(run: Run, verdict: Verdict, console: Console) -> None:
    """Print the report.

    Args:
        run: The run, for its plan and its settling.
        verdict: What `soakproof.judge.judge_run` made of it.
        console: Where to; a narrow terminal gets fewer columns, one that knows ASCII alone gets ASCII.
    """
    print_blocks(lambda width: _blocks(run, verdict, width), console)


def render_culprits(run: Run, verdict: Verdict, console: Console) -> None:
    """Print the verdict, why, what to do, and who leaks: what a failing test shows, without the tables."""
    print_blocks(lambda _width: _head(run, verdict, group(run, verdict)), console)


def _head(run: Run, verdict: Verdict, groups: Groups) -> Iterator[RenderableType]:
    yield _verdict(run, verdict)
    causes, small = split_small(groups.causes)
    yield from (_culprit(cause, run) for cause in causes[:MOST_CULPRITS])
    if len(causes) > MOST_CULPRITS:
        yield Text(f"  {len(causes) - MOST_CULPRITS:,} more leaks: see the table, and report.html")
    if small:
        yield Text(f"  {say_small(small)}")


def _blocks(run: Run, verdict: Verdict, width: int) -> Iterator[RenderableType]:
    groups = group(run, verdict)
    yield from _head(run, verdict, groups)
    yield from _registries(groups, run, width)
    yield from _others(groups, width)
    yield from (Text(f"  {sentence}") for sentence in say_emptyings(verdict))
    yield _figures(verdict)
    if verdict.account:
        yield Text(f"  {say_account(verdict.account)}")
    if verdict.strain:
        yield Text(f"  {say_strain(verdict.strain)}")
    yield from _warnings(verdict)


def _verdict(run: Run, verdict: Verdict) -> Text:
    mark = MARKS[verdict.verdict]
    text = Text()
    text.append(f"{mark.glyph} {verdict.verdict.upper()}", style=mark.style)
    text.append(f"  {say_headline(run, verdict)}", style="bold")
    text.append(f"\n  {say_verdict_reason(verdict)}")
    for sentence in advise(run, verdict):
        text.append(f"\n  → {sentence}")
    text.append(f"\n  exit code {verdict.exit_code}", style="dim")
    return text


def _culprit(cause: Finding, run: Run) -> RenderableType:
    """Return who keeps it: the owner, the line with its source, the chain from the root, the types, what follows."""
    culprit = cause.culprit or Culprit(owner=cause.name)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in _culprit_rows(cause, culprit, run):
        table.add_row(label, Text(value))
    return Padding(table, INDENT, expand=False)


def _culprit_rows(cause: Finding, culprit: Culprit, run: Run) -> Iterator[tuple[str, str]]:
    growth = f"{say_slope_per(cause, say_per(run))}  {say_slope_interval(cause)}"
    yield "culprit", f"{name_culprit(cause)}  {growth}"
    library = culprit.package and f"{culprit.package}: not the application's own"
    yield from _known({"explains": say_share(cause), "library": library})
    if site := main_site(cause):
        yield "line", say_site(site)
        if site.source:
            yield "", f"    {site.source.strip()}"
    if culprit.retainers:
        yield "held by", draw_chain(culprit.retainers)
    if culprit.types:
        yield "types", _say_types(cause, say_per(run))
    event = culprit.event and f"filled while the handler of `{culprit.event}` runs"
    yield from _known({"trigger": culprit.trigger, "event": event, "note": say_note(culprit)})
    if cause.consequences:
        shown = ", ".join(map(name_metric_in_full, cause.consequences[:MOST_LISTED]))
        yield "follows", shown + say_rest(len(cause.consequences), MOST_LISTED)


def _known(rows: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    yield from ((label, value) for label, value in rows.items() if value)


def _say_types(cause: Finding, per: str) -> str:
    """Return the types that are kept, with their numbers where these agree with the finding's own."""
    types, are_agreeing = agreeing_types(cause)
    if not are_agreeing:
        return ", ".join(kept.name for kept in types[:MOST_LISTED])
    kept = [f"{say_growth(kept.per_connection, 'objects')} {kept.name}" for kept in types[:MOST_LISTED]]
    return f"{', '.join(kept)} per {per}"


def say_rest(total: int, shown: int) -> str:
    """Return what stands for the ones that are not shown."""
    return f" and {total - shown:,} more" if total > shown else ""


def _registries(groups: Groups, run: Run, width: int) -> Iterator[RenderableType]:
    """Yield the table of registries, the application's before the library's; narrow screens get fewer columns."""
    if not groups.registries:
        return
    is_narrow = width < NARROW
    headings = [f"per {say_per(run)}", f"{say_confidence(groups.registries[0].confidence)} interval", "left"]
    pids = list_processes(groups.registries)
    headings += [f"pid {pid}" for pid in pids]
    headings += [] if is_narrow else ["peak", "bound", "lingers"]
    cells = {id(finding): [*_cells(finding, pids, is_narrow=is_narrow)] for finding in groups.registries}
    taken = sum(max(map(len, column)) + GAP for column in zip(headings, *cells.values(), strict=True))
    name_width = min(max(width - taken - VERDICT_WIDTH, SHORTEST_NAME), LONGEST_NAME)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    table.add_column("registries", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for title, findings in (("the application's", groups.application), ("the library's", groups.library)):
        _add_rows(table, title, findings, cells, name_width)
    yield Padding(table, INDENT, expand=False)


def _add_rows(
    table: Table, title: str, findings: Sequence[Finding], cells: dict[int, list[str]], name_width: int
) -> None:
    if findings:
        table.add_row(Text(title, style="italic dim"))
    findings, flat = split_flat(findings)
    shown = findings[: max(sum(not is_still(finding) for finding in findings), FEW_ROWS)][:MOST_ROWS]
    for finding in shown:
        table.add_row(Text(f"  {elide(finding.name, name_width)}"), *cells[id(finding)], _mark(finding))
    if len(findings) > len(shown):
        what = "that never changed" if all(map(is_still, findings[len(shown) :])) else "in verdict.json"
        table.add_row(Text(f"  {len(findings) - len(shown):,} more {what}", style="dim"))
    if flat:
        alike = [*cells[id(flat[0])][:2], *([""] * (len(cells[id(flat[0])]) - 2))]
        table.add_row(Text(f"  {len(flat):,} that stayed the same", style="dim"), *alike, _mark(flat[0]))


def _cells(finding: Finding, pids: Sequence[int], *, is_narrow: bool) -> Iterator[str]:
    yield say_slope(finding)
    yield say_slope_interval(finding)
    yield say_amount(finding.last, finding.unit)
    yield from (say_amount(finding.by_process.get(pid), finding.unit) for pid in pids)
    if not is_narrow:
        yield say_amount(finding.peak, finding.unit)
        yield say_amount(finding.bound, finding.unit)
        yield say_seconds(finding.lingers_s)


def _mark(finding: Finding) -> Text:
    mark = MARKS[finding.verdict]
    is_loud = finding.is_deciding or finding.verdict == "bounded"
    return Text(f"{mark.glyph} {say_verdict(finding)}", style=mark.style if is_loud else "dim")


def _others(groups: Groups, width: int) -> Iterator[RenderableType]:
    """Yield tasks, threads, descriptors and memory in one line each, and how the long list of types came out."""
    table = Table.grid(padding=(0, 2))
    changed = [finding for finding in groups.condensed if finding.metric in NAMES or not is_still(finding)]
    told, flat = split_flat(changed)
    for finding in told:
        interval = "" if width < NARROW else say_slope_interval(finding)
        rate = f"{say_slope(finding)} {interval}".rstrip()
        span = f"{say_amount(finding.first, finding.unit)} → {say_amount(finding.last, finding.unit)}"
        table.add_row(Text(name_metric_in_full(finding.metric), style="dim"), Text(span), Text(rate), _mark(finding))
    if flat:
        alike = Text(f"{len(flat):,} that stayed the same", style="dim")
        table.add_row(alike, Text(), Text(f"{say_slope(flat[0])} {say_slope_interval(flat[0])}"), _mark(flat[0]))
    rest = [*groups.listed, *(finding for finding in groups.condensed if finding not in changed)]
    bounded = [finding for finding in rest if finding.verdict == "bounded"]
    if bounded:
        share = f"{len(bounded):,} of {len(rest):,}"
        table.add_row(Text("everything else", style="dim"), Text(share), Text(), _mark(bounded[0]))
    if table.row_count:
        yield Padding(table, INDENT, expand=False)


def _figures(verdict: Verdict) -> Text:
    load = verdict.load
    facts = [
        f"{verdict.connections:,} connections",
        f"{verdict.peak_clients:,} at once",
        f"in {say_seconds(verdict.duration_s)}",
        f"{load.rate_achieved:,.0f}/s of {load.rate_intended:,.0f}/s intended",
        f"{load.failures:,} failures",
        f"{load.cpu_ms_per_connection:.2f} ms of generator CPU each",
    ]
    if latency := [f"{name} {say_milliseconds(value)}" for name, value in load.latency_s.items()]:
        facts.append("latency " + " ".join(latency))
    facts += [f"dropped: {say_drops(verdict)}"] if verdict.drops else []
    return Text("  " + " · ".join([*facts, f"seed {verdict.seed}"]), style="dim")


def _warnings(verdict: Verdict) -> Iterator[Text]:
    if verdict.warnings:
        yield Text("\n".join(f"  warning: {say_warning(warning)}" for warning in verdict.warnings), style="yellow")
