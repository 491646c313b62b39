"""The harness's end of the agent's socket: one request, one answer, JSON lines both ways (`soakproof.agent`)."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from pathlib import Path
from typing import Any

from soakproof.errors import AgentError
from soakproof.target.answers import check_answer
from soakproof.target.lines import LineReader

ANSWER_TIMEOUT_S = 300.0  # explaining a leak of a large heap under tracemalloc, on a busy machine, takes minutes
HELLO_TIMEOUT_S = 20.0  # saying who it is takes milliseconds; a process that forks or daemonises may never come to it


class AgentLink:
    """A connection to the agent of one process; ``pid`` is what it is called here, where that is known.

    ``is_own``: it was started by us, so that not even root takes an answer of anybody else.

    Raises:
        AgentError: it cannot be reached, does not answer in time, or answers with an error.
    """

    def __init__(self, path: Path, pid: int | None = None, *, is_own: bool = False) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(HELLO_TIMEOUT_S)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise AgentError(f"{path}: {explain_refusal(path, error)}") from error
        self._refuse_stranger(is_own=is_own)
        self._lines = LineReader(self._socket)
        self._timeout_s = HELLO_TIMEOUT_S
        self.hello: dict[str, Any] = {}
        try:
            self.refresh()
        except AgentError:
            self.close()
            raise
        self.pid = int(self.hello["pid"]) if pid is None else pid

    def request(self, op: str, **fields: Any) -> dict[str, Any]:
        """Send one request and return its answer, of which what the operation promises has been checked."""
        try:
            self._socket.sendall(json.dumps({"op": op, **fields}).encode() + b"\n")
            line = self._lines.read(self._timeout_s, self.peer_pid)
        except OSError as error:
            raise AgentError(f"agent at {self.path}: no answer to {op!r} ({error or type(error).__name__})") from error
        if not line:
            raise AgentError(
                f"agent at {self.path}: closed its socket when asked for {op!r}; the process is likely gone"
            )
        answer = check_answer(op, line, f"agent at {self.path}")
        if not answer["ok"]:
            raise AgentError(
                f"agent of pid {self.hello.get('pid')} refused {op!r}: {answer.get('error', 'no reason given')}"
            )
        return answer

    def refresh(self) -> dict[str, Any]:
        """Ask again who it is: a target that imports its application late begins to serve late."""
        self._timeout_s = HELLO_TIMEOUT_S
        self.hello = self.request("hello")
        self._timeout_s = ANSWER_TIMEOUT_S
        return self.hello

    @property
    def is_serving(self) -> bool:
        """Whether an Engine.IO server lives in that process."""
        return bool(self.hello.get("is_serving"))

    @property
    def stopped_s(self) -> float:
        """For how long answers were waited for while the process was stopped."""
        return self._lines.stopped_s

    @property
    def peer_pid(self) -> int:
        """The process at the other end, as the system says."""
        return self._read_peer()[0]

    def _read_peer(self) -> tuple[int, int]:
        """Return process and user at the other end (unix(7), SO_PEERCRED)."""
        pid, uid, _ = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return pid, uid

    def _refuse_stranger(self, *, is_own: bool) -> None:
        """See that it is our own user, or root, who listens there: anybody may call a socket as an agent's is called.

        Raises:
            AgentError: it is somebody else, and we are not root, who may attach to anybody's.
        """
        pid, uid = self._read_peer()
        if uid not in (os.geteuid(), 0) and (is_own or os.geteuid()):
            self.close()
            raise AgentError(
                f"{self.path}: pid {pid} of uid {uid} answers there, and soakproof runs as uid {os.geteuid()}; need an "
                "agent of the same user: run soakproof as the user of the server, or as root"
            )

    def is_open(self) -> bool:
        """Whether the other end has not closed the connection; asks nothing of the agent."""
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        try:
            return not poller.poll(0) or self._socket.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False

    def close(self) -> None:
        """Close the connection; the agent goes on."""
        self._socket.close()


def explain_refusal(path: Path, error: OSError) -> str:
    """Say why a socket cannot be connected to, and what to do."""
    if isinstance(error, PermissionError):
        return "permission denied; an agent answers its own user alone: run soakproof as the user of the server"
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers; its process has ended, and left the socket behind"
    return f"{error.strerror or error}; need the socket of a running soakproof agent, {path.parent}/<pid>.sock"
