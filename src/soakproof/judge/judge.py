"""The judge: a run in, a verdict out. The only door to the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from soakproof.culprits import Culprit
from soakproof.judge.bounds import waves_to_decide
from soakproof.judge.breaking import excuse_broken
from soakproof.judge.case import FEWEST_POINTS, STRAY_PER_REST, Case, Ruling
from soakproof.judge.codes import Doubt
from soakproof.judge.conclude import conclude
from soakproof.judge.emptying import tell_emptying
from soakproof.judge.filling import excuse
from soakproof.judge.flattening import waves_until_flat
from soakproof.judge.folding import MEMORY, Places, fold
from soakproof.judge.garbage import gather
from soakproof.judge.looks import final_confidence, first_confidence, is_extended, with_reserve
from soakproof.judge.multiplicity import correct
from soakproof.judge.neveragain import find_never_again
from soakproof.judge.pending import leave_open
from soakproof.judge.rates import interval_of, slope_of
from soakproof.judge.readings import Ticker
from soakproof.judge.rules import rule_on
from soakproof.judge.series import Series, read_series
from soakproof.judge.shares import share_out
from soakproof.judge.undrained import leave_undrained_open
from soakproof.judge.validity import find_bad_end, find_broken, find_incomplete, is_failing
from soakproof.judge.verdict import Finding, Verdict, has_lingered
from soakproof.metrickinds import CONTAINERS, ELSEWHERE, IN_USE, USED_BY_C, kind_of
from soakproof.plans import Bound, Margins, Rules
from soakproof.samples import Metric, Run

MOST_SITES = 3
THREADS_METRIC = "thread:total"
BLOCKS = "heap:blocks"
MANY = 10  # containers under one owner path: one in each object of a kind


def judge_run(run: Run, rules: Rules | None = None) -> Verdict:
    """Judge a run, by its own rules or by others.

    Pure: the same run gives the same verdict, bootstrap included, which is seeded from the header.

    Args:
        run: The records of a ``run.jsonl`` (`soakproof.runfile.load_run`), finished or still being made. Its rest
            samples give each metric one value per process and rest point; the processes are added up.
        rules: Margins (entries or objects per connection, bytes per connection; per event where clients are held),
            confidence (0 to 1, of both-sided intervals) and declared bounds; the run's own by default.

    Returns:
        The verdict with a finding per metric, leaks first, likeliest cause on top: codes and numbers, of which
        `soakproof.wording` makes sentences. A run that cannot be judged is ``invalid``, and ``obstacle`` says why.

    Raises:
        RunFileError: A metric's kind is unknown.

    Source:
        docs/design.md, Judging. Slopes: Theil (1950), Sen (1968). Bounded by two one-sided tests: Schuirmann (1987).
        Bytes: moving-block bootstrap, Künsch (1989). Many metrics: Benjamini, Hochberg (1995).
    """
    rules = rules or run.header.rules
    broken = list(find_broken(run))
    if broken:
        return conclude(run, [], [*find_bad_end(run), *broken], rules)
    findings = find_all(run, rules, final_confidence(run, rules.confidence))
    return conclude(run, findings, list(find_incomplete(run)), rules)


def waves_needed(run: Run, rules: Rules | None = None, *, will_leap: bool = False) -> int:
    """Return how many waves more a run in progress needs, by estimate; 0 if it is decided or was extended already.

    For the conductor, once, after the planned waves. A leak that is proven needs no more waves either, unless it is of
    blocks alone: what fills looks like a leak at first, and needs as many waves again to show that it is full. So do
    blocks that may yet be called one. Where most has failed, more waves would tell nothing.
    With ``will_leap`` the target's clock is about to: what containers keep may empty yet, and all else must be decided.
    """
    rules = rules or run.header.rules
    if is_extended(run) or is_failing(run) or any(find_broken(run)):
        return 0
    findings = [f for f in find_all(run, rules, first_confidence(rules.confidence)) if f.is_deciding]
    if will_leap:
        findings = [f for f in findings if f.verdict != "leak" or f.kind not in CONTAINERS]
    leaks = [finding for finding in findings if finding.verdict == "leak"]
    if leaks:
        return run.header.plan.waves if all(is_blocks(leak) for leak in leaks) else 0
    if all(finding.verdict == "bounded" for finding in findings):  # as they would be judged if this were the last look
        findings = [f for f in find_all(run, rules, rules.confidence) if f.is_deciding]
    needed = with_reserve(max((finding.waves_to_decide or 0 for finding in findings), default=0), run)
    return max(needed, run.header.plan.waves) if any(map(may_be_filling, findings)) else needed


def is_decided(run: Run, rules: Rules | None = None) -> bool:
    """Whether the planned waves of a run in progress were enough: every count bounded, or a leak proven."""
    return waves_needed(run, rules) == 0


def _count_caches(run: Run, threads: float, metric: str) -> float:
    """Return how many threads may keep freed memory that counts as theirs: of malloc's, none that has no caches."""
    return 0.0 if metric == IN_USE and not run.header.target.has_thread_caches else threads


