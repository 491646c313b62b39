"""Attaching: a server that somebody else started, with `soakproof.agent.start` called in it."""

from __future__ import annotations

from pathlib import Path

from soakproof.errors import AgentError, ConfigError, TargetError
from soakproof.target.link import AgentLink
from soakproof.target.started import is_listening, poll_until

SERVING_GRACE_S = 5.0


class AttachedTarget:
    """A running server: the agent behind a socket, or all those in a directory of sockets (a server of many workers).

    The sockets may be forwarded from another host or container. What a run asks of an agent is undone by the agent
    when the connection ends, whichever side ends it.
    """

    log = None

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self.command: list[str] = []
        self._links: list[AgentLink] = []

    def start(self) -> None:
        """Connect to its agents, and see that it serves."""
        self._locate()
        if not is_listening(self.url):
            raise TargetError(f"{self.url}: nothing listens there; need the address of the server attached to")
        self._links = self._connect()
        serving = await_serving(self._links)
        for link in self._links:
            if link not in serving:
                link.close()
        self._links = serving
        self.command = [str(word) for word in self._links[0].hello.get("argv", [])]

    def _locate(self) -> None:
        """See that its address is known."""
        if "{port}" in self.url:
            raise ConfigError("--attach needs --url too: where does the running server listen?")

    def _connect(self) -> list[AgentLink]:
        return connect_all(self.path)

    def links(self) -> list[AgentLink]:
        """Return the agents of the processes that serve."""
        return self._links

    def check_alive(self) -> None:
        """Raise TargetError when one of its processes is gone, or can be reached no more."""
        for link in self._links:
            if not link.is_open():
                raise TargetError(f"the target (pid {link.pid}) has ended, or {link.path} is forwarded no more")

    def hurry(self) -> None:
        """Nothing takes time: it is not ours to end."""

    def stop(self) -> None:
        """Let go of it; it goes on running as before."""
        for link in self._links:
            link.close()
        self._links = []


def connect_all(path: Path) -> list[AgentLink]:
    """Return the agent behind a socket, or those behind the sockets of a directory that answer.

    Raises:
        AgentError: none does, or two say the same pid, as processes of different containers may.
    """
    if "\0" in str(path):
        raise AgentError(f"{str(path)!r}: no path; an agent's socket is a file in a directory of its user")
    if not path.is_dir():
        return [AgentLink(path)]
    links, refusals = [], []
    for socket in sorted(path.glob("*.sock")):
        try:
            links.append(AgentLink(socket))
        except AgentError as error:
            refusals.append(str(error))
    if not links:
        raise AgentError("; ".join(refusals) or f"{path}: holds no agent's socket; need <pid>.sock in it")
    if len({link.pid for link in links}) < len(links):
        raise AgentError(f"{path}: two agents in it have the same pid; attach to one container's sockets at a time")
    return links


def await_serving(links: list[AgentLink]) -> list[AgentLink]:
    """Return those that hold an Engine.IO server, given time to make it.

    Raises:
        TargetError: none does.
    """
    for _ in poll_until(SERVING_GRACE_S):
        serving = [link for link in links if link.refresh().get("is_serving")]
        if serving:
            return serving
    raise TargetError(
        f"{links[0].path}: no Socket.IO server lives in pid {', '.join(str(link.pid) for link in links)}; call "
        "soakproof.agent.start() in the process that serves (in each worker, not in what supervises them)"
    )
