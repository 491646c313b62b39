"""Charts say in pictures what the verdict says in words."""

from __future__ import annotations

import re
import struct
from dataclasses import asdict
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from soakproof.culprits import Site
from soakproof.judge import judge_run
from soakproof.judge.codes import Rule
from soakproof.plans import Bound
from soakproof.report.charts import Charts, most_growth
from soakproof.report.charts.account import chart_account
from soakproof.report.charts.axes import merge
from soakproof.report.charts.canvas import PNG_SCALE, to_png, to_svg_file
from soakproof.report.charts.connections import flow
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.forest import MOST_ROWS, NAME_CHARACTERS, chart_forest, choose, wrap
from soakproof.report.charts.lines import chart_lines
from soakproof.report.charts.memory import chart_memory, spread
from soakproof.report.charts.registries import BARE_TOP, BOTTOM, chart_panel
from soakproof.report.charts.registry import HEADROOM, draw_growth, draw_over_time, fit_of
from soakproof.report.charts.style import DARK, LIGHT, dark_css
from soakproof.report.charts.timeline import Timeline
from tests.synthetic_drafts import LOCKS, MIB, PING_TASKS, SESSIONS
from tests.synthetic_runs import feed, make_run
from tests.unit.report.made_verdicts import make_finding, with_resolution

SVG = "{http://www.w3.org/2000/svg}"


def draw(run):
    """Return the charts of a run by name, each as the texts of its SVG file."""
    charts = Charts(run, judge_run(run))
    return {chart.name: texts_in(chart) for chart in charts}


def texts_in(chart):
    """Return the texts of a chart's SVG file."""
    assert chart is not None
    return texts_of(to_svg_file(chart.svg))


