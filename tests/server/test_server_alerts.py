"""When an alert is raised, when it is cleared, and when it is not raised again."""

from __future__ import annotations

import pytest

from server.monitor.alerts import MB, Alerts, Rule, measure_growth, rules_for
from server.monitor.history import History

RULE = Rule("memory", "rss_bytes", 100.0, 90.0, "bytes")


def turns(values, every_s=60.0, cooldown_s=600.0):
    """Feed values to one rule; return +1 for raised, -1 for cleared, 0 for nothing, for each."""
    alerts = Alerts([RULE], cooldown_s)
    marks = []
    for number, value in enumerate(values):
        turned = alerts.evaluate({"rss_bytes": value}, number * every_s)
        marks.append(0 if not turned else 1 if turned[0].is_active else -1)
    return marks


def test_an_alert_fires_once():
    """Above the threshold it is raised once, however long it lasts."""
    assert turns([50, 101, 150, 101, 101]) == [0, 1, 0, 0, 0]


def test_an_alert_clears_with_hysteresis():
    """It clears well below the threshold, not at it, and dithering raises nothing."""
    assert turns([101, 99, 101, 95, 90, 89]) == [1, 0, 0, 0, 0, -1]


def test_the_threshold_itself_is_no_alert():
    """Above means above."""
    assert turns([100, 100.001]) == [0, 1]


def test_an_alert_cools_down():
    """Cleared and above again, it is raised again only ten minutes after it was raised."""
    assert turns([101, 80] * 6) == [1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1]


def test_a_gap_changes_nothing():
    """A reading that failed neither raises nor clears."""
    assert turns([None, 101, None, 80]) == [0, 1, 0, -1]


def test_the_rules_are_those_of_the_specification():
    """1024 MB for the process, 85 % of the machine, 20 % growth, and each registry's bound."""
    rules = {rule.name: rule for rule in rules_for({"document_locks": 10})}
    assert rules["process_memory"].raise_above == 1024 * MB
    assert rules["system_memory"].raise_above == 85
    assert rules["memory_growth"].raise_above == 20
    assert rules["registry_document_locks"].raise_above == 10


@pytest.mark.parametrize(
    ("sizes", "growth"),
    [
        ([100] * 11, 0.0),
        ([100] * 10 + [121], 21.0),
        ([1] + [100] * 10 + [100], 0.0),
        ([100] * 10, None),
        ([None] + [100] * 10, None),
        ([100] * 10 + [None], None),
        ([100, *[None] * 9, 150], 50.0),
    ],
)
def test_growth_is_over_ten_samples(sizes, growth):
    """The last sample against the tenth before it; unknown where one of them is missing."""
    history = History(("rss_bytes",))
    for size in sizes:
        history.append({"rss_bytes": size})
    measured = measure_growth(history)
    assert measured == (None if growth is None else pytest.approx(growth))
