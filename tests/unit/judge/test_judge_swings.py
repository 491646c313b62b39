"""What an object of C cleans by itself every so often goes up and down, and holds no verdict back; what rises does."""

from __future__ import annotations

from soakproof.judge import judge_run
from soakproof.judge.codes import Doubt
from soakproof.samples import Metric
from tests.synthetic_runs import feed

CLIENTS = 600
CURSORS = [101, 50, 200, 149, 98, 47, 197, 146, 95]  # weak references to cursors, of which the library drops dead ones
OWNER = "app:DATABASE.<refs>"


def judge(values, owner=OWNER, **others):
    """Return the finding on a container under that path, and the verdict."""
    metric = "registry:" + owner.replace(":", ".")
    infos = [Metric(metric=metric, owner=owner)]
    series = {metric: values, "blocks:80": [48_000.0] * len(values), **others}
    verdict = judge_run(feed(series, clients=CLIENTS, infos=infos))
    return next(each for each in verdict.findings if each.metric == metric), verdict


def test_what_swings_inside_an_object_of_c_holds_no_verdict_back():
    """The list of a connection's cursors asked for 999 waves; its blocks are counted by size, and decide."""
    swinging, verdict = judge(CURSORS)
    assert (swinging.doubt, swinging.is_deciding) == (Doubt.SWINGS, False)
    assert (verdict.verdict, verdict.resolution.entries) == ("bounded", swinging.ci[1])


def test_its_blocks_hold_the_verdict_back():
    """What is not told from growth by its blocks is not told at all."""
    blocks = [48_000 + 9 * each for each in CURSORS]
    assert judge(CURSORS, **{"blocks:80": blocks})[1].verdict == "inconclusive"


def test_what_has_a_name_holds_it_back():
    """A registry that somebody can mend is to be proven."""
    assert judge(CURSORS, "app:SESSIONS")[0].is_deciding


def test_one_fall_is_no_swing():
    """It may be the one that came before the leak."""
    assert judge([200, 150, 50, 60, 70, 75, 80, 88, 95])[0].is_deciding


def test_what_rises_inside_an_object_of_c_is_a_leak():
    """That it has no name acquits nothing."""
    assert judge([float(CLIENTS * at) for at in range(len(CURSORS))])[1].verdict == "leak"