def texts_of(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def leak():
    """Return the drawn charts of a leak."""
    return draw(make_run("leak"))


@pytest.fixture(scope="module")
def lingering():
    """Return the drawn charts of a bounded run whose ping tasks linger."""
    return draw(make_run("lingering"))


def test_a_leaks_slope_stands_beside_its_line(leak):
    """A leaking registry is drawn first, with its growth in words."""
    names = [text for text in leak["registries"] if text.startswith("server.")]
    assert names[0] == "server.documents.locks"
    assert len(names) == 4
    assert "+1.00 per connection" in leak["registries"]
    assert any(text.startswith("▲ leak · +1.00 [") for text in leak["registries"])


def test_the_phases_of_the_run_are_named(leak):
    """Whoever looks at a chart over time can tell warm-up from waves, steady phase and drain."""
    for chart in ("registries", "connections", "memory"):
        assert {"warm-up", "waves", "steady", "drain"} <= set(leak[chart])


def test_the_margin_is_drawn_where_growth_is_proven(leak):
    """Each panel of growth has the cone of what counts as none."""
    assert leak["growth"].count("margin ±0.005") == 4


def test_the_line_that_keeps_memory_is_marked(leak):
    """The culprit's line stands among the lines with its bytes."""
    assert "▲ server/documents.py:88 in lock_document" in leak["lines"]
    assert "+212 B · 1.00 objects" in leak["lines"]


def test_the_forest_has_a_row_for_each_metric(leak):
    """Name, rate, interval and verdict stand in every row."""
    assert "registry server.documents.locks" in leak["forest"]
    assert "▲ follows" in leak["forest"]
    assert leak["forest"].count("● bounded") == 18


def test_what_lingers_is_said_to_drain_by_itself(lingering):
    """A tail that empties without a client is no leak, and the chart says so at the tail."""
    assert "AsyncSocket._send_ping" in lingering["registries"]
    assert "drains by itself in 5 s" in lingering["registries"]


def test_the_high_water_mark_is_no_leak_where_all_counts_are_bounded(lingering, leak):
    """The memory chart names the mark, and calls it harmless only when that is proven."""
    assert any(text.startswith("high-water 9") for text in lingering["memory"])
    assert any("kept by the allocator; not a leak" in text for text in lingering["memory"])
    assert not any("not a leak" in text for text in leak["memory"])


def test_littles_law_is_a_labelled_line():
    """The bound of a registry with a time-to-live stands in its panel."""
    assert "Little's law: 350" in draw(make_run("ttl"))["registries"]


def test_a_bound_far_above_is_told_and_does_not_flatten_the_chart():
    """A bound of a million leaves a registry of hundreds readable."""
    run = make_run("bounded")
    run.metrics[SESSIONS].bound = Bound(max_items=1_000_000)
    texts = draw(run)["registries"]
    assert "bound: 1M ↑ far above" in texts


def test_memory_that_python_does_not_see_is_marked_as_the_leak():
    """A native leak has no registry to draw; the curve of the heap in use carries the mark."""
    assert any("▲ +1,030 B per connection" in text for text in draw(make_run("native"))["memory"])


def test_no_line_is_fitted_where_the_judge_fitted_none():
    """With too few rest points there is no slope, and none is drawn."""
    run = make_run("unsettled")
    finding = next(finding for finding in judge_run(run).findings if finding.metric == LOCKS)
    assert fit_of(finding, Timeline(run).rests(LOCKS)) is None
    assert "◆ inconclusive · too few rest points for a slope" in draw(run)["registries"]


def test_pngs_are_pictures_of_the_size_asked_for():
    """Each chart has a light and a dark PNG of the same size, which are not the same picture."""
    chart = next(chart for chart in Charts(make_run("leak"), judge_run(make_run("leak"))) if chart.name == "lines")
    light, dark = to_png(chart, LIGHT), to_png(chart, DARK)
    for png in (light, dark):
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", png[16:24])
        assert abs(width - chart.width * PNG_SCALE) <= 1
        assert abs(height - chart.height * PNG_SCALE) <= 1
    assert light != dark


def test_an_svg_turns_dark_because_every_colour_in_it_has_a_rule():
    """Each colour that is drawn is a role of the light theme, and the style sheet gives it a dark one."""
    assert len(set(asdict(LIGHT).values())) == len(asdict(LIGHT))
    run = make_run("lingering")
    for chart in Charts(run, judge_run(run)):
        drawn = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", chart.svg))
        assert drawn <= set(asdict(LIGHT).values())
        assert all(f'"fill: {colour}"' in dark_css() for colour in drawn)


def test_names_that_look_like_markup_or_mathematics_are_drawn_as_they_stand():
    """A registry may be called anything."""
    name = '<b>&amp;$\\frac{1}{2}$"'
    run = feed({f"registry:{name}": [600.0 * wave for wave in range(11)]})
    assert name in draw(run)["registries"]


def test_the_same_run_is_drawn_the_same_twice():
    """A chart's bytes follow from the run alone, so that committed charts change only when something did."""
    run = make_run("leak")
    charts = [list(Charts(run, judge_run(run)))[2] for _ in range(2)]
    assert charts[0].svg == charts[1].svg


def test_sixty_registries_are_cut_to_ten_panels_with_a_word_on_the_rest():
    """An overview stays one page long; long names lose their middle."""
    values = [float(wave % 3) for wave in range(11)]
    run = feed({f"registry:a_package.with_a.very_long.module_{n}:Registry.with_a_name": values for n in range(60)})
    texts = draw(run)["registries"]
    assert any("more registries are not drawn" in text for text in texts)
    assert sum(text.startswith("● bounded ·") for text in texts) == 10
    assert sum("…" in text and text.endswith("Registry.with_a_name") for text in texts) == 6


def test_several_processes_are_added_up():
    """The readings of two workers, taken together, are one point."""
    run = make_run("leak")
    second = [msgspec.structs.replace(sample, pid=4243, t_s=sample.t_s + 0.01) for sample in run.samples]
    both = [sample for pair in zip(run.samples, second, strict=True) for sample in pair]
    one, two = Timeline(run), Timeline(msgspec.structs.replace(run, samples=both))
    assert len(two.t_s) == len(one.t_s)
    np.testing.assert_array_equal(two.lines(LOCKS)[1], 2 * one.lines(LOCKS)[1])
    np.testing.assert_array_equal(two.rests(LOCKS).y, 2 * one.rests(LOCKS).y)


def test_held_clients_are_drawn_against_events():
    """When clients stay, growth is per event, and the axis says so."""
    run = make_run("leak")
    run.header.plan.is_held = True
    for sample in run.samples:
        sample.events = 3 * sample.connections
    assert "events so far" in draw(run)["growth"]


def test_the_second_pass_is_not_drawn():
    """Tracing changes what is counted, so its readings stay out of every line."""
    run = make_run("leak")
    last = msgspec.structs.replace(run.samples[-1], t_s=900.0, phase="trace", metrics={LOCKS: 1e6})
    assert Timeline(msgspec.structs.replace(run, samples=[*run.samples, last])).end_s < 900


def test_thinning_keeps_peaks_and_troughs():
    """Of a hundred thousand readings a few hundred are drawn, and the highest and lowest are among them."""
    rng = np.random.default_rng(7)
    x, y = np.arange(100_000.0), rng.normal(size=100_000)
    thin_x, thin_y = thin(x, y, 800)
    assert len(thin_x) <= 810
    assert np.all(np.diff(thin_x) > 0)
    assert {thin_y.min(), thin_y.max(), thin_y[0], thin_y[-1]} == {y.min(), y.max(), y[0], y[-1]}
    assert thin(x[:10], y[:10], 800)[0] is not None
    np.testing.assert_array_equal(thin(x[:10], y[:10], 800)[1], y[:10])


def test_arrivals_and_departures_add_up_to_the_connections():
    """The areas of the flow chart are the clients that came and went."""
    timeline = Timeline(make_run("bounded"))
    edges, came, went = flow(timeline)
    assert came @ np.diff(edges) == pytest.approx(9200, rel=0.01)
    assert went @ np.diff(edges) == pytest.approx(9200, rel=0.01)
    assert (came >= 0).all()
    assert (went >= 0).all()


def test_labels_at_the_ends_of_curves_do_not_overlap():
    """Labels are pushed apart, and none below the floor."""
    assert spread([100.0, 0.0, 1.0], 20) == [100.0, 10.0, 30.0]
    assert spread([5.0], 20) == [10.0]
    assert spread([50.0, 90.0], 20) == [50.0, 90.0]


def test_waves_too_near_to_be_told_apart_are_shaded_as_one():
    """Two thousand waves do not become two thousand bars of a hundredth of a pixel."""
    assert merge([(0, 1), (1.05, 2), (5, 6)], 0.1) == [(0, 2), (5, 1)]


def test_a_crowded_forest_keeps_what_is_not_bounded():
    """Of too many metrics those near zero go first, and the judge's order stays."""
    flat = [make_finding(f"type:app.T{n}", ci=(0.0, 1e-6 * n)) for n in range(100)]
    leak = make_finding("type:app.Leak", "leak", per_connection=1.0, ci=(1e-9, 1e-8))
    kept = choose([*flat, leak])
    assert len(kept) == MOST_ROWS
    assert kept[-1] is leak
    assert kept[0].name == f"app.T{101 - MOST_ROWS}"


def test_a_lingering_tasks_rests_are_marked_fitted_but_for_the_drain():
    """The reading after the drain is drawn hollow: the slope was not fitted to it."""
    rests = Timeline(make_run("lingering")).rests(PING_TASKS)
    assert not rests.is_fitted[-1]
    assert rests.is_fitted[-2]
    assert rests.y[-1] == 0


def axes_of(chart):
    """Return the axes of a drawn chart, in the order in which they were added."""
    figure = Figure(figsize=(chart.width / 72, chart.height / 72), dpi=72)
    chart.draw(figure, LIGHT)
    return figure.axes


def panel(run, metric, draw):
    """Return the axes of one registry's panel, with its finding and its readings at rest."""
    finding = next(finding for finding in judge_run(run).findings if finding.metric == metric)
    timeline = Timeline(run)
    (axes,) = axes_of(chart_panel(finding, timeline, "panel", 480, draw))
    return axes, finding, timeline.rests(metric)


def filled(axes, colour):
    """Return the outlines of the areas that are filled with a colour, as points."""
    return [
        path.vertices
        for area in axes.collections
        if len(area.get_facecolor()) and to_hex(area.get_facecolor()[0]) == colour
        for path in area.get_paths()
    ]


def test_the_cone_of_the_margin_is_as_wide_as_the_margin_allows():
    """From the first fitted point it opens by the margin per connection, upwards and, above zero, downwards."""
    axes, finding, rests = panel(make_run("leak"), LOCKS, draw_growth)
    x, y = rests.x[rests.is_fitted], rests.y[rests.is_fitted]
    (cone,) = filled(axes, LIGHT.margin)
    reach = finding.margin * (x[-1] - x[0])
    at_end = cone[cone[:, 0] == x[-1]][:, 1]
    assert (cone[:, 0].min(), cone[:, 0].max()) == (x[0], x[-1])
    assert (at_end.min(), at_end.max()) == (pytest.approx(y[0] - reach), pytest.approx(y[0] + reach))
    assert cone[cone[:, 0] == x[0]][:, 1] == pytest.approx(y[0])


def test_a_leaks_line_and_its_band_are_drawn_through_the_fitted_points():
    """The dashed line has the finding's slope, and the band lies about it."""
    axes, finding, rests = panel(make_run("leak"), LOCKS, draw_growth)
    fitted = rests.x[rests.is_fitted]
    (line,) = [line for line in axes.lines if to_hex(line.get_color()) == LIGHT.leak]
    x, y = line.get_data()
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(finding.per_connection)
    (band,) = [area for area in filled(axes, LIGHT.leak) if len(area) > 4 and np.ptp(area[:, 0]) == np.ptp(x)]
    at_end = band[band[:, 0] == x[-1]][:, 1]
    assert at_end.min() <= y[-1] <= at_end.max()
    assert np.ptp(at_end) == pytest.approx((finding.ci[1] - finding.ci[0]) * (x[-1] - np.median(fitted)), rel=0.01)
    assert fitted[-1] == x[-1]


def test_rest_points_are_drawn_filled_where_they_were_judged():
    """Every reading at rest stands in the panel, the judged ones in the verdict's colour, the others hollow."""
    axes, _, rests = panel(make_run("lingering"), PING_TASKS, draw_growth)
    drawn = {
        to_hex(marks.get_facecolor()[0]): marks.get_offsets()
        for marks in axes.collections
        if len(marks.get_offsets()) > 1 or len(rests.x) - rests.is_fitted.sum() == 1
    }
    assert len(drawn[LIGHT.bounded]) == rests.is_fitted.sum()
    assert len(drawn[LIGHT.paper]) == (~rests.is_fitted).sum()


def test_a_bound_in_view_is_a_line_at_its_height():
    """Little's law holds in the steady phase, and its line is as long as that."""
    run = make_run("ttl")
    axes, finding, _ = panel(run, SESSIONS, draw_over_time)
    steady = next(span for span in Timeline(run).spans if span.phase == "steady")
    segments = [each for area in axes.collections if isinstance(area, LineCollection) for each in area.get_segments()]
    assert [[*map(tuple, segment)] for segment in segments] == [
        [(steady.start_s, finding.bound), (steady.end_s, finding.bound)]
    ]


def test_waves_are_shaded_where_clients_come_and_go():
    """Measured waves have the wave's shade, warm-up its own, and the drain none."""
    run = make_run("bounded")
    axes, *_ = panel(run, SESSIONS, draw_over_time)
    spans = Timeline(run).spans
    shaded = sum(np.ptp(area[:, 0]) for area in filled(axes, LIGHT.wave))
    warmup = sum(np.ptp(area[:, 0]) for area in filled(axes, LIGHT.warmup))
    lasted = {
        is_warm: sum(s.end_s - s.start_s for s in spans if s.phase != "drain" and (s.phase == "warmup") == is_warm)
        for is_warm in (True, False)
    }
    assert warmup == pytest.approx(lasted[True], rel=0.05)
    assert shaded == pytest.approx(lasted[False], rel=0.05)


def test_the_forest_draws_each_interval_in_multiples_of_its_margin():
    """The band of the margin is from -1 to 1, and each row has its interval and its mark."""
    findings = [make_finding("registry:app.A", ci=(-0.0025, 0.01)), make_finding("process:rss", ci=(-4.0, 8.0))]
    findings[0].per_connection = 0.005
    (axes,) = axes_of(chart_forest(findings, "connection"))
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == (-1, 1)
    assert axes.get_ylim() == (1.5, -0.5)
    bars = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 2]
    assert bars == [(-0.5, 2.0), (-0.25, 0.5)]
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_markersize() == 7]
    assert marks == [1.0, 0.0]


