"""What the page says of the run besides its findings: facts, load, target, and how it was judged; all in pairs."""

from __future__ import annotations

from collections.abc import Iterator

from soakproof.judge.verdict import Verdict
from soakproof.plans import FailOn
from soakproof.samples import Run
from soakproof.wording.account import say_account
from soakproof.wording.emptying import say_emptyings
from soakproof.wording.numbers import UNKNOWN, say_bytes, say_confidence, say_margin, say_milliseconds, say_seconds
from soakproof.wording.strain import say_strain

RED_ON: dict[FailOn, str] = {
    "leak": "leak",
    "inconclusive": "anything but bounded",
    "growth": "anything but bounded, and growth that the allocator or the collector keeps",
}
Pairs = list[tuple[str, str]]


def fact_list(verdict: Verdict) -> Pairs:
    """Return what stands below the verdict."""
    return [
        ("exit code", str(verdict.exit_code)),
        ("connections", f"{verdict.connections:,}"),
        ("open at once", f"{verdict.peak_clients:,}"),
        ("duration", say_seconds(verdict.duration_s)),
        ("dropped by", say_drops(verdict) or UNKNOWN),
        ("seed", str(verdict.seed)),
    ]


def sentence_list(verdict: Verdict) -> list[str]:
    """Return what is said of memory below the facts: where it lies, what time empties, what it came to under strain."""
    account = [say_account(verdict.account)] if verdict.account else []
    strain = [say_strain(verdict.strain)] if verdict.strain else []
    return [f"{said}." for said in (*account, *say_emptyings(verdict), *strain)]


def say_drops(verdict: Verdict) -> str:
    """Return how the clients left, and how many by each way."""
    return ", ".join(f"{mode} {count:,}" for mode, count in sorted(verdict.drops.items()))


def detail_lists(run: Run, verdict: Verdict) -> list[tuple[str, Pairs]]:
    """Return the lists at the end of the page, each with its title."""
    return [
        ("Load", [*_load(run, verdict)]),
        ("Target", [*_target(run, verdict)]),
        ("How it was judged", [*_judging(run, verdict)]),
    ]


def _load(run: Run, verdict: Verdict) -> Iterator[tuple[str, str]]:
    plan, load = run.header.plan, verdict.load
    yield "generator", plan.load + (f", {plan.locustfile}" if plan.locustfile else "")
    stay = " who stay" if plan.is_held else ""
    yield "waves", f"{plan.warmup} warm-up and {plan.waves} measured, of {plan.clients:,} clients{stay}"
    if plan.steady_s:
        yield "steady phase", f"{say_seconds(plan.steady_s)} at {plan.rate:g}/s"
    yield "rate", f"{load.rate_achieved:,.1f}/s of {load.rate_intended:,.1f}/s intended"
    yield "failures", f"{load.failures:,}"
    yield "generator CPU", f"{load.cpu_ms_per_connection:.2f} ms per connection, at most {load.cpu_share:.0%} of a core"
    yield "generator lateness", f"{say_milliseconds(load.late_s)} (99th percentile of the worst wave)"
    yield (
        "generator at its peak",
        f"{say_bytes(load.rss_bytes)}, {load.fds:,} open files, {verdict.peak_clients:,} clients",
    )
    if load.latency_s:
        yield "latency", ", ".join(f"{name} {say_milliseconds(value)}" for name, value in load.latency_s.items())
    errors = {error: count for wave in run.waves for error, count in wave.errors.items()}
    for error, count in sorted(errors.items(), key=lambda pair: -pair[1])[:5]:
        yield "error", f"{count:,} times {error}"


def _target(run: Run, verdict: Verdict) -> Iterator[tuple[str, str]]:
    target, info = verdict.target, run.header.target
    yield "command", " ".join(target.command) or "attached"
    yield "address", info.url
    yield "Python", target.python
    yield from sorted(target.versions.items())
    yield "pids", ", ".join(map(str, target.pids))
    if info.ping_interval_s is not None:
        yield "ping interval", say_seconds(info.ping_interval_s)
    if info.ping_timeout_s is not None:
        yield "ping timeout", say_seconds(info.ping_timeout_s)


def _judging(run: Run, verdict: Verdict) -> Iterator[tuple[str, str]]:
    finding = next(iter(verdict.findings), None)
    per = "event" if run.header.plan.is_held else "connection"
    confidence = finding.confidence if finding else run.header.rules.confidence
    yield "slope", "Theil-Sen over the rest points that settled"
    yield "bounded", f"the {say_confidence(confidence)} interval lies within the margin (two one-sided tests)"
    yield "leak", "its lower end lies above the margin"
    for margin, names in _margins(verdict).items():
        yield "margin", f"{margin} per {per} for {', '.join(sorted(names))}"
    yield "red on", RED_ON[run.header.rules.fail_on]


def _margins(verdict: Verdict) -> dict[str, set[str]]:
    """Return the margins that were applied, each with what it was applied to."""
    margins: dict[str, set[str]] = {}
    for finding in verdict.findings:
        name = {"process": "RSS and USS", "heap": f"heap {finding.unit}"}.get(finding.kind, finding.unit)
        margins.setdefault(say_margin(finding.margin, finding.unit), set()).add(name)
    return margins
