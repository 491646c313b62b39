"""The agent's thread: listens on a Unix socket, one JSON line in, one out, and is gone while the process forks.

The thread is native, blocks in ``poll`` and costs nothing while nobody asks. Around a fork it leaves its loop, so
that a child inherits no lock that it held, and a Python that warns of forking with threads has nothing to warn of;
the parent carries on with the same sockets, the child starts afresh under its own pid.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

from .. import unpatched
from .descriptors import LINE_TIMEOUT_S, Connection, close_if, identity_of, is_allowed, remove_quietly, write_all

if TYPE_CHECKING:
    from ..process.waking import Waking

LONGEST_REQUEST_BYTES = 65536
READ_BYTES = 448  # lies in a block of Python's own: lines that run meanwhile are not told of memory taken from malloc
FORK_PATIENCE_S = 2.0
UNSURE_MS = (3200, 1600, 800, 400, 200, 100, 50)  # a forked child that closes all descriptors does so soon; last first
MOST_CONNECTIONS = 16
ATTENDED_MS = 5000  # after an answer, once: poll(2) does not wake for a descriptor that is closed and reused meanwhile
VISITOR_PATIENCE_MS = 60_000  # a visitor to whom nobody comes leaves

STACK_BYTES = 8 << 20

Answer = Callable[[bytes], bytes]


class Service:
    """Answers requests with ``answer`` on ``<directory>/<pid>.sock`` until `close`.

    ``release`` is called whenever the last of the connections has ended.
    """

    def __init__(self, directory: str, answer: Answer, release: Callable[[], None]) -> None:
        self.directory = directory
        self._answer = answer
        self._release = release
        self._connections: dict[int, Connection] = {}
        self._is_wanted = True
        self._is_ending = False
        self._is_forking = False
        self._has_answered = False
        self._unsure_ms: list[int] = []
        self._leave: Optional[Callable[[], None]] = None
        self._waking_ms = waking_ms()
        self._waking: Optional[Waking] = None
        self._left = unpatched.allocate_lock()
        self.thread_ident = 0
        self.native_id = 0
        self._open()

    def _open(self) -> None:
        self.path = os.path.join(self.directory, f"{os.getpid()}.sock")  # noqa: PTH118 -- pathlib is a module more
        if os.path.exists(self.path):  # noqa: PTH110 -- likewise
            os.unlink(self.path)  # noqa: PTH108 -- likewise
        self._listener: Any = unpatched.socket(1, 1)  # AF_UNIX, SOCK_STREAM
        self._listener.bind(self.path)
        os.chmod(self.path, 0o600)  # noqa: PTH101 -- likewise
        self._listener.listen(MOST_CONNECTIONS)
        self._listener.settimeout(0)
        self._wake_read, self._wake_write = os.pipe()
        self._identities = {fd: identity_of(fd) for fd in (self._listener.fileno(), self._wake_read, self._wake_write)}

    def _is_intact(self) -> bool:
        """Tell whether the agent's descriptors are still its own; a target that closes all may reuse their numbers."""
        return all(identity_of(fd) == identity for fd, identity in self._identities.items())

    def _shut(self) -> None:
        """Let go of all descriptors, and close those that are still the agent's own."""
        for fd in list(self._connections):
            self._drop(fd)
        self._listener.detach()
        for fd, identity in self._identities.items():
            close_if(fd, identity)

    def fds(self) -> set[int]:
        """Return the file descriptors that are the agent's, not the target's."""
        own = {self._listener.fileno(), self._wake_read, self._wake_write}
        return own.union(self._connections)

    def start(self) -> None:
        """Start the thread unless it runs; register for forks before calling this, once a process."""
        self._is_wanted = True
        if self._left.acquire(blocking=False):
            start_thread(self._run)

    def visit(self, leave: Callable[[], None]) -> None:
        """End with the last connection, or when nobody comes, and call ``leave`` as the last thing."""
        self._leave = leave

    def wake_every(self, milliseconds: Optional[int]) -> int:
        """Wake the target's threads now, and about so often from now on by its own clock; return how many there are."""
        self._waking_ms = milliseconds
        return self.wake()

    def wait(self, seconds: float) -> None:
        """Wait, and where the target's threads are to be awakened go on with it."""
        (time.sleep if self._waking_ms is None or self._waking is None else self._waking.wait)(seconds)

    def wake(self) -> int:
        """Wake the target's threads: they look at their clock again."""
        if self._waking is None:
            from ..process.waking import Waking

            self._waking = Waking()
        return self._waking.wake()

    def end_soon(self) -> None:
        """Have the thread end the agent after the answer it is about to give."""
        self._is_ending = True

    def close(self) -> None:
        """End the agent: the sockets are closed and the thread leaves."""
        self._is_wanted = False
        self._shut()
        remove_quietly(self.path)

    # -- around a fork ------------------------------------------------------------------------------------------------

    def before_fork(self) -> None:
        """Let the thread leave; the service's sockets stay."""
        if self._is_wanted and unpatched.get_ident() != self.thread_ident and self._is_intact():
            self._is_forking = True
            unpatched.write(self._wake_write, b"f")
            if self._left.acquire(timeout=FORK_PATIENCE_S):
                self._left.release()
                wait_for_thread_to_vanish(self.native_id)

    def after_fork_in_parent(self) -> None:
        """Carry on where the thread left; one that was too busy to leave goes on by itself."""
        self._is_forking = False
        if self._is_wanted:
            self.start()

    def after_fork_in_child(self) -> None:
        """Forget the parent's sockets and begin under the child's pid."""
        if not self._is_wanted:
            return
        self._shut()
        self._is_forking = False
        self._unsure_ms = list(UNSURE_MS)
        self._left = unpatched.allocate_lock()
        self._open()
        self.start()

    def at_exit(self) -> None:
        """Let the thread leave for good, as for a fork, and remove the socket, while the interpreter is still whole.

        Until Python 3.13 it ends threads in the middle of what they do; one process in twenty fell with it.
        """
        self.before_fork()
        remove_quietly(self.path)

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self.thread_ident, self.native_id = unpatched.get_ident(), unpatched.get_native_id()
        has_failed = False
        try:
            unpatched.block_signals()  # one goes to any thread that does not block it, and the target may wait for it
            while self._is_wanted and not (self._turn() and self._is_forking):
                pass
        except BaseException as error:  # the thread ends in silence rather than in the target's stderr
            has_failed = True
            report_debug(error)
        finally:
            self.thread_ident = 0
            self._left.release()
            if self._leave is not None and not self._is_wanted:
                self._leave()
            if self._is_wanted and not self._is_forking and not has_failed:  # a fork that was over before it had left
                self.start()

    def _turn(self) -> bool:
        """Wait once and serve whoever is ready; return whether a fork asks the thread to leave."""
        poller = unpatched.poll()
        for fd in (self._listener.fileno(), self._wake_read, *self._connections):
            poller.register(fd, unpatched.POLLIN)
        is_anyone_slow = any(connection.deadline_s for connection in self._connections.values())
        unsure_ms = self._unsure_ms.pop() if self._unsure_ms else None
        alone_ms = VISITOR_PATIENCE_MS if self._leave is not None and not self._connections else None
        attended_ms = ATTENDED_MS if self._has_answered and self._connections else None
        self._has_answered = False
        ready = [
            fd
            for fd, _ in poller.poll(500 if is_anyone_slow else unsure_ms or alone_ms or self._waking_ms or attended_ms)
        ]
        if self._waking_ms:
            self.wake()
        if not self._is_intact():  # somebody knocks at a socket that the target has closed: begin again in its place
            self._shut()
            self._open()
            return False
        if self._wake_read in ready:
            return bool(unpatched.read(self._wake_read, 16))
        for fd in ready:
            if fd == self._listener.fileno():
                self._accept()
            elif fd in self._connections:
                self._serve(fd)
        self._drop_the_lost()
        if self._is_ending or (alone_ms and not ready and not unsure_ms):
            self.close()
        return False

    def _accept(self) -> None:
        try:
            fd, _ = self._listener._accept()
        except OSError:
            return
        socket = unpatched.socket(fileno=fd)
        if len(self._connections) >= MOST_CONNECTIONS or not is_allowed(socket):
            socket.close()
            return
        socket.settimeout(0)
        self._connections[fd] = Connection(socket)

    def _serve(self, fd: int) -> None:
        connection = self._connections[fd]
        try:
            received = connection.is_intact() and unpatched.read(fd, READ_BYTES)
            if not received:
                self._drop(fd)
                return
            connection.buffer += received
            while self._is_wanted and b"\n" in connection.buffer:
                line, _, connection.buffer = connection.buffer.partition(b"\n")
                answer = self._answer(bytes(line))
                if not connection.is_intact():
                    raise BrokenPipeError("the target has closed the connection")
                write_all(fd, answer)
                self._has_answered = True
                if self._is_ending:
                    self.close()
                    return
            if len(connection.buffer) > LONGEST_REQUEST_BYTES:
                write_all(fd, b'{"ok": false, "error": "a request is longer than 65536 bytes; send less at once"}\n')
                self._drop(fd)
            elif connection.deadline_s is None or not connection.buffer:
                connection.deadline_s = unpatched.true_seconds() + LINE_TIMEOUT_S if connection.buffer else None
        except OSError:
            self._drop(fd)

    def _drop_the_lost(self) -> None:
        """Let go of those that are too slow, or whose descriptor the target has closed."""
        now_s = unpatched.true_seconds()
        for fd, connection in list(self._connections.items()):
            is_slow = connection.deadline_s is not None and connection.deadline_s < now_s
            if is_slow or not connection.is_intact():
                self._drop(fd)

    def _drop(self, fd: int) -> None:
        connection = self._connections.pop(fd, None)
        if connection is not None:
            connection.socket.detach()
            close_if(fd, connection.identity)
            if not self._connections:
                self._release()
                self._is_ending = self._leave is not None


