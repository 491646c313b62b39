"""Growth per line of code: one traced wave, or as many as it takes to tell growth from turnover."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit
from soakproof.measure.elimination import eliminate
from soakproof.measure.tracedwaves import MIDDLE_OF, MOST_WAVES, to_site, trace_lines
from tests.fed_series import make_finding

CONNECTIONS = 100
LEAK, RING, CACHE, LARGE = 31, 46, 60, 75
BYTES = {LARGE: 300}  # of an allocation; of other lines 40
FRAMES = [
    {"file": "app.py", "line": 9, "function": "serve", "origin": "application"},
    {"file": "/usr/lib/python3/dist-packages/lib.py", "line": 5, "function": "run", "origin": "library"},
    {"file": "app.py", "line": LEAK, "function": "connect", "origin": "application"},
    {"file": "app.py", "line": RING, "function": "note", "origin": "elsewhere"},
]
TOLD = {"file": "app.py", "line": LEAK, "function": "connect", "source": "SEEN[sid] = True"}


class Agent:
    """Answers as an agent whose lines gain so much in one wave after the other: ``{line: allocations}`` each."""

    def __init__(self, *waves, sizes=None, stacks=()):
        self._waves = list(waves)
        self._stacks = list(stacks)
        self._sizes = sizes or {}
        self.asked = []

    def request(self, op, **fields):
        self.asked.append(op)
        if op == "trace_mark":
            return {}
        if op == "describe_lines":
            return {"sites": [{**TOLD, "file": file, "line": at} for file, at in fields["lines"]]}
        if op == "trace_stacks":
            return {"stacks": self._stacks, "frames": FRAMES}
        gains = self._waves.pop(0) if len(self._waves) > 1 else self._waves[0]
        sites = [
            {"file": "app.py", "line": at, "count": gain, "bytes": BYTES.get(at, 40) * gain} | self._sizes_of(at)
            for at, gain in gains.items()
            if gain > 0
        ]
        return {"sites": sites, "count": sum(gains.values())}

    def _sizes_of(self, line):
        return {"sizes": self._sizes[line]} if line in self._sizes else {}


def trace(suspects, *agents):
    ran = []

    def run_wave():
        ran.append(CONNECTIONS)
        return CONNECTIONS

    lines = trace_lines(agents, run_wave, suspects)
    return lines, [site.line for site in lines.sites], len(ran)


def test_growth_is_given_per_connection():
    """A line's bytes and allocations are divided by the connections of the traced wave."""
    site = to_site({**TOLD, "bytes": 21_200, "count": 50}, connections=CONNECTIONS)
    assert (site.per_connection_bytes, site.per_connection, site.function) == (212.0, 0.5, "connect")


@pytest.mark.parametrize(
    "suspects", [[], [make_finding("registry:app:SEEN")], [make_finding("heap:blocks"), make_finding("type:app.Lock")]]
)
def test_one_wave_tells_enough_where_something_is_known_to_hold_it(suspects):
    """Containers and classes are explained by what is new in them; the lines with the most bytes come first."""
    lines, order, waves = trace(suspects, Agent({LEAK: 20, RING: 200}))
    assert (order, waves) == ([RING, LEAK], 1)
    assert lines.connections == CONNECTIONS


def test_of_blocks_waves_go_on_until_the_old_is_replaced():
    """A ring that goes round looks like growth until what is older than the tracing is gone; then the leak is left."""
    blocks = make_finding("heap:blocks", per_connection=0.5, ci=(0.4, 0.6))
    turning = [{LEAK: 50, RING: 250}, {LEAK: 50, RING: 120}, {LEAK: 50, RING: 60}]
    lines, order, waves = trace([blocks], Agent(*turning, {LEAK: 50, RING: 0}))
    assert (order, waves) == ([LEAK], 3 + 2)
    assert lines.sites[0].per_connection == pytest.approx(0.5)
    assert (lines.sites[0].function, lines.connections) == ("connect", CONNECTIONS)


def test_what_gains_more_than_the_leak_comes_last():
    """A ring larger than all traced waves goes on gaining as it did: so much more than the suspect is no part of it."""
    blocks = make_finding("heap:blocks", per_connection=0.5, ci=(0.4, 0.6))
    lines, order, waves = trace([blocks], Agent({LEAK: 50, RING: 250}))
    assert (order, waves) == ([RING, LEAK], MIDDLE_OF)
    assert [site.line for site in eliminate(Culprit(owner="blocks"), blocks, lines).sites] == [LEAK, RING]


def test_turnover_of_other_sizes_is_not_waited_for():
    """Lost blocks of 48 bytes: that larger ones are still replaced costs no wave."""
    lost = make_finding("blocks:48", per_connection=0.5, ci=(0.4, 0.6))
    _, order, waves = trace([lost], Agent({LEAK: 50, LARGE: 900}, {LEAK: 50, LARGE: 500}, {LEAK: 50, LARGE: 200}))
    assert (order[-1], waves) == (LEAK, MIDDLE_OF)


def test_turnover_of_the_size_is_waited_for():
    """While a ring of such blocks goes round it gains more than the leak, and ever less."""
    lost = make_finding("blocks:48", per_connection=0.5, ci=(0.4, 0.6))
    _, _, waves = trace([lost], Agent({LEAK: 50, RING: 250}, {LEAK: 50, RING: 120}, {LEAK: 50, RING: 60}, {LEAK: 50}))
    assert waves == 3 + 2


