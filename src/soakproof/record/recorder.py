"""Recording: the server started or looked for, the proxy in front of it, until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
import ssl
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from soakproof.errors import OutputError, PortTakenError, SilentRecordingError, TargetError
from soakproof.load.clients.tlscontext import make_context
from soakproof.orphans.guard import orphans_ended
from soakproof.record.proxy import LOOPBACK, Proxy
from soakproof.record.script import Script
from soakproof.record.tape import Tape
from soakproof.record.visits import is_page
from soakproof.serverurl import ServerUrl, parse_url
from soakproof.target.started import StartedTarget, is_listening
from soakproof.tempplaces import find_temporary_place

FIRST_ERROR = 400  # RFC 9110, section 15
LAST_WORDS_S = 0.5  # what a client sent last, leaving as the signal came, may still be on its way
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Request(NamedTuple):
    """What is to be recorded: the server's URL and command, the recorder's port, the file, the longest wait."""

    url: str
    command: list[str]
    port: int
    output: Path
    longest_wait_s: float
    ready_timeout_s: float
    ca: str | None
    is_forced: bool


def record(request: Request, announce: Callable[[str, str], None]) -> Script:
    """Record until a signal ends it, and write the Locust file; ``announce`` is told both origins once it can begin.

    Raises:
        OutputError: the file is there, or cannot be written.
        TargetError: the server is not there.
        PortTakenError: the recorder's port is in use.
        SilentRecordingError: nobody opened a socket.
    """
    _check_output(request)
    with ExitStack() as stack:
        server = parse_url(_find_target(request, stack))
        tls = make_context(request.ca, None) if server.is_tls else None
        tape = asyncio.run(_listen(server, request.port, tls, announce))
    script = Script(tape, request.longest_wait_s, request.output.name)
    if not script.visits:
        raise SilentRecordingError(_describe_silence(tape))
    try:
        request.output.write_text(script.write())
    except OSError as error:
        raise OutputError(f"{request.output}: cannot be written: {error.strerror}; name another file (-o)") from error
    return script


def _check_output(request: Request) -> None:
    if request.output.exists() and not request.is_forced:
        raise OutputError(f"{request.output}: is there already; name another file (-o), or overwrite it with --force")
    if not request.output.absolute().parent.is_dir():
        raise OutputError(f"{request.output}: no such directory {request.output.parent}; make it, or name another (-o)")


def _find_target(request: Request, stack: ExitStack) -> str:
    """Return where the server listens, started by its command if there is one."""
    if request.command:
        directory = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="soakproof-record-", dir=find_temporary_place())
        )
        stack.enter_context(orphans_ended())
        target = StartedTarget(request.command, request.url, Path(directory) / "target.log", request.ready_timeout_s)
        stack.callback(target.stop)
        target.start()
        return target.url
    if not is_listening(request.url):
        raise TargetError(
            f"{request.url}: nothing listens there; start your server, give its URL (--url), or the command that "
            "starts it behind --"
        )
    return request.url


async def _listen(
    server: ServerUrl, port: int, tls: ssl.SSLContext | None, announce: Callable[[str, str], None]
) -> Tape:
    """Pass on and keep what passes until a signal comes."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, ended.set)
    proxy = Proxy(f"{'https' if server.is_tls else 'http'}://{server.authority}", port, tls)
    try:
        try:
            await proxy.start()
        except OSError as error:
            raise PortTakenError(
                f"--port {port}: the recorder cannot listen on {LOOPBACK}:{port} ({error.strerror}); need a free port, "
                "or --port 0 to have one chosen"
            ) from error
        announce(proxy.origin, proxy.tape.origin)
        await ended.wait()
        await asyncio.sleep(LAST_WORDS_S)
        await _fetch_fresh_pages(proxy)
    finally:
        await proxy.stop()
    return proxy.tape


async def _fetch_fresh_pages(proxy: Proxy) -> None:
    """Get each page once more, as another visitor: what is taken from it must be found there too."""
    pages = {
        each.path
        for each in proxy.tape.exchanges
        if is_page(each) and not each.cookies and 0 < each.status < FIRST_ERROR
    }
    for path in pages:
        if (text := await proxy.fetch_fresh(path)) is not None:
            proxy.tape.fresh[path] = text


def _describe_silence(tape: Tape) -> str:
    if not tape.exchanges:
        return "nothing was recorded: no request came by; open the recorder's URL in the browser, not the server's own"
    refused = [each for each in tape.sockets if not each.frames]
    seen = f"{len(tape.exchanges)} requests came by, but no socket was opened"
    if refused or tape.sockets:
        seen = f"{len(tape.sockets)} WebSockets were opened, but the server let nobody in"
    return (
        f"{seen}, so there is nothing to soak, and no file was written; use a page that connects until it has, and see "
        "that its script connects to the page's own host and not to the server's by a fixed URL"
    )
