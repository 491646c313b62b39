"""By how much memory rises while clients strain the server, from ticks alone."""

import pytest

from soakproof.judge.strain import find_strain
from soakproof.judge.verdict import Strain
from soakproof.wording.strain import say_strain
from tests.synthetic_drafts import MIB, PID
from tests.synthetic_runs import make_run

BEFORE = 80 * MIB
CLIENTS = 50


def strain(run, wave, rss, clients=CLIENTS):
    """Have the ticks of a wave read this: RSS just before the clients begin to strain, then meanwhile."""
    ticks = [tick for tick in run.samples if tick.kind == "tick" and tick.wave == wave and tick.pid == PID]
    run.samples = [sample for sample in run.samples if sample not in ticks]
    for at, value in enumerate(rss):
        tick = ticks[0]
        added = type(tick)(
            **{name: getattr(tick, name) for name in tick.__struct_fields__}
            | {"t_s": tick.t_s + at, "straining": clients if at else 0, "metrics": {"process:rss": value}}
        )
        run.samples.append(added)
    return run


def judged_waves(run):
    return [wave.index for wave in run.waves if wave.phase == "wave"]


def test_no_strain_is_no_finding():
    """Clients that leave as usual are told of nowhere."""
    assert find_strain(make_run()) is None


def test_the_worst_wave_is_told():
    """Of several the one in which most was taken, over what there was just before."""
    run = make_run()
    first, second = judged_waves(run)[:2]
    strain(run, first, [BEFORE, BEFORE + 10 * MIB, BEFORE + 10 * MIB])
    strain(run, second, [BEFORE, BEFORE + 20 * MIB, BEFORE + 20 * MIB, BEFORE + 20 * MIB])
    found = find_strain(run)
    assert (found.wave, found.clients, found.seconds) == (second, CLIENTS, 2.0)
    assert (found.bytes_before, found.bytes_more, found.is_rising) == (BEFORE, 20 * MIB, False)


def test_memory_that_still_rises_at_the_end_is_bounded_by_time_alone():
    """A server that queues without a limit gains for as long as the client stays."""
    run = make_run()
    wave = judged_waves(run)[0]
    strain(run, wave, [BEFORE + at * 5 * MIB for at in range(9)])
    found = find_strain(run)
    assert found.is_rising
    assert found.bytes_more == 40 * MIB


def test_processes_are_added_up():
    """Of two that serve, what was before is both of them, and not the one that was read first."""
    run = make_run()
    wave = judged_waves(run)[0]
    strain(run, wave, [BEFORE, BEFORE, BEFORE + 10 * MIB, BEFORE + 10 * MIB])
    for tick in [sample for sample in run.samples if sample.wave == wave and sample.kind == "tick"]:
        tick.straining = CLIENTS
        copy = type(tick)(**{name: getattr(tick, name) for name in tick.__struct_fields__} | {"pid": PID + 1})
        run.samples.insert(run.samples.index(tick) + 1, copy)
    assert find_strain(run).bytes_more == 20 * MIB


def test_warm_up_is_not_judged():
    """The first wave pays for what every later one has."""
    run = make_run()
    warmup = next(wave.index for wave in run.waves if wave.phase == "warmup")
    strain(run, warmup, [BEFORE, BEFORE + 100 * MIB])
    assert find_strain(run) is None


@pytest.mark.parametrize(
    ("more", "is_rising", "said"),
    [
        (100 * MIB, False, "took up to 100.0 MiB more than before, 2.0 MiB each; then grew no more"),
        (100 * MIB, True, "2.0 MiB each; it was still growing when they were gone: time alone bounds it"),
        (MIB / 2, False, "took no more memory than can be told from none (1.0 MiB in all)"),
    ],
)
def test_it_is_said_in_a_sentence(more, is_rising, said):
    """How many, for how long, how much each, and what bounds it."""
    found = Strain(wave=3, clients=50, seconds=9.6, bytes_before=BEFORE, bytes_more=more, is_rising=is_rising)
    assert say_strain(found).startswith("While 50 clients strained it, for 9.6 s, the server ")
    assert said in say_strain(found)
