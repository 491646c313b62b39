"""``summary.md``: the report as a CI step summary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from soakproof.culprits import Culprit, draw_chain
from soakproof.judge.verdict import Finding, Verdict
from soakproof.metrickinds import CONTAINERS
from soakproof.report.files import write_file
from soakproof.report.grouping import count_by_verdict, group, list_processes, split_flat
from soakproof.report.marks import MARKS
from soakproof.samples import Run
from soakproof.wording.account import say_account
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.culprits import agreeing_types, main_site, name_culprit, say_site
from soakproof.wording.emptying import say_emptyings
from soakproof.wording.names import name_metric, name_metric_in_full, say_note, say_per, say_verdict
from soakproof.wording.numbers import say_amount, say_growth, say_seconds
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.shares import say_share, say_small, split_small
from soakproof.wording.slope import say_slope, say_slope_interval, say_slope_per
from soakproof.wording.strain import say_strain
from soakproof.wording.warned import say_warning

SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&@])")
MOST_CULPRITS = 3
MOST_ROWS = 50
PLAIN_KINDS = (*CONTAINERS, "type")


def write_markdown(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``summary.md``."""
    file = out / "summary.md"
    write_file(file, render_markdown(run, verdict))
    return [file]


def render_markdown(run: Run, verdict: Verdict) -> str:
    """Return the summary, paragraph by paragraph."""
    groups = group(run, verdict)
    causes, small = split_small(groups.causes)
    blocks = [
        _head(run, verdict),
        *(_culprit(cause, run) for cause in causes[:MOST_CULPRITS]),
        *([escape(say_small(small))] if small else []),
        *_table("Registries", groups.registries, run, is_open=True),
        *_table("Tasks, threads, descriptors, memory", groups.condensed, run),
        *_table("Types and other containers", groups.listed, run),
        *([list_emptyings(verdict)] if any(say_emptyings(verdict)) else []),
        _facts(verdict),
        *([f"{escape(say_account(verdict.account))}."] if verdict.account else []),
        *([f"{escape(say_strain(verdict.strain))}."] if verdict.strain else []),
        *_warnings(verdict),
    ]
    return "\n\n".join(blocks) + "\n"


def list_emptyings(verdict: Verdict) -> str:
    """Return what empties with time, a line each."""
    return "\n".join(f"- {escape(sentence)}." for sentence in say_emptyings(verdict))


def escape(text: str) -> str:
    """Return text that markdown, tables included, shows as it stands."""
    return SPECIAL.sub(r"\\\1", text.replace("\n", " "))


def escape_prose(text: str) -> str:
    """Return a sentence of ours with what stands between backticks as code, the rest as it stands."""
    parts = text.split("`")
    return "".join(code(part) if at % 2 else escape(part) for at, part in enumerate(parts))


def code(text: str) -> str:
    """Return text as a code span, whatever backticks are in it; a table's column bar is escaped."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace(chr(10), ' ').replace('|', chr(92) + '|')}{pad}{fence}"


def _head(run: Run, verdict: Verdict) -> str:
    mark = MARKS[verdict.verdict].emoji
    lines = [
        f"## {mark} {verdict.verdict}: {escape(say_headline(run, verdict))}",
        "",
        f"{escape(say_verdict_reason(verdict))} (exit code {verdict.exit_code})",
        "",
        *(f"- {escape_prose(sentence)}" for sentence in advise(run, verdict)),
    ]
    return "\n".join(lines)


def _culprit(cause: Finding, run: Run) -> str:
    culprit = cause.culprit or Culprit(owner=cause.name)
    lines = [f"### {code(name_culprit(cause))}: {say_slope_per(cause, say_per(run))}"]
    if site := main_site(cause):
        lines.append(f"\n{code(say_site(site))}")
        lines += [code_block(site.source.strip(), "python")] if site.source else []
    if share := say_share(cause):
        lines.append(f"\nexplains {share}")
    if culprit.retainers:
        lines += ["\nheld by", code_block(draw_chain(culprit.retainers))]
    types, are_agreeing = agreeing_types(cause)
    if types and are_agreeing:
        kept = ", ".join(f"{say_growth(t.per_connection, 'objects')} {code(t.name)}" for t in types)
        lines.append(f"\ntypes per {say_per(run)}: {kept}")
    elif types:
        lines.append(f"\ntypes: {', '.join(code(t.name) for t in types)}")
    if culprit.trigger:
        lines.append(f"\ntriggered by {escape(culprit.trigger)}")
    if culprit.event:
        lines.append(f"\nfilled while the handler of {code(culprit.event)} runs")
    if culprit.package:
        lines.append(f"\nit belongs to {code(culprit.package)}, and not to the application")
    if note := say_note(culprit):
        lines.append(f"\n{escape(note)}")
    return "\n".join(lines)


def code_block(text: str, language: str = "") -> str:
    """Return text as a block of code, whatever backticks are in it."""
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"\n{fence}{language}\n{text}\n{fence}"


def _table(title: str, findings: Sequence[Finding], run: Run, *, is_open: bool = False) -> Iterator[str]:
    """Yield a table, folded unless it is the one that is read first."""
    if not findings:
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in count_by_verdict(findings).items())
    pids = list_processes(findings)
    told, flat = split_flat(findings)
    left = ["left", *(f"pid {pid}" for pid in pids)]
    rows = [
        f"| metric | per {say_per(run)} | interval | {' | '.join(left)} | peak | bound | lingers | verdict |",
        f"|---|--:|--:|{'--:|' * len(left)}--:|--:|--:|---|",
        *(_row(finding, pids) for finding in told[:MOST_ROWS]),
    ]
    if flat:
        rows.append(f"\n{len(flat):,} stayed the same, and are open only because the run is short.")
    if len(told) > MOST_ROWS:
        rows.append(f"\n{len(told) - MOST_ROWS:,} more in `verdict.json`.")
    opening = "<details open>" if is_open else "<details>"
    yield "\n".join([f"{opening}<summary>{title}: {counts}</summary>", "", *rows, "", "</details>"])


def _row(finding: Finding, pids: Sequence[int]) -> str:
    unit = finding.unit
    cells = [
        code(name_metric(finding.metric) if finding.kind in PLAIN_KINDS else name_metric_in_full(finding.metric)),
        say_slope(finding),
        escape(say_slope_interval(finding)),
        say_amount(finding.last, unit),
        *(say_amount(finding.by_process.get(pid), unit) for pid in pids),
        say_amount(finding.peak, unit),
        say_amount(finding.bound, unit),
        say_seconds(finding.lingers_s),
        f"{MARKS[finding.verdict].emoji if finding.is_deciding else ''} {say_verdict(finding)}".strip(),
    ]
    return f"| {' | '.join(cells)} |"


def _facts(verdict: Verdict) -> str:
    drops = ", ".join(f"{mode} {count:,}" for mode, count in sorted(verdict.drops.items()))
    return (
        f"{verdict.connections:,} connections, {verdict.peak_clients:,} at once, in {say_seconds(verdict.duration_s)}; "
        f"{verdict.load.rate_achieved:,.0f}/s of {verdict.load.rate_intended:,.0f}/s intended, "
        f"{verdict.load.failures:,} failures{f'; dropped: {drops}' if drops else ''}; seed {verdict.seed}. "
        "Charts and all figures: `report.html` in this run's artifacts."
    )


def _warnings(verdict: Verdict) -> Iterator[str]:
    if verdict.warnings:
        yield "\n".join(["> [!WARNING]", *(f"> {escape(say_warning(warning))}<br>" for warning in verdict.warnings)])