def test_lines_that_only_turn_over_are_not_drawn_as_what_stays():
    """A ring that is refilled allocates each client's entry anew: it has no bar, and is named as what turns over."""
    ring = Site(file="audit.py", line=4, function="add", per_connection_bytes=216.0, per_connection=1.0)
    kept = Site(file="a.py", line=1, function="f", per_connection_bytes=6.0)
    chart = chart_lines([ring, kept], [], "connection", most_bytes=9.0)
    (axes,) = axes_of(chart)
    assert [bar.get_width() for bar in axes.patches] == [6.0]
    assert [text.get_text() for text in axes.texts] == ["a.py:1 in f", "+6.0 B"]
    said = texts_in(chart)
    assert "Not drawn, since it only turns over: as much went as came." in said
    assert "audit.py:4 in add, 216 B a connection" in said
    assert "+216 B" in chart_lines([ring, kept], [], "connection").description


def test_where_all_lines_turn_over_nothing_is_drawn():
    """The chart says that nothing stayed, and still names the lines."""
    ring = Site(file="audit.py", line=4, function="add", per_connection_bytes=216.0)
    said = texts_in(chart_lines([ring], [], "connection", most_bytes=9.0))
    assert "nothing stayed over the traced waves" in said
    assert "audit.py:4 in add, 216 B a connection" in said


