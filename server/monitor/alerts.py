"""Alerts: raised once above a threshold, cleared well below it, and not raised again at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.clock import to_ms
from server.monitor.history import History

MB = 2**20
GROWTH = "growth_percent"
GROWTH_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """When to alert: ``reading`` above ``raise_above``; over again below ``clear_below``."""

    name: str
    reading: str
    raise_above: float
    clear_below: float
    unit: str


@dataclass(slots=True)
class AlertState:
    """What is known of a rule. ``raised_s`` is when it was raised last, of the server's clock."""

    rule: Rule
    is_active: bool = False
    raised_s: float | None = None
    times_raised: int = 0
    value: float | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return it as clients, the webhook and the routes get it."""
        return {
            "name": self.rule.name,
            "is_active": self.is_active,
            "value": self.value,
            "threshold": self.rule.raise_above,
            "unit": self.rule.unit,
            "raised_at": None if self.raised_s is None else to_ms(self.raised_s),
            "times_raised": self.times_raised,
        }


def rules_for(bounds: Mapping[str, float]) -> list[Rule]:
    """Return the rules: process, system, growth, and one per registry's bound."""
    registries = [Rule(f"registry_{name}", name, bound, bound * 0.9, "entries") for name, bound in bounds.items()]
    return [
        Rule("process_memory", "rss_bytes", 1024 * MB, 0.95 * 1024 * MB, "bytes"),
        Rule("system_memory", "system_percent", 85.0, 80.0, "percent"),
        Rule("memory_growth", GROWTH, 20.0, 10.0, "percent"),
        *registries,
    ]


def measure_growth(history: History) -> float | None:
    """Return by how many percent the resident set grew over the last ten samples; None without them, or at a gap."""
    sizes = history.column("rss_bytes", GROWTH_SAMPLES + 1)
    if len(sizes) <= GROWTH_SAMPLES or not sizes[0] or sizes[-1] is None:
        return None
    return 100.0 * (sizes[-1] / sizes[0] - 1.0)


class Alerts:
    """The state of all rules. Times are the server's clock's."""

    def __init__(self, rules: list[Rule], cooldown_s: float = 600.0) -> None:
        self.states = {rule.name: AlertState(rule) for rule in rules}
        self._cooldown_s = cooldown_s

    def evaluate(self, sample: Mapping[str, float | None], now_s: float) -> list[AlertState]:
        """Look at a sample; return the alerts that were raised or cleared by it. A gap changes nothing."""
        return [state for state in self.states.values() if self._has_turned(state, sample, now_s)]

    def active(self) -> list[AlertState]:
        """Return the alerts that stand."""
        return [state for state in self.states.values() if state.is_active]

    def _has_turned(self, state: AlertState, sample: Mapping[str, float | None], now_s: float) -> bool:
        value = sample.get(state.rule.reading)
        if value is None:
            return False
        state.value = value
        if state.is_active:
            state.is_active = value >= state.rule.clear_below
            return not state.is_active
        if value <= state.rule.raise_above or self._is_cooling(state, now_s):
            return False
        state.is_active, state.raised_s = True, now_s
        state.times_raised += 1
        return True

    def _is_cooling(self, state: AlertState, now_s: float) -> bool:
        return state.raised_s is not None and now_s - state.raised_s < self._cooldown_s