def find_all(run: Run, rules: Rules, confidence: float) -> list[Finding]:
    """Judge every metric of a run: counts first, because bytes may convict only while all counts are flat."""
    series, ticker = read_series(run), Ticker(run)
    stray = 0.0 if any(one.kind == "blocks" for one in series) else STRAY_PER_REST
    counts = [replace(_case(one, run, rules, confidence, ticker), stray=stray) for one in series if not one.is_bytes]
    findings = [_find(case, run, rules) for case in counts]
    findings = correct(findings, [case.p_value for case in counts])
    is_flat = are_flat(findings) and not any(finding.emptying for finding in findings)
    threads = max((one.last for one in series if one.metric == THREADS_METRIC), default=0.0)
    memory = [
        replace(
            _case(one, run, rules, confidence, ticker),
            are_counts_flat=is_flat,
            has_lingered=any(map(has_lingered, findings)),
            threads=_count_caches(run, threads, one.metric),
            stray=stray,
        )
        for one in series
        if one.is_bytes
    ]
    grown = {case.series.metric: case.interval.high for case in memory if case.series.metric in USED_BY_C}
    in_use = grown[IN_USE] + max(grown.get(ELSEWHERE, 0.0), 0.0) if IN_USE in grown else None
    memory = [replace(case, in_use=in_use) for case in memory]
    findings += [_find(case, run, rules) for case in memory]
    owners = {one.metric: _owner(one.metric, run.metrics.get(one.metric)) for one in series}
    places = Places(owners, find_homes(run), {info.metric for info in run.metrics.values() if info.containers >= MANY})
    folded = gather(fold(excuse(findings, fold(findings, places), places), places))
    for leave in (excuse_broken, leave_open, leave_undrained_open):
        folded = leave(folded, run)
    return share_out(folded, run)


def find_homes(run: Run) -> dict[str, set[str]]:
    """Return, by owner path, which containers keep each: as the census saw it, and as the second pass found out."""
    homes: dict[str, set[str]] = {}
    for info in run.metrics.values():
        if info.owner and info.within:
            homes.setdefault(info.owner, set()).add(info.within)
    for metric, diagnosis in run.diagnoses.items():
        culprit = diagnosis.culprit
        found = homes.setdefault(_owner(metric, run.metrics.get(metric)), set())
        found.update(culprit.within or (), [culprit.part_of] if culprit.part_of else ())
    return homes


def are_flat(findings: Sequence[Finding]) -> bool:
    """Whether no count leaks, and objects and blocks are proven bounded: blocks by their sizes, where they are told."""
    is_leaking = any(finding.verdict == "leak" for finding in findings)
    by_size = any(finding.kind == "blocks" for finding in findings)
    needed = [each for each in findings if each.kind in MEMORY and not (by_size and each.metric == BLOCKS)]
    return not is_leaking and all(finding.verdict == "bounded" for finding in needed)


def is_blocks(finding: Finding) -> bool:
    """Whether it is a number of allocated blocks, in all or of one size."""
    return finding.unit == "blocks"


def may_be_filling(finding: Finding) -> bool:
    """Whether blocks that nothing else tells of are open, and grow by more than the margin so far."""
    return is_blocks(finding) and finding.verdict == "inconclusive" and finding.per_connection > finding.margin


