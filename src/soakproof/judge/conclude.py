"""From findings to the verdict of the run: what it is, its exit code, and what is to be known besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from soakproof.culprits import Site
from soakproof.judge.account import find_account
from soakproof.judge.breaking import find_breaks
from soakproof.judge.declarations import find_unused
from soakproof.judge.extrapolation import extrapolate, measure_growth
from soakproof.judge.filling import warn_of_filling
from soakproof.judge.generator import cpu_share, find_limits
from soakproof.judge.resolution import find_resolution
from soakproof.judge.restpoints import judged_pids, rest_points
from soakproof.judge.shares import sum_up
from soakproof.judge.strain import find_strain
from soakproof.judge.validity import find_doubts
from soakproof.judge.verdict import EXIT_CODES, Finding, LoadSummary, MemoryAccount, RunVerdict, TargetSummary, Verdict
from soakproof.plans import Rules
from soakproof.samples import Run, Wave
from soakproof.warningcodes import RunWarning


def conclude(run: Run, findings: Sequence[Finding], invalid: Sequence[RunWarning], rules: Rules) -> Verdict:
    """Put the verdict together; ``invalid`` says why a run without a leak cannot be judged."""
    waves = [wave for wave in run.waves if wave.phase != "trace"]
    connections = sum(wave.opened for wave in waves)
    verdict = _decide(findings, invalid)
    account = find_account(run)
    drops: Counter[str] = Counter()
    for wave in waves:
        drops.update(wave.dropped)
    growth = measure_growth(run, findings) if verdict == "leak" else None
    times = [sample.t_s for sample in run.samples if sample.phase != "trace"]
    return Verdict(
        verdict=verdict,
        exit_code=exit_code_of(verdict, rules, account),
        obstacle=invalid[0] if verdict == "invalid" else None,
        connections=connections,
        peak_clients=max((wave.peak_clients for wave in waves), default=0),
        duration_s=round(max(times, default=0.0) - min(times, default=0.0), 3),
        seed=run.header.seed,
        drops=dict(drops),
        findings=list(findings),
        load=summarize_load(waves),
        target=_summarize_target(run),
        warnings=[
            *run.warnings,
            *find_doubts(run),
            *find_limits(waves),
            *warn_of_filling(findings),
            *find_unused(run, rules),
            *find_breaks(run),
            *(invalid if verdict == "leak" else invalid[1:]),
        ],
        growth_by_line=_lines(run),
        memory_growth=growth,
        extrapolations=extrapolate(growth, rules),
        strain=find_strain(run),
        account=account,
        resolution=find_resolution(findings) if verdict == "bounded" else None,
        explained=sum_up(findings) if verdict == "leak" else None,
    )


def exit_code_of(verdict: RunVerdict, rules: Rules, account: MemoryAccount | None = None) -> int:
    """Return the exit code; an inconclusive run passes where only leaks are to fail.

    Where growth is to fail, a bounded run does of which the allocator or the collector keeps what RSS rose by.
    """
    if verdict == "bounded" and rules.fail_on == "growth" and account is not None and account.keeper:
        return EXIT_CODES["leak"]
    return 0 if verdict == "inconclusive" and rules.fail_on == "leak" else EXIT_CODES[verdict]


def _decide(findings: Sequence[Finding], invalid: Sequence[RunWarning]) -> RunVerdict:
    deciding = {finding.verdict for finding in findings if finding.is_deciding}
    if "leak" in deciding:
        return "leak"
    if invalid:
        return "invalid"
    return "inconclusive" if "inconclusive" in deciding else "bounded"


def summarize_load(waves: Sequence[Wave]) -> LoadSummary:
    """Add the waves up; rates are weighted by the connections that were intended."""
    intended, opened = sum(wave.intended for wave in waves), sum(wave.opened for wave in waves)
    weight = max(intended, 1)
    return LoadSummary(
        rate_achieved=round(sum(wave.rate_achieved * wave.intended for wave in waves) / weight, 1),
        rate_intended=round(sum(wave.rate_intended * wave.intended for wave in waves) / weight, 1),
        failures=sum(wave.failures for wave in waves),
        cpu_ms_per_connection=round(1000 * sum(wave.cpu_s for wave in waves) / max(opened, 1), 3),
        latency_s=_worst_latency(waves),
        cpu_share=round(max((cpu_share(wave) for wave in waves), default=0.0), 3),
        late_s=max((wave.late_s for wave in waves), default=0.0),
        rss_bytes=max((wave.generator_rss_bytes for wave in waves), default=0),
        fds=max((wave.generator_fds for wave in waves), default=0),
    )


def _worst_latency(waves: Sequence[Wave]) -> dict[str, float]:
    worst: dict[str, float] = {}
    for wave in waves:
        for quantile, seconds in wave.latency_s.items():
            worst[quantile] = max(worst.get(quantile, 0.0), seconds)
    return worst


def _summarize_target(run: Run) -> TargetSummary:
    target = run.header.target
    pids = judged_pids(rest_points(run)) or target.pids
    return TargetSummary(command=target.command, python=target.python, versions=target.versions, pids=pids)


def _lines(run: Run) -> list[Site]:
    return run.lines.sites if run.lines else []
