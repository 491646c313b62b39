"""Every warning has its explanation and its sentence, and says what to do."""

from typing import get_args

import pytest

from soakproof import warningcodes
from soakproof.samples import Phase
from soakproof.warningcodes import Value, WarningCode, warn
from soakproof.wording import say_warning
from soakproof.wording.warned import MOMENTS, SENTENCES

PING: dict[str, Value] = {"own_interval_s": 25.0, "interval_s": 2.0, "own_timeout_s": 20.0, "timeout_s": 2.0}
LIMIT: dict[str, Value] = {
    "clients": 2000,
    "of": "open files",
    "found": "1,024 now",
    "limits": "500 clients",
    "remedy": "ulimit -n 2100",
}
WAVE: dict[str, Value] = {"wave": "wave 4", "opened": 1500, "intended": 1600}
SAID = [
    (warn(WarningCode.TEXT, text="as it {stands}"), "as it {stands}"),
    (
        warn(WarningCode.PING_SHORTENED, **PING),
        "ping interval shortened from 25 s to 2 s, its timeout from 20 s to 2 s, so that waves settle (--keep-ping",
    ),
    (warn(WarningCode.PING_KEPT, interval_s=25.0), "the target keeps its ping interval of 25 s, so each wave takes"),
    (warn(WarningCode.NOT_TRACED, pids=[7, 8]), "no line of pid 7, 8 was traced: other interpreters run in it"),
    (warn(WarningCode.NO_ROOM, pid=7, lacks="looking takes 9 MiB"), "pid 7 was not looked through for who keeps what"),
    (warn(WarningCode.CLOCK_RUNS_FAST, speed=60.0), "the target's clock runs 60 times as fast: its sleeps, timers and"),
    (
        warn(WarningCode.CLOCK_NOT_MOVED, install="apt-get install libfaketime"),
        "the target's clock was not moved, because libfaketime is missing: whether what grew empties by its age",
    ),
    (
        warn(WarningCode.LEAP_BROKE, mark_s=3600.0, errors=["TimeoutError: none free"]),
        "as the target's clock leapt to 1 h after the load's end, it met what it had not met before: Timeout",
    ),
    (warn(WarningCode.HEAP_NOT_READ, pids=[7, 8]), "the C heap of pid 7, 8 is not read, nor trimmed: that needs"),
    (
        warn(WarningCode.HEAP_NOT_TOLD, pids=[7], malloc="mimalloc"),
        "the allocator of pid 7 is mimalloc, which does not",
    ),
    (warn(WarningCode.MEMORY_READ_INSIDE, pids=[7, 8]), "the process of pid 7, 8 runs on another host"),
    (warn(WarningCode.PYTHON, version="3.14.2"), "the target: Python 3.14.2 has the incremental collector"),
    (
        warn(WarningCode.TOO_LITTLE, **LIMIT),
        "2,000 clients at once: open files: 1,024 now; 500 clients; ulimit -n 2100",
    ),
    (
        warn(
            WarningCode.CANNOT_DECIDE,
            waves=10,
            of=500,
            per="connection",
            least=0.0070,
            margin=0.005,
            option="--clients",
            wanted_clients=157,
            with_waves=5,
            wanted_waves=16,
        ),
        "10 waves, 500 connections, which tell no less than 0.007 entries per connection from none, and the margin is",
    ),
    (warn(WarningCode.EXTENDED, waves=8, more=3), "undecided after 8 waves; the run extends itself by 3"),
    (
        warn(WarningCode.PATH_FOUND, path="/ws"),
        "clients connect at /ws, the only endpoint that the application's routes have for them (--path names another)",
    ),
    (warn(WarningCode.NO_CONNECTION, error=""), "no connection was made; see locust.log, and whether"),
    (warn(WarningCode.NO_CONNECTION, error="HTTP 403"), "no connection was made (mostly: HTTP 403); see locust.log"),
    (
        warn(WarningCode.NOTHING_RAN, connections=1200, events=["say", "join"]),
        "no line of the application ran in 1,200 connections; have the clients call what it handles (say, join)",
    ),
    (
        warn(WarningCode.NOTHING_RAN, connections=20, events=[]),
        "in 20 connections; have the clients do what its own",
    ),
    (
        warn(
            WarningCode.SERVER_ERRORS,
            errors=1200,
            of=5000,
            per="connection",
            worst="KeyError",
            place="a.py:3",
            times=900,
        ),
        "log shows 1,200 exceptions in 5,000 connections; mostly KeyError, raised at a.py:3, 900 times: what those",
    ),
    (warn(WarningCode.NO_REST_POINT), "no rest point was read; the agent did not answer, see target.log"),
    (warn(WarningCode.NOTHING_COUNTED), "nothing was counted in the target; the agent took no census, see target.log"),
    (
        warn(WarningCode.UNREADABLE, objects=3, kinds=["2 app.Odd (TypeError)", "1 wrapt.Proxy (ValueError)"]),
        "3 objects could not be read: 2 app.Odd (TypeError), 1 wrapt.Proxy (ValueError); what they hold was not",
    ),
    (warn(WarningCode.UNREADABLE, objects=1, kinds=["1 app.Odd (TypeError)"]), "1 object could not be read: 1 app.Odd"),
    (warn(WarningCode.NO_PROCESS_MEMORY), "the memory of the process was never read; see soakproof doctor"),
    (
        warn(WarningCode.PROCESSES_CHANGED, before="drain", gone=[], new=[9]),
        "processes changed before drain: none gone, [9] new; need the same workers throughout",
    ),
    (
        warn(WarningCode.NOT_A_NUMBER, metric="fd:total", value="nan", t_s=3.21),
        "fd:total reads nan at 3.2 s; need a number, so soak again",
    ),
    (warn(WarningCode.NO_END), "the run has no end: soakproof itself was cut short; soak again"),
    (
        warn(WarningCode.ENDED_EARLY, outcome="target-died", reason="exit code 137"),
        "the target died: exit code 137; see target.log and locust.log",
    ),
    (warn(WarningCode.ENDED_EARLY, outcome="unreachable", reason=""), "nobody could connect; see target.log"),
    (
        warn(WarningCode.ENDED_EARLY, outcome="agent-lost", reason="no answer", t_s=12.34, where="trace 9"),
        "the agent was lost in the second pass, 12.3 s into the run: no answer; see target.log",
    ),
    (
        warn(
            WarningCode.ENDED_EARLY,
            outcome="target-died",
            reason="killed by SIGKILL",
            t_s=71.0,
            where="wave 3",
            first_bytes=64 << 20,
            last_bytes=500 << 20,
            connections=4200,
        ),
        "the target died in wave 3, 71 s into the run, at 500.0 MiB of RSS (64.0 MiB at first, 4,200 connections",
    ),
    (
        warn(WarningCode.STOOD_STILL, seconds=29.8, t_s=27.1, where="wave 3"),
        "the target stood still for 30 s in wave 3, 27.1 s into the run: it was stopped",
    ),
    (warn(WarningCode.TOO_FEW_WAVES, waves=3, planned=10), "3 of 10 waves were run; soak again"),
    (warn(WarningCode.NO_REST_AFTER_WAVE, wave=4), "wave 4 has no rest point; the target did not answer then"),
    (
        warn(WarningCode.NOT_REACHED, **WAVE, error=""),
        "wave 4 reached 1,500 of 1,600 connections; lower --clients or --rate, or add --workers",
    ),
    (warn(WarningCode.NOT_REACHED, **WAVE, error="x"), "1,600 connections (mostly: x); see locust.log"),
    (
        warn(WarningCode.FAILURES, wave="held 4", failures=1031, of=6000, per="event", error=""),
        "held 4: 1,031 failures in 6,000 events; see locust.log",
    ),
    (warn(WarningCode.PRESET, name="nicegui", about="NiceGUI"), "preset nicegui: clients come as they do to NiceGUI"),
    (warn(WarningCode.INTERRUPTED), "interrupted: judged on the waves that were finished"),
    (
        warn(WarningCode.UNSETTLED, of=15, points=["wave 4", "drain"]),
        "2 of 15 rest points did not settle and were not judged: wave 4, drain",
    ),
    (warn(WarningCode.IDLE_PROCESSES, pids=[7]), "process 7: no client was seen there, so nothing is known of it"),
    (
        warn(WarningCode.GENERATOR_BUSY, share=0.953, waves=2, of=9, workers=4),
        "generator used 95% of a core in 2 of 9 waves: it was the limit, not the target, and latencies are its own too",
    ),
    (
        warn(WarningCode.GENERATOR_LATE, late_s=1.25, waves=1, of=9),
        "the load generator started clients up to 1.2 s late (99th percentile) in 1 of 9 waves",
    ),
    (
        warn(WarningCode.STILL_FILLING, metric="registry:app.RING", held=450.0, bound=1000.0, unit="entries"),
        "app.RING is still filling (450 of 1,000 entries): what its entries keep grows with it, and was not judged",
    ),
    (
        warn(WarningCode.CACHE_FILLING, metric="heap:sqlite_bytes", held=409_600.0),
        "SQLite's page caches grew all through the run, to 400.0 KiB, within the 2.0 MiB that a connection to a file",
    ),
    (
        warn(WarningCode.BOUND_UNUSED, declared="app:ROOM", nearest="app:ROOMS"),
        "the bound declared for 'app:ROOM' was not used: nothing of that name was seen to change; did you mean 'app:",
    ),
    (
        warn(WarningCode.SETTLING_LENGTHENED, metric="registry:app.CLIENTS", stood_s=3.04),
        "app.CLIENTS was seen to fall after it had stood still for 3.0 s, so waves are given longer",
    ),
]


@pytest.mark.parametrize(("warning", "said"), SAID, ids=[f"{at}-{each.code}" for at, (each, _) in enumerate(SAID)])
def test_a_warning_has_its_sentence(warning, said):
    """Each says what happened, with its values."""
    assert said in say_warning(warning)


def test_no_code_is_without_explanation_sentence_and_test():
    """Whoever adds a code adds all three."""
    assert set(warningcodes.EXPLANATIONS) == set(WarningCode) == set(SENTENCES) == {each.code for each, _ in SAID}


def test_each_phase_is_told_in_which_a_run_can_break():
    """A target that dies as the load comes again died at some time too."""
    assert set(MOMENTS) == set(get_args(Phase))
