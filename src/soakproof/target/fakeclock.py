"""The clock of a started target, moved by libfaketime: it leaps, or runs faster, while everybody else's stays true.

libfaketime reads a file at each look at the clock: an offset, and a rate that counts from when the first process of the
target loaded it (docs/adr/0150). So what is written here is worked out from that moment, which the target's agent is
asked for once (`TargetClock.calibrate`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from soakproof.errors import TargetError

SHARED = Path("/dev/shm")  # noqa: S108  # where libfaketime keeps what the target's processes share
TRIAL_RATE = 2.0
LATE_S = 0.02  # until the file is read anew: what the clock may have run on by, and is not to be set back by
WAKE_S = 0.05
LATE_BY_TARGET_S = 0.5  # how late a wait that has to be awakened may end by the target's clock, however fast it runs
SHORTEST_WAKE_S = 0.002
FASTEST_RATE, SLOWEST_RATE = 200.0, 20.0  # of a busy machine, where ten minutes take half a minute then
NEVER_BACK_S = 1e-4
UPTIME_SHARE = 0.2
PAUSE_S = 0.03  # for those who were awakened to look at the clock
ANSWERED_S = 0.25  # in which who waits for an answer has it, on a busy machine too

AskTime = Callable[[float | None], list[float]]  # wakes all sleeping threads, now and every so often; answers times


class TargetClock:
    """Where the target's clock stands, and how fast it goes; made before the target starts.

    ``library`` is libfaketime, ``file`` what it is to read, ``speed`` how fast the clock runs all along.
    """

    def __init__(self, library: Path, file: Path, speed: float = 1.0) -> None:
        self.speed = speed
        self._library = library
        self._file = file
        self._rate = speed
        self._offset_s = 0.0
        self._began_s = time.time()
        self._awaken: AskTime = lambda _every_s: []
        self._write(0.0, speed)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return ``base`` with the library preloaded, behind any that is preloaded already."""
        preloaded = base.get("LD_PRELOAD", "")
        told = {
            "LD_PRELOAD": f"{preloaded}:{self._library}" if preloaded else str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }
        waking = {"SOAKPROOF_WAKING_MS": str(round(1000 * wake_every_s(self.speed)))} if self.speed > 1 else {}
        return {**base, **told, **waking}

    def calibrate(self, awaken: AskTime) -> None:
        """Find out from when on the rate counts, by what the target's clock says now.

        Raises:
            TargetError: it says what every other clock says: the library was not loaded.
        """
        self._awaken = awaken
        rate = self.speed if self.speed > 1 else TRIAL_RATE
        self._write(0.0, rate)
        asked_s = time.time()
        times = self._awaken(None)
        now_s = (asked_s + time.time()) / 2
        told_s = max(times, default=now_s)
        if told_s - now_s < NEVER_BACK_S:
            raise TargetError(
                "the target's clock could not be moved: libfaketime was preloaded, and had no effect; need LD_PRELOAD "
                "and FAKETIME_TIMESTAMP_FILE left in its environment"
            )
        self._began_s = (rate * now_s - told_s) / (rate - 1)
        self.run_at(self.speed)

    def ahead_s(self) -> float:
        """Return by how many seconds the target's clock is ahead of all others."""
        return self._ahead_at(time.time())

    def leap(self, seconds: float) -> None:
        """Have the clock leap ahead, and wake who sleeps: by leaps no longer than a share of the machine's uptime.

        What is being waited for at that moment comes as it always does, and only then are those awakened who wait on:
        a supervisor that asks whether its worker is alive would find its patience over before the answer (uvicorn).
        libfaketime (0.9.10) asks the system to sleep until a time before its start where a deadline has passed by more
        than that, and `time.sleep` of Python 3.11 and newer would raise an error for it.
        """
        while seconds > 0:
            step_s = min(seconds, UPTIME_SHARE * time.monotonic())
            self._awaken(None)
            self._move(self.ahead_s() + step_s, self._rate)
            time.sleep(ANSWERED_S)
            self.wake()
            seconds -= step_s
            if seconds > 0:
                time.sleep(PAUSE_S)

    def run_at(self, rate: float) -> None:
        """Have the clock go so many times as fast from now on, and wake who sleeps."""
        self._move(self.ahead_s() + LATE_S * max(self._rate - rate, 0.0), rate)
        self.wake()

    def wake(self) -> None:
        """Wake who sleeps: processes that have come since the clock was moved, too."""
        self._awaken(wake_every_s(self._rate))

    def remove(self, pids: list[int]) -> None:
        """Remove the file, and what the target's processes have left in shared memory if they were killed."""
        for path in (self._file, *(SHARED / name for pid in pids for name in shared_names(pid))):
            with suppress(OSError):
                path.unlink()

    def _ahead_at(self, now_s: float) -> float:
        return self._offset_s + (now_s - self._began_s) * (self._rate - 1)

    def _move(self, ahead_s: float, rate: float) -> None:
        """Write a new offset and rate; once more where that took so long that the clock might have been set back."""
        now_s, before = time.time(), self._rate
        self._write(ahead_s - (now_s - self._began_s) * (rate - 1), rate)
        late_s = time.time() - now_s
        if late_s > LATE_S and before > rate:
            self._write(self._offset_s + late_s * (before - rate), rate)

    def _write(self, offset_s: float, rate: float) -> None:
        """Put what libfaketime is to read in the place of what it read, in one step."""
        self._offset_s, self._rate = offset_s, rate
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset_s:+.6f} x{rate:g}")
        fresh.replace(self._file)


def wake_every_s(rate: float) -> float:
    """Return how often sleepers are to be awakened, by a clock that runs so fast."""
    return max(min(WAKE_S, LATE_BY_TARGET_S / rate), SHORTEST_WAKE_S) * rate


def fastest_rate(late_s: float) -> float:
    """Return how fast the clock may run where sleepers go on so late once they are awakened, in true seconds.

    By the target's clock they are less than a second late then, which is what schedulers forgive.
    """
    return min(max(LATE_BY_TARGET_S / max(late_s, 1e-9), SLOWEST_RATE), FASTEST_RATE)


def shared_names(pid: int) -> tuple[str, str]:
    """Return the names under which libfaketime shares memory between a process and its children."""
    return f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"
