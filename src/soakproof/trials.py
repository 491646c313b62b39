"""The same soak under several settings of the allocator: what each does to memory, CPU and latency, and which to take.

Each setting is soaked once a round, by turns, so that a busy machine meets all alike; a setting is compared with the
server as it is within its round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median, stdev

import msgspec

from soakproof.judge.account import FREE, PARTS
from soakproof.judge.restpoints import judged_pids, rest_points
from soakproof.late import stats
from soakproof.samples import Run
from soakproof.totals import add_standing, add_up

RSS = "process:rss"
AS_IT_IS = "as it is"
CONFIDENCE = 0.9
HELPS_BELOW = 0.9  # of the settled RSS, by the upper end of the interval
NEARLY_BEST = 1.1
DEAREST = 1.25  # times the CPU: what costs more is not recommended
FEWEST_ROUNDS = 2  # for an interval


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What to set in the environment of the server; the cheapest to live with come first in `SETTINGS`."""

    name: str
    variables: dict[str, str] = {}


class Trial(msgspec.Struct, kw_only=True):
    """One soak under one setting: bytes at the peak and settled, of those held free, CPU and latency."""

    setting: str
    round: int
    peak_bytes: float
    settled_bytes: float
    free_bytes: float
    cpu_ms_per_connection: float
    latency_p95_s: float


class Effect(msgspec.Struct, kw_only=True):
    """What a setting does: medians over its trials, and its settled RSS against the server as it is, with an interval.

    The ratio is the geometric mean over the rounds, its interval Student's on logarithms; without end for one round.
    """

    setting: str
    variables: dict[str, str]
    trials: int
    peak_bytes: float
    settled_bytes: float
    free_bytes: float
    cpu_ms_per_connection: float
    latency_p95_s: float
    ratio: float
    ratio_ci: tuple[float, float]
    cpu_ratio: float


class Remedy(msgspec.Struct, kw_only=True):
    """All effects, and the setting that is recommended; None where none surely helps by a tenth."""

    schema: int = 1
    effects: list[Effect]
    recommended: str | None


def measure(setting: str, round_: int, run: Run) -> Trial:
    """Return what one run came to, all judged processes together.

    Peak: the highest RSS of any reading. Settled: RSS at the last rest point, before free memory was given back.
    """
    points = [point for point in rest_points(run) if point.phase not in {"baseline", "drain"}]
    pids = judged_pids(points)
    ticks = [sample for sample in run.samples if sample.pid in pids and sample.phase != "trace"]
    last = add_up(points[-1].samples[pid].account for pid in pids if pid in points[-1].samples)
    first_cpu, last_cpu = (
        sum(point.samples[pid].cpu_s for pid in pids if pid in point.samples) for point in (points[0], points[-1])
    )
    connections = max(points[-1].x - points[0].x, 1.0)
    waves = [wave for wave in run.waves if wave.phase != "trace" and wave.latency_s]
    return Trial(
        setting=setting,
        round=round_,
        peak_bytes=float(add_standing(ticks, RSS)[1].max()),
        settled_bytes=sum(last.get(name, 0.0) for name in PARTS),
        free_bytes=sum(last.get(name, 0.0) for name in FREE),
        cpu_ms_per_connection=1000 * (last_cpu - first_cpu) / connections,
        latency_p95_s=median(wave.latency_s.get("p95", 0.0) for wave in waves) if waves else 0.0,
    )


def weigh(settings: Sequence[Setting], trials: Sequence[Trial]) -> Remedy:
    """Return what each setting does, in their order, and the cheapest that helps nearly as much as any."""
    usual = {trial.round: trial for trial in trials if trial.setting == AS_IT_IS}
    effects = [
        _effect(setting, [trial for trial in trials if trial.setting == setting.name], usual) for setting in settings
    ]
    helping = [
        each
        for each in effects
        if each.setting != AS_IT_IS and each.ratio_ci[1] < HELPS_BELOW and each.cpu_ratio < DEAREST
    ]
    best = min((each.ratio for each in helping), default=math.inf)
    chosen = next((each.setting for each in helping if each.ratio <= NEARLY_BEST * best), None)
    return Remedy(effects=effects, recommended=chosen)


def _effect(setting: Setting, trials: Sequence[Trial], usual: dict[int, Trial]) -> Effect:
    paired = [(trial, usual[trial.round]) for trial in trials if trial.round in usual]
    logs = [math.log(trial.settled_bytes / other.settled_bytes) for trial, other in paired]
    cpu = [trial.cpu_ms_per_connection / max(other.cpu_ms_per_connection, 1e-9) for trial, other in paired]
    return Effect(
        setting=setting.name,
        variables=setting.variables,
        trials=len(trials),
        peak_bytes=median(trial.peak_bytes for trial in trials),
        settled_bytes=median(trial.settled_bytes for trial in trials),
        free_bytes=median(trial.free_bytes for trial in trials),
        cpu_ms_per_connection=median(trial.cpu_ms_per_connection for trial in trials),
        latency_p95_s=median(trial.latency_p95_s for trial in trials),
        ratio=math.exp(fmean(logs)),
        ratio_ci=_interval(logs),
        cpu_ratio=median(cpu),
    )


def _interval(logs: Sequence[float]) -> tuple[float, float]:
    """Return the interval of a ratio from the logarithms of its measurements (Student's t)."""
    if len(logs) < FEWEST_ROUNDS:
        return 0.0, math.inf
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(logs) - 1)) * stdev(logs) / len(logs) ** 0.5
    return math.exp(fmean(logs) - reach), math.exp(fmean(logs) + reach)
