"""The judge's operating characteristics: how likely each verdict is, given the true growth per connection.

    python benchmarks/judge_operating.py [--draws 400] [--out docs]

Series are simulated with the noise measured on real clean runs, read from the data of the accuracy campaign, and judged
by the rules themselves. Writes ``operating.md`` and ``operating.svg``. Seeded: the same draws each time.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.accuracy.records import RUNS, Record, newest, read
from benchmarks.noise import FEWEST_POINTS, Noise, measure_noise
from soakproof.judge.case import Case
from soakproof.judge.readings import Readings
from soakproof.judge.rules import rule_on
from soakproof.judge.series import Series
from soakproof.metrickinds import unit_of
from soakproof.plans import Margins
from soakproof.totals import Array

WAVES = (8, 12, 20, 40)
CLIENTS = 600
SEED = 7
HOW = "make accuracy ONLY='*forty waves'"
VERDICTS = ("bounded", "inconclusive", "leak")
COLOURS = {"bounded": "#1b7f4d", "inconclusive": "#b58900", "leak": "#c0392b"}
MARKERS = {"bounded": "o", "inconclusive": "D", "leak": "^"}
TIMES_MARGIN = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0)

Draw = Callable[[np.random.Generator, Array, float], Array]
Results = dict[tuple[str, int], list[tuple[float, dict[str, float], float]]]


@dataclass(frozen=True)
class World:
    """A metric, how it leaks, and the noise of its readings at rest, in words."""

    title: str
    metric: str
    margin: float
    draw: Draw
    noise: str = "none: counts at rest are exact"


def leak_by_chance(rng: np.random.Generator, x: Array, slope: float) -> Array:
    """Return entries left by chance, one at a time: a Poisson process, whose errors add up."""
    return np.cumsum(rng.poisson(slope * np.diff(x, prepend=0.0))).astype(float)


def leak_in_clumps(rng: np.random.Generator, x: Array, slope: float) -> Array:
    """Return entries left five at a time, by chance."""
    return 5 * leak_by_chance(rng, x, slope / 5)


def count_under(noise: Noise) -> Draw:
    """Return a draw of objects left by chance under a noise."""
    return lambda rng, x, slope: leak_by_chance(rng, x, slope) + noise.draw(rng, len(x)).round()


def bytes_under(noise: Noise) -> Draw:
    """Return a draw of bytes that grow evenly under a noise."""
    return lambda rng, x, slope: slope * x + noise.draw(rng, len(x))


def make_worlds(clean: Sequence[Record]) -> Iterator[World]:
    """Yield the worlds, with the noise that was measured on clean runs."""
    margins = Margins()
    yield World("registry, entries left by chance", "registry:app:ROOMS", margins.entries, leak_by_chance)
    yield World("registry, five entries at a time", "registry:app:ROOMS", margins.entries, leak_in_clumps)
    for title, metric, margin in (
        ("live objects", "heap:objects", margins.objects),
        ("allocated blocks", "heap:blocks", margins.objects),
        ("heap bytes in use", "heap:in_use_bytes", margins.heap_bytes),
        ("USS", "process:uss", margins.process_bytes),
    ):
        noise = measure_noise(clean, metric)
        if noise is None:
            sys.exit(f"{metric}: no clean run of {FEWEST_POINTS} rest points or more in {RUNS}; make some: {HOW}")
        draw = bytes_under if unit_of(metric) == "bytes" else count_under
        yield World(title, metric, margin, draw(noise), noise.say())


def judge_once(world: World, waves: int, slope: float, rng: np.random.Generator) -> tuple[str, bool]:
    """Return the verdict on one simulated series, and whether its interval holds the true slope."""
    x = CLIENTS * np.arange(2.0, waves + 3)
    y = world.draw(rng, x, slope)
    series = Series(
        metric=world.metric, x=x, y=y, drained=None, x_end=x[-1], peak=y.max(), process_peak=y.max(), columns={}
    )
    case = Case(
        series=series, margin=world.margin, confidence=0.9, seed=SEED, readings=Readings(), are_counts_flat=True
    )
    return rule_on(case).verdict, case.interval.low <= slope <= case.interval.high


def simulate(world: World, waves: int, draws: int) -> Iterator[tuple[float, dict[str, float], float]]:
    """Yield, for each true slope in margins, the share of each verdict and how often the interval held the truth."""
    for times in TIMES_MARGIN:
        rng = np.random.default_rng([SEED, waves, round(100 * times)])
        outcomes = [judge_once(world, waves, times * world.margin, rng) for _ in range(draws)]
        counted = Counter(verdict for verdict, _ in outcomes)
        yield times, {v: counted[v] / draws for v in VERDICTS}, sum(held for _, held in outcomes) / draws


def write_table(worlds: Sequence[World], results: Results, draws: int) -> str:
    """Return the results as Markdown, one table per world."""
    lines = ["# How often the judge errs", "", "How likely each verdict is, given the true growth per connection.", ""]
    lines += ["Made by `make operating`; see adr/0010 to 0013.", "", "![](operating.svg)", ""]
    lines += [
        f"{draws} draws each, {CLIENTS} connections a wave; slopes in multiples of the margin. Each cell: bounded /"
    ]
    lines += [
        "inconclusive / leak in percent, and in brackets how often the 90 % interval held the true slope. The noise"
    ]
    lines += ["is that of the clean runs of forty waves in [the data of the campaign](accuracy.md)."]
    for world in worlds:
        lines += ["", f"## {world.title} (margin {world.margin:g})", "", f"Noise: {world.noise}.", ""]
        lines += ["| true slope / margin | " + " | ".join(f"{waves} waves" for waves in WAVES) + " |"]
        lines += ["|---|" + "---|" * len(WAVES)]
        for at, times in enumerate(TIMES_MARGIN):
            cells = [_cell(results[world.title, waves][at]) for waves in WAVES]
            lines += [f"| {times:g} | " + " | ".join(cells) + " |"]
    return "\n".join([*lines, ""])


def _cell(result: tuple[float, dict[str, float], float]) -> str:
    _, shares, held = result
    return " / ".join(f"{100 * shares[verdict]:.0f}" for verdict in VERDICTS) + f" ({100 * held:.0f})"


def draw_chart(worlds: Sequence[World], results: Results) -> Figure:
    """Return the chart: a row per world, a column per number of waves, the share of each verdict over the slope."""
    figure = Figure(facecolor="white", figsize=(12, 14), layout="constrained")
    grid = figure.subplots(len(worlds), len(WAVES), sharex=True, sharey=True)
    for row, world in zip(grid, worlds, strict=True):
        row[0].set_ylabel(f"{world.title}\nmargin {world.margin:g}", fontsize=9)
        for axes, waves in zip(row, WAVES, strict=True):
            _draw_shares(axes, results[world.title, waves])
    for axes, waves in zip(grid[0], WAVES, strict=True):
        axes.set_title(f"{waves} waves", fontsize=10)
    figure.supxlabel("true growth per connection, in margins (dashed: the margin)")
    figure.supylabel("share of verdicts, %")
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside upper right", ncols=3, frameon=False)
    return figure


def _draw_shares(axes: Axes, points: list[tuple[float, dict[str, float], float]]) -> None:
    slopes = [times for times, _, _ in points]
    for verdict in VERDICTS:
        shares = [100 * by_verdict[verdict] for _, by_verdict, _ in points]
        axes.plot(slopes, shares, color=COLOURS[verdict], label=verdict, marker=MARKERS[verdict], markersize=4)
    axes.axvline(1, color="#888888", linewidth=0.8, linestyle="--")
    axes.set_xscale("symlog", linthresh=2, linscale=2)
    axes.set_xticks([0, 0.5, 1, 2, 4, 10], ["0", "½", "1", "2", "4", "10"])
    axes.set_xticks([], minor=True)
    axes.grid(axis="y", color="#eeeeee")


def main() -> None:
    """Simulate all worlds and write table and charts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    worlds = list(make_worlds(newest(read())))
    results = {(world.title, waves): list(simulate(world, waves, options.draws)) for world in worlds for waves in WAVES}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "operating.md").write_text(write_table(worlds, results, options.draws), encoding="utf-8")
    figure = draw_chart(worlds, results)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "soakproof"}):
        figure.savefig(options.out / "operating.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