def waking_ms() -> Optional[int]:
    """Return how often the target's threads are to be woken from the start: where its clock runs fast all along."""
    told = os.environ.get("SOAKPROOF_WAKING_MS", "")
    return int(told) if told.isdecimal() else None


def start_thread(run: Callable[[], None]) -> None:
    """Start a native thread, with a stack to look through a heap on, however small those of the target are."""
    wanted_bytes = unpatched.stack_size()
    if 0 < wanted_bytes < STACK_BYTES:
        unpatched.stack_size(STACK_BYTES)
    try:
        unpatched.start_new_thread(run, ())
    finally:
        if 0 < wanted_bytes < STACK_BYTES:
            unpatched.stack_size(wanted_bytes)


def wait_for_thread_to_vanish(native_id: int) -> None:
    """Wait until the system no longer lists the thread; it has left Python already, so this is microseconds."""
    deadline_s = unpatched.true_seconds() + 0.1
    while os.path.exists(f"/proc/self/task/{native_id}") and unpatched.true_seconds() < deadline_s:  # noqa: PTH110 -- no pathlib
        pass


def report_debug(error: BaseException) -> None:
    """Say on stderr what went wrong, and where, when ``SOAKPROOF_AGENT_DEBUG`` asks for it."""
    if os.environ.get("SOAKPROOF_AGENT_DEBUG"):
        import traceback

        told = traceback.format_exception(type(error), error, error.__traceback__)
        sys.stderr.write(f"soakproof agent: {''.join(told)}")