def test_lines_together_keep_no_more_than_memory_grew_by():
    """Several lines below the bound, which together are above it, are told to turn over for the most part."""
    kept = [Site(file="a.py", line=at, function="f", per_connection_bytes=6.0) for at in range(3)]
    said = texts_in(chart_lines(kept, [], "connection", most_bytes=9.0))
    assert any("at most 9 B per connection, so most of it turns over" in text for text in said)
    alone = texts_in(chart_lines(kept[:1], [], "connection", most_bytes=9.0))
    assert not any("turns over" in text for text in alone)


@pytest.mark.parametrize(
    ("verdict", "is_filling", "most"), [("bounded", False, 9.0), ("bounded", True, None), ("leak", False, None)]
)
def test_only_a_bounded_run_in_which_nothing_fills_tells_what_turns_over(verdict, is_filling, most):
    """Where something leaks, or a cache still fills, what a line allocated may well have stayed."""
    filling = make_finding("registry:app.CACHE", rule=Rule.OWN_BOUND, ci=(0.9, 1.1))
    judged = msgspec.structs.replace(
        with_resolution(judge_run(make_run("bounded")), most_bytes=9.0),
        verdict=verdict,
        findings=[filling] if is_filling else [],
    )
    assert most_growth(judged) == most


def test_the_forest_shows_names_whole():
    """A long name takes two lines; only of one that two cannot hold something is left out."""
    long = "registry server.services.conversations.ChatSessionsOfProjects.messages_by_conversation"
    assert wrap("registry app.A") == "registry app.A"
    assert wrap(long).replace("\n", "") == long
    assert all(len(line) <= NAME_CHARACTERS for line in wrap(long).split("\n"))
    assert "…" in wrap(f"registry {'.'.join(['package'] * 40)}")