def margin_of(series: Series, margins: Margins) -> float:
    """Return the growth that counts as none for a metric."""
    if series.kind == "process":
        return margins.process_bytes
    if series.is_bytes:
        return margins.heap_bytes
    if series.unit == "bytes":  # a buffer, or what is mapped
        return margins.buffer_bytes
    return margins.objects if series.kind in {"type", "heap", "blocks"} else margins.entries


def _case(series: Series, run: Run, rules: Rules, confidence: float, ticker: Ticker) -> Case:
    bound = _bound(series, run.metrics.get(series.metric), rules)
    return Case(
        series=series,
        margin=margin_of(series, rules.margins),
        confidence=confidence,
        seed=run.header.seed,
        readings=ticker.read(series, bound),
        bound=bound,
        is_held=run.header.plan.is_held,
        never_again=find_never_again(series.name, run) if series.kind == "task" else None,
        memory=run.diagnoses[series.metric].culprit.memory if series.metric in run.diagnoses else None,
    )


def _bound(series: Series, info: Metric | None, rules: Rules) -> Bound | None:
    """Return the bound declared under the metric's owner or name, else what the agent read off the container."""
    keys = (series.metric, series.name, _owner(series.metric, info))
    declared = next((rules.bounds[key] for key in keys if key in rules.bounds), None)
    return declared or (info.bound if info else None)


def _owner(metric: str, info: Metric | None) -> str:
    return info.owner if info and info.owner else metric.partition(":")[2]


def _find(case: Case, run: Run, rules: Rules) -> Finding:
    finding = find(case)
    rate = rules.at_rate or case.readings.rate
    if finding.verdict == "bounded":
        finding.emptying = tell_emptying(case.series, case.emptied, case.interval.slope, rate, run)
    finding.culprit = find_culprit(finding.metric, run) if finding.verdict == "leak" else None
    return finding


def find(case: Case) -> Finding:
    """Return the finding on a case: what the first rule that decides says of it, and the numbers that it said it on."""
    ruling, series = rule_on(case), case.series
    is_undecided = ruling.verdict == "inconclusive" and ruling.is_deciding
    is_fitted = case.points >= FEWEST_POINTS
    slope = slope_of(case, ruling)
    return Finding(
        metric=series.metric,
        kind=series.kind,
        name=series.name,
        verdict=ruling.verdict,
        per_connection=slope,
        ci=interval_of(case, ruling),
        confidence=case.confidence,
        margin=case.bar if is_fitted else case.margin,
        unit=series.unit,
        per=case.per,
        first=float(series.y[0]) if case.points else series.last,
        last=series.last,
        peak=series.peak,
        by_process=series.by_process(),
        bound=ruling.bound,
        lingers_s=ruling.lingers_s,
        still_s=still_s(case, ruling),
        rule=ruling.rule,
        values=ruling.values,
        doubt=ruling.doubt,
        memory=ruling.memory,
        is_deciding=ruling.is_deciding,
        waves_to_decide=waves_missing(case, ruling) if is_undecided else None,
    )


def waves_missing(case: Case, ruling: Ruling) -> int:
    """Return how many more waves would decide, by estimate: of what ebbs, as many as show that it is full."""
    if case.points < FEWEST_POINTS:
        return FEWEST_POINTS + 3 - case.points
    if ruling.doubt == Doubt.EMPTYING:
        return 0
    return (
        waves_until_flat(case) if ruling.doubt == Doubt.EBBS else waves_to_decide(case.interval, case.bar, case.points)
    )


def still_s(case: Case, ruling: Ruling) -> float | None:
    """Return after how many seconds by the target's clock a leak was still there, where that leapt."""
    if ruling.verdict != "leak" or case.emptied is None:
        return None
    return round(case.emptied.last_s, 1)


def find_culprit(metric: str, run: Run) -> Culprit:
    """Return what the second pass found out, or, before it, what the census knows."""
    if metric in run.diagnoses:
        return run.diagnoses[metric].culprit
    info = run.metrics.get(metric)
    owner = _owner(metric, info)
    sites = run.lines.sites[:MOST_SITES] if run.lines and kind_of(metric) in MEMORY else []
    culprit = Culprit(owner=owner, sites=sites)
    return msgspec.structs.replace(culprit, origin=info.origin, package=info.package) if info else culprit
