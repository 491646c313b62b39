"""The numbers of waves that a person is told while a run goes on."""

from __future__ import annotations

from soakproof.measure.wavenumbers import WaveNumbers


class Heard:
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    def phase(self, name):
        self.told.append(name)

    def wave(self, index, total):
        self.told.append(f"{index} of {total}")


def test_no_wave_is_told_of_beyond_the_total():
    """Waves are counted by themselves, an extension raises the total before it begins, and the second pass has none."""
    heard = Heard()
    numbers = WaveNumbers(heard, 3)
    numbers.tell("warmup")
    numbers.plan(2)
    numbers.tell("wave")
    numbers.tell("wave")
    numbers.plan(2)
    numbers.tell("wave")
    numbers.tell("wave")
    numbers.tell("trace")
    numbers.tell("trace")
    second_pass = ["second pass, wave 1", "second pass, wave 2"]
    assert heard.told == ["1 of 3", "2 of 3", "3 of 3", "4 of 5", "5 of 5", *second_pass]