def test_bars_of_lines_are_as_long_as_what_they_keep():
    """The largest stands on top, and what allocates nothing has no bar."""
    sites = [
        Site(file="a.py", line=at, function="f", per_connection_bytes=size) for at, size in enumerate((8.0, 64.0, 0.0))
    ]
    chart = chart_lines(sites, sites[:1], "connection")
    (axes,) = axes_of(chart)
    assert [bar.get_width() for bar in axes.patches] == [64.0, 8.0]
    assert [to_hex(bar.get_facecolor()) for bar in axes.patches] == [LIGHT.line, LIGHT.leak]
    figures = {text.get_text(): text.xy for text in axes.texts}
    for bar, said in zip(axes.patches, ("+64 B", "+8.0 B"), strict=True):
        assert figures[said] == (bar.get_width(), pytest.approx(bar.get_y() + bar.get_height() / 2))


def test_the_memory_charts_curves_are_the_readings():
    """RSS is drawn as it was read, with a dotted line at its highest."""
    run = make_run("bounded")
    timeline = Timeline(run)
    (axes,) = axes_of(chart_memory(judge_run(run).findings, timeline))
    _, rss = timeline.lines("process:rss")
    curve = max(
        (line for line in axes.lines if to_hex(line.get_color()) == LIGHT.rss), key=lambda drawn: len(drawn.get_xdata())
    )
    assert (curve.get_ydata().max(), curve.get_ydata()[-1]) == (rss.max(), rss[-1])
    assert any(set(line.get_ydata()) == {rss.max()} and len(line.get_ydata()) == 2 for line in axes.lines)