def test_of_one_size_the_line_nearest_to_the_growth_comes_first():
    """Timers of clients that have just gone gained 0.13, and were put before the leak of 0.10."""
    lost = make_finding("blocks:48", per_connection=0.1, ci=(0.088, 0.113))
    lines, _, _ = trace([lost], Agent({RING: 13, LEAK: 10, CACHE: 2}))
    assert [site.line for site in eliminate(Culprit(owner="48"), lost, lines).sites] == [LEAK, RING, CACHE]


def test_of_several_sizes_on_a_line_the_one_that_is_suspected_counts():
    """A line that leaves a number and a record is found by each, and before one that leaves as many numbers alone."""
    lost = make_finding("blocks:32", per_connection=2.0, ci=(1.9, 2.1))
    sizes = {LEAK: {"32": 100, "64": 100}, RING: {"32": 100}}
    lines, _, _ = trace([lost], Agent({LEAK: 200, RING: 100}, sizes=sizes))
    assert [site.line for site in eliminate(Culprit(owner="32"), lost, lines).sites] == [LEAK, RING]
    assert lines.sites[0].sizes == {"32": 1.0, "64": 1.0}
    larger = make_finding("blocks:64", per_connection=1.0, ci=(0.9, 1.1))
    assert eliminate(Culprit(owner="64"), larger, lines).sites[0].line == LEAK


def test_what_comes_and_goes_falls_out():
    """A line that gains in one wave and loses in the next is no leak, however much it gains."""
    blocks = make_finding("heap:blocks", per_connection=0.5, ci=(0.4, 0.6))
    _, order, waves = trace([blocks], Agent({LEAK: 50, CACHE: 90}, {LEAK: 50, CACHE: -90}, {LEAK: 50, CACHE: 0}))
    assert (order, waves) == ([LEAK], MIDDLE_OF)


def test_waves_come_to_an_end_where_turnover_does_not():
    """A cache that renews itself ever more slowly leaves the lines as they were last seen."""
    ever_less = [{LEAK: 50, RING: 2**exponent} for exponent in range(20, 0, -1)]
    _, order, waves = trace([make_finding("heap:objects", ci=(0.4, 0.6))], Agent(*ever_less))
    assert (order[0], waves) == (RING, MOST_WAVES)


def test_lines_of_several_processes_add_up_wave_by_wave():
    """Each process is marked before each wave, and a line gains what it gains in all of them."""
    agents = Agent({LEAK: 20}), Agent({LEAK: 30})
    lines, _, waves = trace([make_finding("heap:blocks", ci=(0.4, 0.6))], *agents)
    assert lines.sites[0].per_connection == pytest.approx(0.5)
    assert agents[1].asked == [*["trace_mark", "trace_growth"] * waves, "trace_stacks"]


def test_of_bytes_a_table_that_is_made_anew_once_is_no_growth():
    """The index of a library grows in one wave of three, by much; what swells does so in each."""
    in_use = make_finding("heap:in_use_bytes", per_connection=20.0)
    lines, order, waves = trace([in_use], Agent({LEAK: 50, CACHE: 900}, {LEAK: 50}, {LEAK: 50}))
    assert (order, waves) == ([LEAK], MIDDLE_OF)
    assert lines.sites[0].per_connection_bytes == pytest.approx(20.0)


def stack(frames, line, size, count=10):
    return {"frames": frames, "line": line, "bytes": size, "count": count}


def test_stacks_share_what_their_line_gained():
    """Two ways to one line split its gain as they grew, whatever else came by them in the last wave."""
    agent = Agent({LEAK: 20}, stacks=[stack([0, 2], 2, 1500, 30), stack([0, 1, 2], 2, 500, 10)])
    lines, _, _ = trace([make_finding("registry:app:SEEN")], agent)
    assert [each.per_connection_bytes for each in lines.stacks] == [6.0, 2.0]
    assert sum(each.per_connection_bytes for each in lines.stacks) == lines.sites[0].per_connection_bytes
    assert lines.stacks[0].per_connection == pytest.approx(0.12)
    paths = [[lines.frames[at].function for at in each.frames] for each in lines.stacks]
    assert paths == [["serve", "connect"], ["serve", "run", "connect"]]
    assert {lines.frames[each.line].line for each in lines.stacks} == {LEAK}
    assert "lib.py" in [frame.file for frame in lines.frames]


def test_stacks_of_lines_that_came_to_nothing_are_left_out():
    """A ring that was made anew in the last wave alone is no way to what stays."""
    blocks = make_finding("heap:blocks", per_connection=0.5, ci=(0.4, 0.6))
    agent = Agent({LEAK: 50}, {LEAK: 50}, {LEAK: 50, RING: 90}, stacks=[stack([0, 3], 3, 3600), stack([0, 2], 2, 2000)])
    lines, _, _ = trace([blocks], agent)
    assert [[lines.frames[at].function for at in each.frames] for each in lines.stacks] == [["serve", "connect"]]


def test_stacks_of_several_processes_add_up():
    """The same way in two workers is one stack, and an origin that nobody knows is the application's."""
    agents = [Agent({RING: 20}, stacks=[stack([0, 3], 3, 800)]) for _ in range(2)]
    lines, _, _ = trace([], *agents)
    (only,) = lines.stacks
    assert only.per_connection_bytes == lines.sites[0].per_connection_bytes == 16.0
    assert lines.frames[only.line].origin == "application"
