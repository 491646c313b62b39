"""What the report must say about how a run was measured, before its first reading."""

from __future__ import annotations

from collections.abc import Iterator

from soakproof.measure.settle import Ping
from soakproof.target.link import AgentLink
from soakproof.target.residence import is_here
from soakproof.wording.interpreters import caveat_of

SLOW_PING_S = 5.0


def of_ping(own: Ping, ping: Ping) -> Iterator[str]:
    """Say that the target's ping is not its own, or that its own makes each rest point wait."""
    if ping != own:
        yield (
            f"ping interval shortened from {own.interval_s:g} s to {ping.interval_s:g} s, "
            f"its timeout from {own.timeout_s:g} s to {ping.timeout_s:g} s, so that waves settle "
            "(--keep-ping leaves them)"
        )
    elif own.interval_s > SLOW_PING_S:
        yield (
            f"the target keeps its ping interval of {own.interval_s:g} s, so each wave takes at least so long to "
            "settle (--ping 1 shortens it for the time of the run)"
        )


def of_memory(links: list[AgentLink]) -> Iterator[str]:
    """Say whose memory is read by the process itself, because it is not to be seen from here."""
    pids = [str(link.pid) for link in links if not is_here(link)]
    if pids:
        yield (
            f"the process of pid {', '.join(pids)} runs on another host or in a container: it reads its memory itself"
        )


def of_pythons(links: list[AgentLink]) -> Iterator[str]:
    """Say what limits the readings under a Python that a process of the target runs on."""
    versions = sorted({str(link.hello.get("python", "")) for link in links})
    yield from (f"the target: {caveat}" for caveat in map(caveat_of, versions) if caveat)