def test_a_panel_fills_its_picture_down_to_the_labels():
    """Below the axes is room for their labels and no more, and none of them leaves the picture."""
    axes, *_ = panel(make_run("leak"), LOCKS, draw_over_time)
    place, height_px = axes.get_position(), axes.get_figure().get_size_inches()[1] * 72
    assert place.y0 * height_px == pytest.approx(BOTTOM)
    assert (1 - place.y1) * height_px == pytest.approx(BARE_TOP)


def test_a_panels_scale_begins_at_zero_and_leaves_headroom():
    """Growth of a registry is seen against nothing, and the slope's label has room above."""
    axes, finding, _ = panel(make_run("leak"), LOCKS, draw_over_time)
    low, high = axes.get_ylim()
    assert (low, high) == (pytest.approx(-0.02 * finding.peak), pytest.approx(HEADROOM * finding.peak))


def with_accounts(run, accounts):
    """Return the run with such accounts at its rest points, the last one repeated."""
    rests = [sample for sample in run.samples if sample.kind == "rest"]
    for at, sample in enumerate(rests):
        sample.account = accounts[min(at, len(accounts) - 1)]
    return run


def test_the_account_is_stacked_to_rss():
    """The parts lie on each other, what is in use below what is held free, and add up to what RSS was."""
    first = {"files": 20 * MIB, "heap_in_use": 10 * MIB, "python_in_use": 30 * MIB, "python_free": 5 * MIB}
    last = {**first, "python_free": 25 * MIB, "heap_free": 7 * MIB, "arenas": 3.0}
    run = with_accounts(make_run("bounded"), [first, last])
    chart = chart_account(judge_run(run).account, Timeline(run))
    (axes,) = axes_of(chart)
    tops = [band.get_paths()[0].get_extents().y1 / MIB for band in axes.collections if isinstance(band, PolyCollection)]
    assert tops[-5:] == pytest.approx([20, 30, 60, 85, 92])
    said = texts_in(chart)
    assert "7.0 MiB held free by malloc in 3 arenas" in said
    assert "+20.0 MiB since before the first client" in said
    assert chart.description.startswith("RSS rose by 27.0 MiB to 92.0 MiB")


def test_without_an_account_there_is_no_picture_of_it():
    """Runs of before it was read have none."""
    run = make_run("bounded")
    assert chart_account(judge_run(run).account, Timeline(run)) is None


def test_latency_is_drawn_wave_by_wave(leak):
    """Median, tail and worst stand at the end of their lines, as in the text."""
    assert {"p50 4 ms", "p99 19 ms", "max 50 ms"} <= set(leak["latency"])


def test_without_latency_there_is_no_picture_of_it():
    """A load of one's own is not asked how long it took."""
    run = make_run("bounded")
    for wave in run.waves:
        wave.latency_s = {}
    assert "latency" not in draw(run)
