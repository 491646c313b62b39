"""CommandLoad: waves made by somebody's command."""

import time

import psutil
import pytest

from soakproof.errors import ConfigError, LoadError
from soakproof.load.orders import Order
from soakproof.load.processes.command_load import CommandLoad
from tests.unit.load.load_server import wait_until


@pytest.fixture
def run(tmp_path):
    loads = []

    def begin(command, **order):
        load = CommandLoad(command, "http://h:5", 5, tmp_path / "load.log")
        loads.append(load)
        load.start()
        load.begin(Order(**{"index": 3, "phase": "wave", "clients": 7, "drops": {"close": 1}, **order}))
        return load

    yield begin
    for load in loads:
        load.stop()


def test_a_wave_is_one_run_with_its_fields_filled_in(run, tmp_path):
    """URL, port, clients and wave stand in the command; its clients count as connections; other braces are its own."""
    load = run("echo {url} {port} {clients} {wave} '{\"a\": 1}'")
    wait_until(lambda: load.progress().is_done)
    assert (tmp_path / "load.log").read_text() == 'http://h:5 5 7 3 {"a": 1}\n'
    tally = load.tally()
    assert (tally.intended, tally.opened, tally.peak_clients, tally.dropped) == (7, 7, 7, {"command": 7})


def test_clients_are_open_while_it_runs(run):
    """As many as it was asked for; none once it has exited."""
    load = run("sleep 0.3")
    assert (load.progress().open, load.progress().is_done) == (7, False)
    wait_until(lambda: load.progress().is_done)
    assert load.progress().open == 0
    assert load.tally().rate_achieved < 30


def test_the_cpu_of_a_command_is_counted(run):
    """What it spends is in the account."""
    load = run("python3 -c 'exec(\"import time\\nwhile time.process_time() < 0.2: pass\")'")
    wait_until(lambda: load.progress().is_done)
    assert load.tally().cpu_s > 0.15  # the kernel counts in hundredths of a second


def test_a_command_that_fails_ends_the_run_with_its_last_words(run):
    """Exit code and last lines are in the sentence."""
    load = run("echo first; echo no such scenario >&2; exit 3")
    with pytest.raises(LoadError, match=r"exit code 3; its last lines: first \| no such scenario$"):
        wait_until(lambda: load.progress().is_done)


def test_stopping_ends_its_children_too(run, tmp_path):
    """What the command started is gone within 2 s, also when it ignores being asked."""
    load = run(f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/pid; wait; sleep 60")
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    pid = int((tmp_path / "pid").read_text())
    began = time.monotonic()
    load.stop()
    load.stop()
    assert time.monotonic() - began < 2.0
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_command_has_no_steady_phase(run):
    """The sentence says which option to give."""
    with pytest.raises(ConfigError, match="give --steady 0"):
        run("true", phase="steady", rate=1.0, seconds=1.0)
