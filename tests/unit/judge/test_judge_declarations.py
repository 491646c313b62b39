"""A declared bound that is of nothing is told, with the name that was most likely meant."""

import msgspec
import pytest

from soakproof.judge import judge_run
from soakproof.plans import Bound
from soakproof.warningcodes import WarningCode
from tests.synthetic_runs import make_run


def unused(*names):
    """Return what is told of bounds declared under these names."""
    run = make_run("leak")
    rules = msgspec.structs.replace(run.header.rules, bounds={name: Bound(max_items=10_000) for name in names})
    warnings = judge_run(run, rules).warnings
    return [each.values for each in warnings if each.code == WarningCode.BOUND_UNUSED]


def test_a_misspelt_name_is_told_with_the_nearest():
    """The bound of a registry with a slip in its name held nothing, and nobody said so."""
    run = make_run("leak")
    (owner, *_) = [info.owner for info in run.metrics.values() if info.owner]
    assert unused(owner + "S") == [{"declared": owner + "S", "nearest": owner}]


def test_a_name_like_no_other_is_told_without():
    """There is nothing to propose."""
    assert unused("§") == [{"declared": "§", "nearest": ""}]


@pytest.mark.parametrize("name_of", [lambda info: info.owner, lambda info: info.metric, lambda info: info.metric[9:]])
def test_names_that_are_used_are_not_told(name_of):
    """A bound is found by owner, by metric and by name, as the judge looks for it."""
    info = next(info for info in make_run("leak").metrics.values() if info.metric.startswith("registry:"))
    assert unused(name_of(info)) == []
