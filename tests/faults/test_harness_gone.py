"""soakproof killed, interrupted or unheard: nothing that it started is left, and nothing that it measured is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.soaking import soakproof
from soakproof.target.link import AgentLink
from soakproof.target.started import find_free_port, is_listening
from tests.runningsoaks import APPS, BRIEF, TELLING, running_soak, wait_until

ENDS_WITHIN_S = 5.0
MOMENTS = 7  # of a soak, and three soaks in a campaign
LONGEST_S = 16.0  # in these seconds a brief soak goes through its phases
KILLED = "SIGKILL of soakproof"
STUBBORN = """
setsid sleep 4001 &
env -i sleep 4002 &
python3 -c 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(4003)' &
exec "$@"
"""


def strangers(soak):
    """Return the processes that sleep in the target's session without its environment."""
    listed = subprocess.run(["ps", "-eo", "pid,sid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, session, words in rows if words == "sleep 4002" and int(session) in sessions(soak)]


def sessions(soak):
    return {os.getsid(pid) for pid in soak.started()}


def kill_and_time(soak, *others):
    """Kill soakproof, and return the seconds until nothing of what it started is left."""
    soak.process.kill()
    soak.process.wait()
    killed_s = time.monotonic()
    wait_until(lambda: not soak.started() and not any(Path(f"/proc/{pid}").exists() for pid in others), ENDS_WITHIN_S)
    return time.monotonic() - killed_s


def judged(directory):
    """Judge and report what a killed soak has left; return what was said, whichever way that is."""
    said = soakproof("judge", "out", directory=directory)
    reported = soakproof("report", "out", "--format", "md,json", directory=directory)
    assert "Traceback" not in said.printed + reported.printed, said.printed + reported.printed
    return said, reported


@pytest.mark.fault(
    "harness", KILLED, "target, load and what they started end within 5 s, children that ignore SIGTERM included"
)
def test_nothing_survives_it(tmp_path, happened):
    """A server that leaves children in other sessions, without an environment, deaf to SIGTERM: all are gone."""
    (tmp_path / "serve.sh").write_text(STUBBORN)
    server = ["sh", "serve.sh", sys.executable, "-m", "uvicorn", "held_chat:app", "--app-dir", APPS, "--port", "{port}"]
    with running_soak(tmp_path, "--workers", 2, *BRIEF, server=[*server, "--workers", 2]) as soak:
        wait_until(soak.clients)
        others, started = strangers(soak), len(soak.started())
        directories = list(Path("/tmp").glob(f"soakproof-{soak.process.pid}-*"))
        assert len(others) == 1
        assert started >= 8
        assert directories
        seconds = kill_and_time(soak, *others)
        wait_until(lambda: not any(path.exists() for path in directories), ENDS_WITHIN_S)
    happened(f"{started + len(others)} processes of target and load were gone after {seconds:.1f} s, and the sockets")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.fault("harness", f"{KILLED} at {MOMENTS} random moments", "nothing is left; judge and report read the run")
def test_random_moments(tmp_path, happened):
    """At whatever moment: all is gone within 5 s, and what was written is judged up to its last whole line."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    longest_s, read = 0.0, 0
    for number in range(MOMENTS):
        directory = tmp_path / str(number)
        directory.mkdir()
        with running_soak(directory, *BRIEF) as soak:
            if number % 3:  # else while it starts
                wait_until(lambda: soak.records("header"))
            time.sleep(moments.uniform(0.3, LONGEST_S))
            longest_s = max(longest_s, kill_and_time(soak))
        said, reported = judged(directory)
        if soak.records("header"):
            assert (said.exit_code in {0, 3, 4}, reported.exit_code) == (True, 0), said.printed
            assert soak.records("end") or said.exit_code == 4, said.printed
            read += 1
        else:
            assert (said.exit_code, reported.exit_code) == (2, 2), said.printed
    happened(
        f"the slowest was gone after {longest_s:.1f} s; {read} runs were judged and reported, of {MOMENTS - read} "
        f"nothing had been measured yet, and that was said (seed {seed})"
    )


@pytest.mark.slow
@pytest.mark.fault("harness", f"{KILLED} while --load runs a command", "the command, and what it started, ends too")
def test_a_command_of_ones_own(tmp_path, happened):
    """A load that does not watch its standard input, and has children, is ended as Locust is."""
    load = "sleep 4004 & sleep 4005"
    with running_soak(tmp_path, *BRIEF, "--load", load) as soak:
        wait_until(lambda: len(soak.started()) >= 5)
        seconds = kill_and_time(soak)
    happened(f"gone after {seconds:.1f} s")


@pytest.mark.slow
@pytest.mark.fault("harness", f"{KILLED} while it was attached", "a server that it did not start goes on, as it was")
def test_an_attached_server_goes_on(tmp_path, happened):
    """Its process is the same, it answers, and its ping is what it was."""
    port = find_free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", "attached_app:app", "--port", str(port), "--log-level", "warning"]
    agents = tmp_path / "agent"
    server = subprocess.Popen(uvicorn, cwd=APPS, env={**os.environ, "SOAKPROOF_AGENT_DIR": str(agents)})
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_listening(url) and list(agents.glob("*.sock")))
        attach = ["--attach", next(agents.glob("*.sock")), "--url", url, "--ping", 1]
        with running_soak(tmp_path, *BRIEF, *attach, server=[]) as soak:
            wait_until(soak.clients)
            seconds = kill_and_time(soak)
        time.sleep(1.0)  # were it to be ended, it would be by now
        assert server.poll() is None
        link = AgentLink(next(agents.glob("*.sock")))
        assert {engine["ping_interval_s"] for engine in link.hello["engines"]} == {25}
        link.close()
    finally:
        server.kill()
        server.wait()
    happened(f"the load was gone after {seconds:.1f} s; the server answers, its ping at 25 s again")


@pytest.mark.slow
@pytest.mark.fault("harness", "Ctrl-C, and once more while the reports are written", "130, and how they are had")
def test_a_second_interrupt(tmp_path, happened):
    """Who will not wait for the reports is told what writes them, and it does."""
    with running_soak(tmp_path, *BRIEF) as soak:
        wait_until(lambda: soak.waves() > 1)
        soak.process.send_signal(signal.SIGINT)
        wait_until((soak.out / "verdict.json").exists)
        soak.process.send_signal(signal.SIGINT)
        assert soak.end() == 130
    assert "before all reports were written; what was measured is kept: soakproof report out" in soak.said
    assert judged(tmp_path)[1].exit_code == 0
    happened("130; the sentence names the command that writes them, and it did")


@pytest.mark.slow
@pytest.mark.fault("harness", "the terminal is closed", "an interrupt: 130, with reports")
def test_the_terminal_is_gone(tmp_path, happened):
    """A pseudo-terminal whose other end is closed takes no reports with it."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "wb", 0) as terminal, running_soak(tmp_path, *BRIEF, stdout=terminal) as soak:
        wait_until(lambda: soak.waves() > 1)
        os.close(ours)
        soak.process.send_signal(signal.SIGHUP)
        assert soak.end() == 130
    assert soak.records("end")[-1]["outcome"] == "interrupted"
    assert (soak.out / "report.html").exists()
    happened("130; all reports are there")


@pytest.mark.slow
@pytest.mark.fault(
    "harness", "the output goes into `head`", "the run goes on, unread; reports, and the right exit code"
)
def test_nobody_reads_the_output(tmp_path, happened):
    """The reader has its line and leaves: the exit code is the verdict's, and no leak is made of it."""
    with running_soak(tmp_path, *BRIEF, *TELLING, stdout=subprocess.PIPE) as soak:
        soak.process.stdout.readline()
        soak.process.stdout.close()
        code = soak.end()
    verdict = soak.verdict()
    assert (code, verdict["exit_code"]) == (3, 3)
    assert verdict["connections"] == 100
    assert (soak.out / "report.html").exists()
    happened("all five waves were made; exit code 3 as the verdict's, all reports are there")


@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_stored_run_into_head(tmp_path, command):
    """The exit code is that of the verdict, not the 1 with which others end when nobody reads."""
    run = Path(__file__).parents[2] / "reports" / "baselines" / "reference-server"
    (tmp_path / "run.jsonl").write_bytes((run / "run.jsonl").read_bytes())
    arguments = [sys.executable, "-m", "soakproof", command, "run.jsonl", *(["--format=text"] * (command == "report"))]
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
