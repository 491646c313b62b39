"""The observer: reads the target's processes, through their agents and from outside, and yields Samples."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from soakproof.errors import AgentError
from soakproof.metrickinds import ELSEWHERE
from soakproof.samples import Executed, Metric, Phase, Sample
from soakproof.target.fakeclock import TargetClock
from soakproof.target.link import AgentLink
from soakproof.target.residence import ReadMemory, choose_reader, read_cpu_s
from soakproof.target.roster import Roster
from soakproof.totals import add_up
from soakproof.warningcodes import RunWarning, WarningCode, warn

MOST_TOLD = 5  # kinds of what could not be read


class Moment(msgspec.Struct, kw_only=True):
    """Where in the run a reading is taken; what every sample of it carries."""

    phase: Phase
    wave: int | None
    connections: int
    events: int = 0
    clients: int = 0
    straining: int = 0
    late_s: float = 0.0


class Heap(msgspec.Struct, frozen=True):
    """What is alive after a collection: objects, and the connection objects of Engine.IO among them.

    ``is_collected`` is false where a target has its collector switched off: then much of it is garbage.
    """

    objects: int
    connections: int
    is_collected: bool = True


class Observer:
    """Reads all processes of a target.

    ``clock`` gives seconds since the run began; ``find_links`` gives the agents of the processes that serve; ``trims``
    says whether malloc gives free memory back at each rest point; ``target_clock`` is theirs, where it is moved.
    """

    def __init__(
        self,
        find_links: Callable[[], list[AgentLink]],
        clock: Callable[[], float],
        target_clock: TargetClock | None = None,
        *,
        trims: bool = True,
    ) -> None:
        self._trims = trims
        self._roster = Roster(find_links)
        self._find_links = self._roster.links
        self._clock = clock
        self._target_clock = target_clock
        self._readers: dict[AgentLink, ReadMemory] = {}
        self._unreadable: dict[int, dict[str, int]] = {}
        self._silent: dict[int, str] = {}
        self._first: dict[int, float] = {}
        self._stopped_s = 0.0

    def ahead_s(self) -> float:
        """Return by how many seconds the target's clock is ahead of ours."""
        return 0.0 if self._target_clock is None else round(self._target_clock.ahead_s(), 3)

    def _speed(self) -> float:
        return 1.0 if self._target_clock is None else self._target_clock.speed

    def links(self) -> list[AgentLink]:
        """Return the agents of the processes that serve."""
        return self._find_links()

    def tick(self, moment: Moment) -> list[Sample]:
        """Read the cheap counters of each process while the load runs, and learn which of them take clients."""
        readings = [(link, metrics) for link in self._roster.candidates() if (metrics := self._count(link)) is not None]
        for link, metrics in readings:
            self._roster.note(link.pid, metrics)
        self._stopped_s = max((link.stopped_s for link, _ in readings), default=0.0)
        return [
            self._sample(link, moment, "tick", metrics)
            for link, metrics in readings
            if self._roster.is_judged(link.pid)
        ]

    def bystanders(self) -> list[str]:
        """Return a sentence on each process that holds the application, yet is not judged."""
        return self._roster.bystanders()

    def most_serving(self) -> int:
        """Return how many processes may come to share the clients."""
        return self._roster.most_serving()

    def stopped_s(self) -> float:
        """Return for how long its processes were stopped while they were asked something, until the last tick."""
        return self._stopped_s

    def ended(self) -> list[int]:
        """Return the processes that took clients, and have ended since."""
        return self._roster.ended()

    def _count(self, link: AgentLink) -> dict[str, float] | None:
        """Return the cheap counters of a process, None of a bystander that ends meanwhile."""
        try:
            counted: dict[str, float] = link.request("counters")["metrics"]
        except AgentError:
            if self._roster.is_judged(link.pid):
                raise
            return None
        return counted

    def counters(self) -> dict[str, float]:
        """Return the cheap counters, summed over the processes."""
        return add_up(link.request("counters")["metrics"] for link in self._find_links())

    def heap(self) -> Heap:
        """Collect garbage in each process and return what is alive in all."""
        answers = [link.request("objects", collect=True) for link in self._find_links()]
        return Heap(
            objects=sum(int(answer["objects"]) for answer in answers),
            connections=sum(int(answer["connections"]) for answer in answers),
            is_collected=all(answer["collected"] for answer in answers),
        )

    def hurry_sweeps(self) -> None:
        """Have Engine.IO let go of closed sockets, those that its sweep still iterates over included."""
        for link in self._find_links():
            link.request("sweep")

    def rest(self, moment: Moment, *, is_settled: bool) -> tuple[list[Sample], list[Metric]]:
        """Take a whole census of each process at a rest point."""
        samples, infos = [], []
        for link in self._find_links():
            answer = link.request("census", collect=True, trim=self._trims)
            sample = self._sample(link, moment, "rest", answer["metrics"])
            sample.is_settled = is_settled
            sample.pause_s = float(answer.get("pause_s", 0.0)) / self._speed()
            sample.never_again = {name: (dead, of) for name, (dead, of) in answer.get("never_again", {}).items()}
            sample.cpu_s = read_cpu_s(link)
            sample.account = {name: float(value) for name, value in answer.get("account", {}).items()}
            sample.metrics.update(self._elsewhere(link.pid, sample.account))
            samples.append(sample)
            infos.extend(to_metrics(answer, link.pid))
            self._note_unreadable(link.pid, answer)
        return samples, infos

    def _elsewhere(self, pid: int, account: Mapping[str, float]) -> dict[str, float]:
        """Return by how much a process has more than at first that no allocator tells of."""
        elsewhere = account.get("elsewhere")
        return {} if elsewhere is None else {ELSEWHERE: elsewhere - self._first.setdefault(pid, elsewhere)}

    def _note_unreadable(self, pid: int, answer: dict[str, Any]) -> None:
        """Remember of each process the census that could read the least, and whether its allocator is silent."""
        if answer.get("silent_malloc"):
            self._silent[pid] = str(answer["silent_malloc"])
        skipped = answer.get("unreadable") or {}
        if sum(skipped.values()) > sum(self._unreadable.get(pid, {}).values()):
            self._unreadable[pid] = skipped

    def unreadable(self) -> Iterator[RunWarning]:
        """Warn of what could not be read in the target."""
        if self._silent:
            pids: list[int | str] = [*self._silent]
            yield warn(WarningCode.HEAP_NOT_TOLD, pids=pids, malloc=next(iter(self._silent.values())))
        skipped: Counter[str] = Counter()
        for counts in self._unreadable.values():
            skipped.update(counts)
        told: list[int | str] = [f"{count:,} {name}" for name, count in skipped.most_common(MOST_TOLD)]
        more = ["..."] if len(skipped) > MOST_TOLD else []
        if skipped:
            yield warn(WarningCode.UNREADABLE, objects=skipped.total(), kinds=[*told, *more])

    def discover(self) -> tuple[list[Metric], list[str]]:
        """Take a census while clients are connected: who has gained entries? Return what it says, and whom to watch."""
        infos: list[Metric] = []
        grown: set[str] = set()
        for link in self._find_links():
            answer = link.request("census", collect=False, trim=False, discover=True)
            infos.extend(to_metrics(answer, link.pid))
            self._note_unreadable(link.pid, answer)
            grown.update(answer.get("grown", []))
        return infos, sorted(grown)

    def executed(self, *, mark: bool = False) -> Executed:
        """Return what of the application has run since the mark, all processes together; with ``mark`` set it anew."""
        answers = [link.request("executed", mark=mark) for link in self._find_links()]
        return Executed(
            functions=max((int(answer["functions"]) for answer in answers), default=0),
            ran=max((int(answer["ran"]) for answer in answers), default=0),
            events=sorted({str(event) for answer in answers for event in answer["events"]}),
        )

    def watch(self, owners: list[str]) -> None:
        """Have the cheap counters read these containers from now on."""
        for link in self._find_links():
            link.request("watch", owners=owners)

    def set_ping(self, interval_s: float | None, timeout_s: float | None) -> tuple[float | None, float | None]:
        """Set the ping of every Engine.IO server (None restores its own), in true seconds; return what it was."""
        previous: dict[str, Any] = {}
        by_its_clock = [None if seconds is None else seconds * self._speed() for seconds in (interval_s, timeout_s)]
        for link in self._find_links():
            told = link.request("ping", interval_s=by_its_clock[0], timeout_s=by_its_clock[1])
            previous = told.get("previous") or {}
        return previous.get("interval_s"), previous.get("timeout_s")

    def _sample(self, link: AgentLink, moment: Moment, kind: str, metrics: dict[str, float]) -> Sample:
        return Sample(
            t_s=round(self._clock(), 4),
            kind="rest" if kind == "rest" else "tick",
            phase=moment.phase,
            wave=moment.wave,
            pid=link.pid,
            connections=moment.connections,
            events=moment.events,
            clients=moment.clients,
            straining=moment.straining,
            late_s=moment.late_s,
            ahead_s=self.ahead_s(),
            metrics={**metrics, **self._read_memory(link, is_whole=kind == "rest")},
        )

    def _read_memory(self, link: AgentLink, *, is_whole: bool) -> dict[str, float]:
        """Return RSS, and at rest points USS too."""
        if link not in self._readers:
            self._readers[link] = choose_reader(link)
        return self._readers[link](is_whole=is_whole)


def to_metrics(answer: dict[str, Any], pid: int) -> list[Metric]:
    """Return what a census of a process says about the containers and types that it reports for the first time.

    Raises:
        AgentError: it says it in no way that an agent of this version does.
    """
    try:
        return [msgspec.convert({**info, "pid": pid}, Metric, strict=False) for info in answer.get("infos", [])]
    except (TypeError, msgspec.ValidationError) as error:
        raise AgentError(f"agent of pid {pid}: its census describes what it has counted wrongly ({error})") from error


def make_clock() -> Callable[[], float]:
    """Return a clock that gives seconds since now."""
    started = time.monotonic()
    return lambda: time.monotonic() - started
