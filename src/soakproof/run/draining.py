"""What the drain waits for, and when it is over: all has emptied, or what leaks is old and nothing of it has gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from soakproof.judge.case import TOTALS
from soakproof.judge.codes import Doubt, Rule
from soakproof.judge.series import above_lowest, lowest_at_rest
from soakproof.judge.verdict import Finding, has_lingered
from soakproof.metrickinds import CONTAINERS, USED_BY_C
from soakproof.samples import Run

EMPTYING_SHARE = 0.5
SEEN_SHARE = 1.5  # of the drain: for so long the oldest entries of a leak are watched, from their coming on
MOST_WAITS = 3  # after the drain, while what empties falls from one look to the next
LEAST_WAIT_S = 12.0  # a few clients have come and gone by then, which some servers wait for


@dataclass(frozen=True)
class Drain:
    """What a drain waits for: that no counter stands above its floor.

    ``restless`` are open metrics that no counter tells of, ``leaks`` what is convicted so far and a counter tells of;
    ``left_s`` is when the clients had left whose entries are the oldest, in seconds since the run began, None where no
    container leaks.
    """

    floors: dict[str, float]
    restless: frozenset[str]
    leaks: frozenset[str]
    left_s: float | None

    def is_empty(self, counters: dict[str, float]) -> bool:
        """Whether all has emptied, by the counters."""
        return not self.restless and self.are_down(counters)

    def are_down(self, counters: dict[str, float]) -> bool:
        """Whether all counters are, whatever is open besides."""
        return all(counters.get(name, floor + 1) <= floor for name, floor in self.floors.items())

    def least_s(self, began_s: float, longest_s: float) -> float:
        """Return how long is waited at least for a leak of which nothing goes.

        What the first wave has left is as old as the run: of a registry that forgets after a while it goes first. So it
        need not be waited for as long again after the last wave.
        """
        if self.left_s is None:
            return longest_s
        seen_s = began_s - self.left_s
        return min(max(SEEN_SHARE * longest_s - seen_s, LEAST_WAIT_S), longest_s)

    def has_fallen(self, before: dict[str, float], counters: dict[str, float]) -> bool:
        """Whether any of what leaks is less than at the drain's begin."""
        return any(counters.get(name, 0.0) < before.get(name, 0.0) for name in self.leaks)


def plan_drain(findings: list[Finding], run: Run) -> Drain | None:
    """Return what is to be waited for; None where nothing is open."""
    opened = {each.metric for each in list_open(findings)}
    if not opened:
        return None
    floors = lowest_at_rest(run)
    leaks = [each for each in list_open(findings) if each.verdict == "leak" and each.metric in floors]
    is_kept = any(each.kind in CONTAINERS for each in leaks)
    return Drain(
        floors=floors,
        restless=frozenset(opened & above_lowest(run) - set(floors)),
        leaks=frozenset(each.metric for each in leaks),
        left_s=first_left_s(leaks, run) if is_kept else None,
    )


def first_left_s(leaks: list[Finding], run: Run) -> float | None:
    """Return when the first clients had left of whom everything is there still; None where all are held.

    They are the first of all, of the warm-up, where its last rest point counted an entry for each that came until then.
    """
    came = sum(wave.opened for wave in run.waves if wave.phase == "warmup")
    are_all_there = all(leak.first >= leak.ci[0] * came for leak in leaks)
    phases = {"warmup", "wave"} if are_all_there else {"wave"}
    is_in_waves = any(wave.phase == "wave" for wave in run.waves)
    return next((wave.t_end_s for wave in run.waves if wave.phase in phases), None) if is_in_waves else None


def list_open(findings: list[Finding]) -> list[Finding]:
    """Return what the verdict hangs on and is not bounded."""
    return [each for each in findings if each.is_deciding and each.verdict != "bounded"]


def is_untouched(findings: list[Finding]) -> bool:
    """Whether a container leaks that the drain has not touched: whatever else empties, that is the verdict."""
    leaks = (each for each in list_open(findings) if each.verdict == "leak" and each.kind in CONTAINERS)
    return not all(map(is_emptying, leaks))


def is_emptying(finding: Finding) -> bool:
    """Whether most of what it held went in the drain, yet some is left: of those who came in the drain, it may be.

    Of totals, which begin at thousands, the judge says so.
    """
    is_waited_for = finding.is_deciding and finding.verdict != "bounded" and is_counted(finding)
    return is_waited_for and (finding.doubt == Doubt.EMPTYING or 0 < finding.last <= EMPTYING_SHARE * finding.peak)


def comes_to_rest(left_of: Callable[[], Mapping[str, float]], wait: Callable[[], None]) -> bool:
    """Wait while something falls from one look to the next, ``MOST_WAITS`` times; return whether all came to rest.

    ``left_of`` looks, and returns what is left of each metric that empties. The last look is after the last wait.
    """
    before: Mapping[str, float] = {}
    for waits in range(MOST_WAITS + 1):
        left = left_of()
        if not any(now < before.get(metric, now + 1) for metric, now in left.items()):
            return True
        if waits < MOST_WAITS:
            wait()
        before = left
    return False


def are_drains_to_compare(findings: list[Finding]) -> bool:
    """Whether only that is open of which two drains tell more than one: totals, and what emptied but for a rest.

    Totals are blocks, objects and what C has in use beside them, and no rule decides them. A registry that went up and
    down has a line that says little, and what two drains leave of it says all; a total that grew beside it may have
    grown by what it holds, whatever was found of that. Bytes alone are told apart by more waves, unless it is by what
    lingered that they grew.
    """
    opened = list_open(findings)
    is_any_emptying = any(each.doubt == Doubt.EMPTYING for each in opened if each.kind not in TOTALS)
    are_comparable = all(
        is_comparable(each) and (each.rule == Rule.UNDECIDED or (is_any_emptying and each.kind in TOTALS))
        for each in opened
    )
    may_be_told = any(map(is_counted, opened)) or (opened and any(map(has_lingered, findings)))
    return bool(may_be_told) and are_comparable


def is_counted(finding: Finding) -> bool:
    """Whether it is counted one by one, as the length of buffers is, too; other bytes drift."""
    return finding.unit != "bytes" or finding.kind == "buffer"


def is_comparable(finding: Finding) -> bool:
    """Whether what two drains left of it may be compared."""
    if finding.kind in TOTALS:
        return finding.unit != "bytes" or finding.metric in USED_BY_C
    return finding.kind == "buffer" or is_emptying(finding)  # texts go with the table that holds them
