"""Runs that never ran: whole `Run` objects with the shape and the noise of real ones, seeded.

``make_run("leak")`` is a soak of the reference server as the conductor would have written it; its kinds are those of
`SPOILERS`. Tests of the judge that want one series only use `feed`.
"""

from __future__ import annotations

import msgspec
import numpy as np

from soakproof.plans import Plan, TargetInfo
from soakproof.runfile import encode
from soakproof.samples import AnyRecord, End, Header, Lines, Metric, Run, Sample, Settle, Wave
from soakproof.warningcodes import WarningCode, warn
from tests.synthetic_drafts import MIB, PID, PING_S, RATE, STEADY_S, Draft, Stage, draft_healthy
from tests.synthetic_stories import SPOILERS


def make_run(kind: str = "bounded", waves: int = 10, clients: int = 600, seed: int = 7) -> Run:
    """Return a soak of the reference server; ``kind`` is a key of `SPOILERS`."""
    draft = draft_healthy(waves, clients, seed)
    SPOILERS[kind](draft)
    return write_run(draft, waves, clients, seed)


def feed(series: dict[str, list[float]], clients: int = 600, seed: int = 7, infos: list[Metric] | None = None) -> Run:
    """Return a healthy run in which the given metrics have the given values at the judged rest points.

    The first value belongs to the last warm-up wave, from which the measured ones start; the rest to the waves. Steady
    phase and drain keep the last value.
    """
    draft = draft_healthy(len(next(iter(series.values()))) - 1, clients, seed)
    for metric, values in series.items():
        draft.rest[metric] = np.array([values[0]] * 2 + values + [values[-1]] * 2, dtype=float)
        draft.per_client.setdefault(metric, 0.0)
    draft.infos |= {info.metric: info for info in infos or []}
    return write_run(draft, len(draft.stages) - 5, clients, seed)


def write_run(draft: Draft, waves: int, clients: int, seed: int) -> Run:
    """Write a draft down as the records of a run."""
    run = Run(
        header=_header(waves, clients, seed),
        metrics=draft.infos,
        samples=[sample for at in range(len(draft.stages)) for sample in (*_ticks(draft, at), _rest(draft, at))],
        waves=[_wave(stage) for stage in draft.stages if stage.opened],
        settles=[_settle(draft, at) for at in range(len(draft.stages))],
        diagnoses=draft.diagnoses,
        warnings=[warn(WarningCode.TEXT, text="ping interval shortened from 25 s to 2 s so that waves settle")],
    )
    if draft.diagnoses:
        sites = [site for diagnosis in draft.diagnoses.values() for site in diagnosis.culprit.sites]
        run.lines = Lines(connections=2 * clients, sites=sites)
    if draft.outcome:
        run.end = End(t_s=draft.stages[-1].rest_s + 0.2, outcome=draft.outcome)
    return run


def _header(waves: int, clients: int, seed: int) -> Header:
    target = TargetInfo(
        command=["python", "-m", "server", "--port", "{port}"],
        url="http://127.0.0.1:8000",
        python="3.11.7",
        versions={"python-socketio": "5.18.1", "python-engineio": "4.15.1", "uvicorn": "0.54"},
        pids=[PID],
        ping_interval_s=PING_S,
        ping_timeout_s=2.0,
    )
    plan = Plan(waves=waves, clients=clients, warmup=2, steady_s=STEADY_S, rate=RATE, drops={"close": 1.0})
    return Header(soakproof="0.1.0", started_at="2026-01-02T03:04:05Z", seed=seed, target=target, plan=plan)


def _rest(draft: Draft, at: int) -> Sample:
    stage = draft.stages[at]
    return Sample(
        t_s=stage.rest_s,
        kind="rest",
        phase=stage.phase,
        wave=stage.wave,
        pid=PID,
        connections=int(draft.connections[at]),
        events=int(draft.connections[at]),
        is_settled=at not in draft.unsettled,
        pause_s=0.04,
        metrics={metric: float(values[at]) for metric, values in draft.rest.items()},
    )


def _ticks(draft: Draft, at: int) -> list[Sample]:
    stage = draft.stages[at]
    times = np.arange(stage.start_s, stage.rest_s - 0.05, 0.25)
    return [_tick(draft, at, float(now)) for now in times]


def _tick(draft: Draft, at: int, now: float) -> Sample:
    """Read the counters: clients come for half of the stretch and go for the other; what is kept, comes meanwhile."""
    stage = draft.stages[at]
    share = min((now - stage.start_s) / max(stage.end_s - stage.start_s, 0.01), 1.0)
    is_steady = stage.phase == "steady"
    ramp = min(share * 10, (1 - share) * 10, 1.0) if is_steady else 1 - abs(2 * share - 1)
    clients = round(stage.peak_clients * ramp)
    before = max(at - 1, 0)
    return Sample(
        t_s=round(now, 3),
        kind="tick",
        phase=stage.phase,
        wave=stage.wave,
        pid=PID,
        connections=int(draft.connections[at]) - round(stage.opened * (1 - share)),
        clients=clients,
        metrics={
            metric: round(_kept(draft, metric, before, at, share, now) + draft.per_client[metric] * clients, 1)
            for metric in sorted(draft.ticking)
        },
    )


def _kept(draft: Draft, metric: str, before: int, at: int, share: float, now: float) -> float:
    stage, was, will_be = draft.stages[at], draft.rest[metric][before], draft.rest[metric][at]
    if stage.phase == "drain" and metric in draft.linger_s:
        return float(was if now - draft.stages[before].end_s < draft.linger_s[metric] else will_be)
    return float(was + share * (will_be - was))


def _wave(stage: Stage) -> Wave:
    rate = stage.opened / (stage.end_s - stage.start_s)
    return Wave(
        index=stage.wave or 0,
        phase=stage.phase,
        t_start_s=stage.start_s,
        t_end_s=stage.end_s,
        intended=stage.opened,
        opened=stage.opened,
        dropped={"close": stage.opened},
        events=stage.opened,
        peak_clients=stage.peak_clients,
        rate_intended=round(rate, 1),
        rate_achieved=round(rate * 0.99, 1),
        cpu_s=stage.opened * 0.00042,
        latency_s={"p50": 0.004, "p95": 0.011, "p99": 0.019, "max": 0.05},
        generator_rss_bytes=int(60 * MIB),
    )


def _settle(draft: Draft, at: int) -> Settle:
    stage = draft.stages[at]
    is_settled = at not in draft.unsettled
    return Settle(
        wave=stage.wave,
        phase=stage.phase,
        t_s=stage.rest_s,
        waited_s=round(stage.rest_s - stage.end_s, 2),
        is_settled=is_settled,
        remaining={} if is_settled else {"task:total": 12.0},
    )


def with_second_process(run: Run) -> Run:
    """Return the run with a second worker that reads the same as the first."""
    twins = [msgspec.structs.replace(sample, pid=PID + 1, metrics=dict(sample.metrics)) for sample in run.samples]
    run.samples = [sample for pair in zip(run.samples, twins, strict=True) for sample in pair]
    return run


def lines_of(run: Run) -> list[bytes]:
    """Return the lines of the file that such a run would have been."""
    records: list[AnyRecord | None] = [
        run.header,
        *run.metrics.values(),
        *run.samples,
        *run.waves,
        *run.settles,
        *run.diagnoses.values(),
        run.end,
    ]
    return [encode(record) for record in records if record is not None]
