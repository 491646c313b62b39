"""Two runs, slope against slope."""

import msgspec
import pytest

from soakproof.compare import Comparison, bytes_per_client, compare_runs, subtract
from soakproof.judge import judge_run
from soakproof.judge.slopes import Interval
from soakproof.plans import Margins, Rules
from soakproof.wording.changes import say_comparison_reason
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import feed, make_run

MANY = 20


@pytest.fixture(scope="module")
def base():
    """A healthy base."""
    return make_run(seed=3)


def change_of(comparison, metric):
    return next(change for change in comparison.changes if change.metric == metric)


def grow(run, metric, per_connection):
    """Let a metric of the run's rest points gain so much per connection."""
    for sample in run.samples:
        if sample.kind == "rest":
            sample.metrics[metric] = sample.metrics.get(metric, 0.0) + per_connection * sample.connections
    return run


@pytest.mark.parametrize("seed", range(MANY))
def test_clean_runs_do_not_regress(base, seed):
    """Another run of the same healthy server is not worse."""
    comparison = compare_runs(base, make_run(seed=100 + seed))
    assert (comparison.verdict, comparison.exit_code) == ("bounded", 0)


def test_new_leak_is_a_regression_with_its_line(base):
    """A registry that leaks in the new run alone is named first, with the line, and its bytes only told."""
    comparison = compare_runs(base, make_run("leak"))
    assert (comparison.verdict, comparison.exit_code) == ("regression", 1)
    assert comparison.changes[0].metric == LOCKS
    assert say_comparison_reason(comparison).endswith("at server/documents.py:88")
    assert not change_of(comparison, "heap:in_use_bytes").is_deciding
    assert not change_of(comparison, "heap:blocks").is_deciding


def test_several_leaks_are_counted(base):
    """The sentence names the first of three and says that there are more."""
    assert say_comparison_reason(compare_runs(base, make_run("library"))).endswith("; and 2 more")


def test_two_hundred_bytes_a_connection_are_a_regression_by_line(base):
    """Bytes that swell without a count are convicted by themselves; the lines of the second pass name the place."""
    new = grow(make_run(seed=9), "heap:in_use_bytes", 200.0)
    new.lines = make_run("leak").lines
    comparison = compare_runs(base, new)
    assert comparison.verdict == "regression"
    assert comparison.changes[0].metric == "heap:in_use_bytes"
    assert "server/documents.py:88" in say_comparison_reason(comparison)


def test_bytes_that_stay_open_decide_nothing(base):
    """A drift below the strict margin is told, and the verdict is that of the counts."""
    comparison = compare_runs(base, grow(make_run(seed=9), "heap:in_use_bytes", 45.0))
    assert comparison.verdict == "bounded"
    assert not change_of(comparison, "heap:in_use_bytes").is_deciding


def test_lingering_is_no_regression(base):
    """What is bounded by itself is not worse, however its slope looks."""
    assert compare_runs(base, make_run("lingering")).verdict == "bounded"


def test_old_leak_is_no_regression():
    """A base that leaks alike is told, and passes; one that leaked less does not."""
    comparison = compare_runs(make_run("leak"), make_run("leak", seed=9))
    assert (comparison.verdict, comparison.exit_code) == ("bounded", 0)
    assert say_comparison_reason(comparison).endswith("; it leaks as the base does")
    assert compare_runs(make_run("rare"), make_run("leak")).verdict == "regression"


def test_undecided_is_inconclusive(base):
    """A slope at the margin leaves the comparison open; it passes where only leaks are to fail."""
    new = make_run("inconclusive")
    comparison = compare_runs(base, new)
    assert (comparison.verdict, comparison.exit_code) == ("inconclusive", 3)
    assert say_comparison_reason(comparison).endswith("; run more waves")
    assert compare_runs(base, new, Rules(fail_on="leak")).exit_code == 0


def test_too_few_points_are_inconclusive(base):
    """A run that did not settle is not green."""
    comparison = compare_runs(base, make_run("unsettled"))
    assert comparison.verdict == "inconclusive"
    assert say_comparison_reason(comparison).endswith("run more waves (--waves 8)")


@pytest.mark.parametrize(("is_new_dead", "name"), [(True, "new"), (False, "base")])
def test_invalid_runs_are_not_compared(base, is_new_dead, name):
    """A run that is invalid cannot be compared, whichever of the two it is."""
    runs = (base, make_run("died")) if is_new_dead else (make_run("died"), base)
    comparison = compare_runs(*runs)
    assert (comparison.verdict, comparison.exit_code, comparison.changes) == ("invalid", 4, [])
    assert say_comparison_reason(comparison).startswith(f"the {name} run cannot be compared: the target died")


def test_metric_the_base_never_named_did_not_move_there(base):
    """A new container that leaks is compared with no growth."""
    new = feed({"container:app:seen": [600.0 * at for at in range(11)]})
    assert change_of(compare_runs(base, new), "container:app:seen").base_per_connection == 0.0


def test_one_borderline_type_among_many_is_no_regression(base):
    """Among hundreds of types one that grows a little by chance proves nothing."""
    new = make_run(seed=5)
    rests = [sample for sample in new.samples if sample.kind == "rest"]
    wobble = [0, 60, 20, 130, 110, 190, 160, 260, 250, 320, 300, 380, 390, 390, 390]
    for sample, value in zip(rests, wobble, strict=True):
        sample.metrics["type:app.Wobble"] = float(value)
        sample.metrics |= {f"type:app.T{at}": 5.0 for at in range(800)}
    rules = Rules(margins=Margins(objects=0.036))
    assert change_of(compare_runs(base, new, rules), "type:app.Wobble").verdict == "inconclusive"


def test_difference_has_the_spread_of_both():
    """Two intervals of ±3 and ±4 make one of ±5 (MOVER)."""
    assert subtract(Interval(10.0, 7.0, 13.0), Interval(2.0, -2.0, 6.0)) == Interval(8.0, 3.0, 13.0)


def test_peak_memory_is_told_per_client(base):
    """Peak RSS above the first reading, per client open at the peak; nothing where it cannot be told."""
    assert 30_000 < bytes_per_client(base, judge_run(base)) < 60_000
    blind = make_run()
    for sample in blind.samples:
        sample.metrics.pop("process:rss", None)
    assert bytes_per_client(blind, judge_run(blind)) is None


def test_comparison_goes_through_json(base):
    """The answer reads back from JSON as it was."""
    comparison = compare_runs(base, make_run("leak"))
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison


def test_native_memory_is_one_regression():
    """The heap's growth is that of the process too: one of them is the regression, the other follows."""
    comparison = compare_runs(make_run(), make_run("native"))
    worse = [change.metric for change in comparison.changes if change.verdict == "regression"]
    assert set(worse) == {"heap:in_use_bytes", "process:uss", "process:rss"}
    assert say_comparison_reason(comparison).startswith("heap:in_use_bytes gains +1")
    assert "; and" not in say_comparison_reason(comparison)
