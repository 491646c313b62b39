"""Several processes as one: what they hold together."""

import numpy as np

from soakproof.samples import Sample
from soakproof.totals import add_columns, add_standing, add_up


def test_readings_are_added_metric_by_metric():
    """A metric that one process has not counts as 0 there; of no process there is nothing."""
    assert add_up([{"a": 1.0, "b": 2.0}, {"a": 10.0}]) == {"a": 11.0, "b": 2.0}
    assert add_up([]) == {}


def test_columns_are_added_point_by_point():
    """What one of them misses is missing of both; of no process there are no points."""
    both = {1: np.array([1.0, 2.0, np.nan]), 2: np.array([10.0, 20.0, 30.0])}
    np.testing.assert_array_equal(add_columns(both), [11.0, 22.0, np.nan])
    assert add_columns({}).shape == (0,)


def test_a_reading_stands_until_the_next_of_its_process():
    """Processes are read one after another: each value is what both held then, a sample without it changes nothing."""
    readings = [(1, {"a": 1.0}), (2, {"a": 10.0}), (1, {}), (2, {"a": 20.0}), (1, {"a": 2.0})]
    samples = [
        Sample(t_s=float(at), kind="tick", phase="steady", pid=pid, connections=0, metrics=metrics)
        for at, (pid, metrics) in enumerate(readings)
    ]
    times, values = add_standing(samples, "a")
    assert (times.tolist(), values.tolist()) == ([0.0, 1.0, 3.0, 4.0], [1.0, 11.0, 21.0, 22.0])
