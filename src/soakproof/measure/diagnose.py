"""The second pass: more waves with tracemalloc on, to learn which line, which chain and which drop mode make a leak."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from soakproof.culprits import Culprit, TypeCount
from soakproof.judge import judge_run
from soakproof.judge.folding import MEMORY
from soakproof.judge.verdict import Finding
from soakproof.measure.blame import add_filling_sites, add_raised, find_event, find_raised, find_swelling
from soakproof.measure.elimination import eliminate
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Observer
from soakproof.measure.ordering import UsualWave
from soakproof.measure.shares import add_shares
from soakproof.measure.soak import Soak
from soakproof.measure.tracedwaves import are_bytes, to_site, trace_lines
from soakproof.measure.triggers import WANTED_ENTRIES as TRIGGER_ENTRIES
from soakproof.measure.triggers import Growth, describe_trigger
from soakproof.metrickinds import CONTAINERS, ELSEWHERE, IN_USE, USED_BY_C, kind_of
from soakproof.samples import Diagnosis, Lines, Metric, Run, Shares
from soakproof.target.link import AgentLink
from soakproof.totals import add_up
from soakproof.warningcodes import WarningCode, warn

FRAMES = 8
TRACED_CLIENTS = 100
UNSUSPECTED_CLIENTS = 40
UNSUSPECTED_FRAMES = 4
FOLLOWED_CLIENTS = 40
MOST_CLIENTS = 400
WANTED_ENTRIES = 2
SEVERAL_PAGES_BYTES = 3 * 4096
MOST_SUSPECTS = 4
MOST_DRAGGED = 6
MOST_ROUNDS = 3  # what is learnt of one may show another to be behind it


class Diagnostician:
    """Runs the second pass for the findings that are suspected, and writes what it learns into the journal.

    ``age`` moves the target's clock on until whatever empties with time is empty, where that was moved before.
    """

    def __init__(
        self,
        soak: Soak,
        usual: UsualWave,
        observer: Observer,
        journal: Journal,
        age: Callable[[], None] | None = None,
    ) -> None:
        self._age = age
        self._soak = soak
        self._usual = usual
        self._observer = observer
        self._journal = journal

    def diagnose(self, suspects: list[Finding], dragged: list[Finding]) -> None:
        """Explain the suspects; with none, only note the growth per allocation site.

        Of further ones, and of what they are thought to drag along, it is only learnt where it is kept.
        """
        suspects, others = suspects[:MOST_SUSPECTS], [*suspects[MOST_SUSPECTS:], *dragged]
        culprits = self._trace(suspects, others[:MOST_DRAGGED])
        causes = [cause for cause in self._causes(culprits) if cause.metric in culprits] or suspects
        self._follow(causes, culprits)
        self._find_triggers(causes, culprits)
        for metric, culprit in culprits.items():
            self._journal.write(Diagnosis(metric=metric, culprit=culprit))

    def _trace(self, suspects: list[Finding], dragged: list[Finding]) -> dict[str, Culprit]:
        """Run waves under tracemalloc, a small one first to pay what tracing itself keeps; read growth and chains."""
        links = self._observer.links()
        clients = self._wave_size(suspects, TRACED_CLIENTS if suspects else UNSUSPECTED_CLIENTS)

        def run_wave(clients: int = clients) -> int:
            return self._usual.denominator(self._soak.run_wave("trace", clients, is_read=False))

        try:
            if not self._start_tracing(links, FRAMES if suspects else UNSUSPECTED_FRAMES):
                return {suspect.metric: self._name(suspect) for suspect in suspects}
            run_wave(min(clients, UNSUSPECTED_CLIENTS))
            lines = trace_lines(links, run_wave, suspects)
            self._journal.write(lines)
            culprits = self._explain(links, [*suspects, *dragged], lines)
            for _ in range(MOST_ROUNDS):
                missing = [cause for cause in self._causes(culprits) if cause.metric not in culprits]
                if not missing:
                    break
                culprits |= self._explain(links, missing, lines)
            self._share_out(links, lines.connections)
            return culprits
        finally:
            for link in links:
                link.request("trace_stop")

    def _share_out(self, links: list[AgentLink], connections: int) -> None:
        """Note to whom belongs what the last traced wave left, unless there are too many objects to look through."""
        answers = [link.request("shares")["shares"] for link in links]
        if all(answer is not None for answer in answers):
            told = [share for answer in answers for share in answer]
            self._journal.write(Shares(connections=connections, shares=add_shares(told, connections)))

    def _start_tracing(self, links: list[AgentLink], frames: int) -> bool:
        """Have every process trace its allocations, and tell of those that must not.

        Return whether there is memory for it in all: else none is looked through, since that might be what ends it.
        """
        started = [(link, link.request("trace_start", frames=frames)) for link in links]
        lacking = [(link.pid, answer["lacks"]) for link, answer in started if answer.get("lacks")]
        for pid, lacks in lacking:
            self._soak.warn(warn(WarningCode.NO_ROOM, pid=pid, lacks=lacks))
        spared: list[int | str] = [
            link.pid for link, answer in started if not answer.get("is_traced", True) and not answer.get("lacks")
        ]
        if spared:
            self._soak.warn(warn(WarningCode.NOT_TRACED, pids=spared))
        return not lacking

    def _name(self, suspect: Finding) -> Culprit:
        """Return what is known of a suspect without looking at it."""
        about = self._journal.metrics.get(suspect.metric) or Metric(metric=suspect.metric)
        return Culprit(owner=about.owner or suspect.name, origin=about.origin, package=about.package)

    def _causes(self, culprits: dict[str, Culprit]) -> list[Finding]:
        """Return the causes as they are judged with what was just learnt: a class may turn out to be kept elsewhere."""
        diagnoses = {metric: Diagnosis(metric=metric, culprit=culprit) for metric, culprit in culprits.items()}
        run = msgspec.structs.replace(self._journal.read(), diagnoses=diagnoses)
        return [each for each in judge_run(run).findings if each.verdict == "leak" and each.is_deciding][:MOST_SUSPECTS]

    def _explain(self, links: list[AgentLink], suspects: list[Finding], lines: Lines) -> dict[str, Culprit]:
        """Ask every process about the suspects at once, and of each take the answer of the one that keeps the most."""
        metrics = self._journal.metrics
        abouts = [metrics.get(suspect.metric) or Metric(metric=suspect.metric) for suspect in suspects]
        subjects = [[about.metric, about.owner] for about in abouts]
        run = self._journal.read()
        asked = [
            link.request(
                "explain", subjects=subjects, among=find_owners(suspects, run), wholly=find_bounded_owners(run)
            )["answers"]
            for link in links
        ]
        culprits = {}
        for suspect, about, answers in zip(suspects, abouts, zip(*asked, strict=True), strict=True):
            answer = max(answers, key=lambda answer: sum(answer.get("types", {}).values()))
            culprits[suspect.metric] = self._blame(suspect, about, answer, lines)
        return culprits

    def _blame(self, suspect: Finding, about: Metric, answer: dict[str, Any], lines: Lines) -> Culprit:
        """Put what the agent told into words of the verdict."""
        connections = lines.connections
        pending = answer.get("pending") or {}
        culprit = Culprit(
            owner=about.owner or suspect.name,
            retainers=[str(step) for step in answer.get("retainers", [])],
            types=[
                TypeCount(name=name, per_connection=round(count / connections, 4))
                for name, count in sorted(answer.get("types", {}).items(), key=lambda item: -item[1])
            ],
            sites=[to_site(site, connections) for site in answer.get("sites", [])],
            origin=about.origin,
            package=about.package,
            note=answer.get("note"),
            within=answer.get("within"),
            part_of=answer.get("part_of"),
            is_garbage=bool(answer.get("is_garbage")),
            held_s=pending.get("after_s"),
            held_by=pending.get("by"),
        )
        return eliminate(culprit, suspect, lines) if suspect.kind in MEMORY else culprit

    def _follow(self, suspects: list[Finding], culprits: dict[str, Culprit]) -> None:
        """Run a wave in which the agent watches the suspected containers line by line, and the handlers' exceptions."""
        if not suspects:
            return
        owners = find_followed(suspects, self._journal.metrics)
        links = self._observer.links()
        for link in links:
            link.request("follow", owners=sorted({owner for owner in owners.values() if owner}))
        wave = self._soak.run_wave("trace", self._wave_size(suspects, FOLLOWED_CLIENTS))
        connections = self._usual.denominator(wave)
        for answer in [link.request("followed") for link in links]:
            for suspect in suspects:
                self._add_followed(answer, owners.get(suspect.metric), suspect, culprits[suspect.metric], connections)

    def _add_followed(
        self, answer: dict[str, Any], owner: str | None, suspect: Finding, culprit: Culprit, connections: int
    ) -> None:
        """Add what one process saw of a suspect: the lines that fill it, in which handler, and which handler fails."""
        if owner in answer["owners"]:
            sites = answer["owners"][owner]
            if suspect.unit == "bytes":
                sites = [{**site, "bytes": site["count"], "count": 0} for site in sites]
            if owner in USED_BY_C:
                sites = find_swelling(sites, suspect, connections)
            add_filling_sites(culprit, sites, connections)
            culprit.event = culprit.event or find_event(answer["events"].get(owner, {}), answer["owners"][owner])
        error = find_raised(answer["raised"], suspect, connections)
        if error is not None and culprit.trigger is None:
            add_raised(culprit, error, connections)
        elif self._usual.is_held and culprit.event and culprit.trigger is None:
            culprit.trigger = f"the event {culprit.event}"

    def _find_triggers(self, suspects: list[Finding], culprits: dict[str, Culprit]) -> None:
        """Where drop modes were mixed, run a wave of each alone, and name those that make the suspects grow."""
        drops = self._usual.drops
        if not suspects or len(drops) == 1 or self._usual.is_held:
            return
        growth: dict[str, dict[str, Growth]] = {suspect.metric: {} for suspect in suspects}
        clients = self._wave_size(suspects, FOLLOWED_CLIENTS, TRIGGER_ENTRIES)
        self._let_age()
        self._soak.read("trace")
        for mode in drops:
            before = last_rest(self._journal.read())
            wave = self._soak.run_wave("trace", clients, drops={mode: 1.0}, is_read=self._age is None)
            if self._age is not None:
                self._let_age()
                self._soak.read("trace")
            after = last_rest(self._journal.read())
            for metric, by_mode in growth.items():
                by_mode[mode] = Growth(after.get(metric, 0.0) - before.get(metric, 0.0), self._usual.denominator(wave))
        for metric, by_mode in growth.items():
            causes = [culprits[metric].trigger, describe_trigger(by_mode)]
            culprits[metric].trigger = "; ".join(filter(None, causes)) or None

    def _let_age(self) -> None:
        if self._age is not None:
            self._age()

    def _wave_size(self, suspects: list[Finding], usual: int, entries: int = WANTED_ENTRIES) -> int:
        """Return how many clients, or events of held ones, it takes to see so many entries of the rarest suspect."""
        wanted = max((wanted_clients(suspect, entries) for suspect in suspects), default=usual)
        return min(max(usual, wanted), MOST_CLIENTS, max(usual, self._usual.size))


