"""Sentences on the settings of the allocator that were tried."""

from __future__ import annotations

import shlex

from soakproof.trials import AS_IT_IS, CONFIDENCE, Effect, Remedy
from soakproof.wording.numbers import say_bytes, say_milliseconds

COLUMNS = (
    "setting",
    "peak RSS",
    "settled RSS",
    "of which free",
    "against as it is",
    "CPU per connection",
    "latency p95",
)


def say_remedy_found(remedy: Remedy) -> str:
    """Return what to set and by how much it helps, or that nothing here does; without a full stop."""
    effect = next((each for each in remedy.effects if each.setting == remedy.recommended), None)
    if effect is None:
        return "No setting that was tried surely makes the process a tenth smaller"
    usual = next(each for each in remedy.effects if each.setting == AS_IT_IS)
    sizes = f"{say_bytes(usual.settled_bytes)} → {say_bytes(effect.settled_bytes)}"
    return (
        f"Set {say_variables(effect)}: {sizes}, {say_ratio(effect)} of what it is, {effect.cpu_ratio:.2f} times the CPU"
    )


def say_variables(effect: Effect) -> str:
    """Return the variables as one types them in front of a command."""
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in effect.variables.items())


def say_ratio(effect: Effect) -> str:
    """Return settled RSS against the server as it is, with its interval."""
    low, high = effect.ratio_ci
    return (
        f"{effect.ratio:.2f} [{low:.2f}, {high:.2f}] ({CONFIDENCE:.0%})" if effect.trials > 1 else f"{effect.ratio:.2f}"
    )


def rows_of(remedy: Remedy) -> list[tuple[str, ...]]:
    """Return the table, a row for each setting, as `COLUMNS` names its columns."""
    return [
        (
            effect.setting,
            say_bytes(effect.peak_bytes),
            say_bytes(effect.settled_bytes),
            say_bytes(effect.free_bytes),
            "" if effect.setting == AS_IT_IS else say_ratio(effect),
            f"{effect.cpu_ms_per_connection:.2f} ms",
            say_milliseconds(effect.latency_p95_s),
        )
        for effect in remedy.effects
    ]
