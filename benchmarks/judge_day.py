"""Judge a day: 24 h sampled each second with 200 metrics, read from its file. Need: at most 10 s and 500 MB.

    python benchmarks/judge_day.py [--hours 24] [--metrics 200]

Writes the run into a temporary directory (about 800 MB for a day), reads and judges it in a process of its own, prints
CPU seconds (what else the machine does is not the judge's) and peak memory, removes the file, and exits 1 if the judge
took more than it may.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from soakproof.judge import judge_run
from soakproof.plans import Plan, TargetInfo
from soakproof.runfile import encode
from soakproof.samples import AnyRecord, End, Header, Sample, Wave
from soakproof.thinning import load_thin_run

MOST_S = 10.0
MOST_MB = 500.0
WAVE_S = 60
CLIENTS = 500


def day(hours: float, metrics: int) -> Iterator[AnyRecord]:
    """Yield the records of a soak with a tick each second and a wave each minute."""
    waves = int(hours * 3600 / WAVE_S)
    target = TargetInfo(command=["server"], url="http://127.0.0.1:1", python="3.11.7", versions={}, pids=[1])
    plan = Plan(waves=waves - 2, clients=CLIENTS, warmup=2, steady_s=0.0, rate=0.0, drops={"close": 1.0})
    yield Header(soakproof="0.1.0", started_at="2026-01-02T03:04:05Z", seed=7, target=target, plan=plan)
    rng = np.random.default_rng(7)
    names = [f"registry:server.domain_{at:03d}.registry" for at in range(metrics - 4)]
    for wave in range(waves):
        noise = rng.normal(0, 40, (4, WAVE_S + 1)).round(1)
        for second in range(WAVE_S + 1):
            yield _sample(wave, second, names, noise[:, second].tolist())
        yield _wave(wave)
    yield End(t_s=waves * WAVE_S + 1.0, outcome="completed")


def _sample(wave: int, second: int, names: list[str], noise: list[float]) -> Sample:
    clients = CLIENTS - round(abs(second - WAVE_S / 2) * CLIENTS * 2 / WAVE_S)
    metrics = dict.fromkeys(names, float(clients))
    metrics |= {"heap:objects": 52_000.0 + noise[0], "heap:blocks": 148_000.0 + noise[1]}
    metrics |= {"process:rss": 78e6 + 1000 * noise[2], "process:uss": 61e6 + 1000 * noise[3]}
    is_rest = second == WAVE_S
    return Sample(
        t_s=wave * WAVE_S + second * WAVE_S / (WAVE_S + 1),
        kind="rest" if is_rest else "tick",
        phase="warmup" if wave < 2 else "wave",  # noqa: PLR2004 - the plan's two warm-up waves
        wave=wave,
        pid=1,
        connections=CLIENTS * wave + CLIENTS * second // WAVE_S,
        clients=clients,
        is_settled=is_rest,
        metrics=metrics,
    )


def _wave(wave: int) -> Wave:
    return Wave(
        index=wave,
        phase="warmup" if wave < 2 else "wave",  # noqa: PLR2004 - likewise
        t_start_s=float(wave * WAVE_S),
        t_end_s=float((wave + 1) * WAVE_S),
        intended=CLIENTS,
        opened=CLIENTS,
        dropped={"close": CLIENTS},
        peak_clients=CLIENTS,
        rate_intended=CLIENTS / WAVE_S,
        rate_achieved=CLIENTS / WAVE_S,
    )


def measure(path: Path, answer: multiprocessing.SimpleQueue[tuple[str, float, float, float]]) -> None:
    """Read and judge the run; answer verdict, seconds to read, seconds to judge, and peak memory in MB."""
    start = time.process_time()
    run = load_thin_run(path)
    loaded = time.process_time()
    verdict = judge_run(run)
    done = time.process_time()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.put((verdict.verdict, loaded - start, done - loaded, peak_mb))


def main() -> None:
    """Write, measure, print, remove."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--metrics", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="judge-day-") as folder:
        path = Path(folder) / "run.jsonl"
        with path.open("wb") as stream:
            stream.writelines(encode(record) for record in day(options.hours, options.metrics))
        size_mb = path.stat().st_size / 1e6
        context = multiprocessing.get_context("spawn")
        answer: multiprocessing.SimpleQueue[tuple[str, float, float, float]] = context.SimpleQueue()
        child = context.Process(target=measure, args=(path, answer))
        child.start()
        child.join()
    if child.exitcode:
        sys.exit(child.exitcode)
    verdict, read_s, judge_s, peak_mb = answer.get()
    spent = f"read {read_s:.1f} s, judged {judge_s:.1f} s (need {MOST_S:g} in all)"
    sys.stdout.write(f"{verdict}: {size_mb:,.0f} MB of records; {spent}; peak {peak_mb:.0f} MB (need {MOST_MB:g})\n")
    sys.exit(int(read_s + judge_s > MOST_S or peak_mb > MOST_MB))


if __name__ == "__main__":
    main()