def wanted_clients(suspect: Finding, entries: int) -> int:
    """Return how many clients it takes to see so many entries; what C code keeps it takes from malloc by the page."""
    wanted = SEVERAL_PAGES_BYTES if suspect.metric in USED_BY_C else entries
    return math.ceil(wanted / suspect.per_connection) if suspect.per_connection > 0 else 0


def find_followed(suspects: list[Finding], metrics: Mapping[str, Metric]) -> dict[str, str | None]:
    """Return what is measured line by line for each suspect: its container, or bytes and mappings of the process."""
    owners = {suspect.metric: metrics[suspect.metric].owner for suspect in suspects if suspect.metric in metrics}
    owners |= {suspect.metric: IN_USE for suspect in suspects if are_bytes([suspect])}
    themselves = [suspect.metric for suspect in suspects if suspect.kind == "map" or suspect.metric == ELSEWHERE]
    return owners | dict(zip(themselves, themselves, strict=True))


def find_owners(suspects: list[Finding], run: Run) -> list[str]:
    """Return the owner paths of all leaking containers, those included that follow from the suspects."""
    metrics = dict.fromkeys(metric for suspect in suspects for metric in [suspect.metric, *suspect.consequences])
    infos = [run.metrics[metric] for metric in metrics if metric in run.metrics]
    return [info.owner for info in infos if info.owner and kind_of(info.metric) in CONTAINERS]


def find_bounded_owners(run: Run) -> list[str]:
    """Return the owner paths of the containers that are bounded, by their own making or by declaration."""
    declared = run.header.rules.bounds
    infos = [info for info in run.metrics.values() if info.owner]
    bounded = [info.owner for info in infos if info.bound or declared.keys() & {info.owner, info.metric}]
    return [owner for owner in bounded if owner]


def last_rest(run: Run) -> dict[str, float]:
    """Return the metrics of the newest rest point, summed over the processes."""
    last = next((sample for sample in reversed(run.samples) if sample.kind == "rest"), None)
    newest = {
        sample.pid: sample.metrics
        for sample in run.samples
        if last and sample.kind == "rest" and (sample.phase, sample.wave) == (last.phase, last.wave)
    }
    return add_up(newest.values())
