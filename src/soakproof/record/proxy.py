"""The recorder's server: passes HTTP and WebSockets on, and keeps what passed."""

from __future__ import annotations

import asyncio
import ssl
import time

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    DummyCookieJar,
    TCPConnector,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from yarl import URL

from soakproof.record.headers import read_cookies, to_client, to_server
from soakproof.record.tape import MOST_BYTES, Exchange, Frame, Socket, Tape

LOOPBACK = "127.0.0.1"
MOST_UPLOADED_BYTES = 256 * 1024 * 1024
ABNORMAL = 1006  # RFC 6455, section 7.4.1: no closing frame came
GOING_AWAY = 1001
_TEXTUAL = ("text/", "application/json", "application/javascript", "application/xhtml")

_WebSocket = web.WebSocketResponse | ClientWebSocketResponse


class Proxy:
    """One server, and its recorder on a port of the loopback interface."""

    def __init__(self, origin: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.tape = Tape(origin)
        self.port = port
        self._tls = tls
        self._began_s = time.monotonic()
        self._session: ClientSession | None = None
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """The recorder's own origin, for a browser."""
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Begin to listen; port 0 becomes a free one. Raises OSError."""
        application = web.Application(client_max_size=MOST_UPLOADED_BYTES)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._session = ClientSession(
            connector=TCPConnector(limit=0, ssl=self._tls or True),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None, sock_connect=10),
            auto_decompress=False,
            skip_auto_headers={"User-Agent", "Accept", "Accept-Encoding", "Content-Type"},
        )

    async def stop(self) -> None:
        """Listen no more, and close what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def fetch_fresh(self, path: str) -> str | None:
        """Return a page as another visitor, without cookies, is given it; None where it is not."""
        assert self._session is not None, "start() comes first"
        try:
            headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "identity"}
            async with self._session.get(self.tape.origin + path, headers=headers, timeout=ClientTimeout(10)) as answer:
                return (await answer.read()).decode(errors="replace") if answer.status < 400 else None  # noqa: PLR2004
        except (ClientError, TimeoutError):
            return None

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._pass_socket(request)
            return await self._pass_request(request)
        except ClientConnectionError as error:
            return web.Response(status=502, text=f"soakproof record: {self.tape.origin} does not answer: {error}\n")

    async def _pass_request(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        exchange = Exchange(
            self._now_s(), request.method, request.path_qs, _lowered(request), dict(request.cookies),
            await request.read(),
        )  # fmt: skip
        self.tape.exchanges.append(exchange)
        headers = to_server(request.headers, self.origin, self.tape.origin)
        body = exchange.body or None
        url = self.tape.origin + request.raw_path
        async with self._session.request(
            request.method, _as_it_is(url), headers=headers, data=body, allow_redirects=False
        ) as answer:
            exchange.status = answer.status
            exchange.answer_type = answer.content_type
            exchange.location = answer.headers.get("Location")
            exchange.given = read_cookies(answer.headers.getall("Set-Cookie", []))
            passed = web.StreamResponse(
                status=answer.status,
                reason=answer.reason,
                headers=to_client(answer.headers, self.origin, self.tape.origin),
            )
            if exchange.answer_type.startswith(_TEXTUAL) and answer.content_length is not None:
                exchange.answer = await answer.read()
                return await self._answer_text(request, passed, exchange)
            await passed.prepare(request)
            async for chunk in answer.content.iter_any():
                exchange.answer += chunk[: max(MOST_BYTES - len(exchange.answer), 0)]
                exchange.ended_s = self._now_s()
                await passed.write(chunk)
            await passed.write_eof()
            return passed

    async def _answer_text(
        self, request: web.Request, passed: web.StreamResponse, exchange: Exchange
    ) -> web.StreamResponse:
        """Answer with a text whose links to the server's origin lead to the recorder."""
        exchange.ended_s = self._now_s()
        body = exchange.answer.replace(self.tape.origin.encode(), self.origin.encode())
        if request.method != "HEAD":
            passed.content_length = len(body)
        await passed.prepare(request)
        await passed.write(body)
        await passed.write_eof()
        return passed

    async def _pass_socket(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        socket = Socket(self._now_s(), request.path_qs, _lowered(request), dict(request.cookies))
        wanted = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()]
        try:
            server = await self._session.ws_connect(
                _as_it_is(self.tape.origin + request.raw_path), protocols=wanted, autoclose=False, autoping=False,
                headers=to_server(request.headers, self.origin, self.tape.origin), max_msg_size=0,
            )  # fmt: skip
        except WSServerHandshakeError as error:
            return web.Response(status=error.status, text=error.message)
        self.tape.sockets.append(socket)
        chosen = [server.protocol] if server.protocol else []
        client = web.WebSocketResponse(
            protocols=chosen, autoclose=False, autoping=False, max_msg_size=0, compress=False
        )
        await client.prepare(request)
        await self._pump_both(socket, client, server)
        return client

    async def _pump_both(self, socket: Socket, client: _WebSocket, server: _WebSocket) -> None:
        """Pass messages both ways until either side has closed."""
        pumps = {
            asyncio.create_task(self._pump(socket, client, server, is_sent=True)),
            asyncio.create_task(self._pump(socket, server, client, is_sent=False)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await server.close()

    async def _pump(self, socket: Socket, source: _WebSocket, sink: _WebSocket, *, is_sent: bool) -> None:
        while True:
            message = await source.receive()
            match message.type:
                case WSMsgType.TEXT:
                    socket.frames.append(Frame(self._now_s(), is_sent, message.data))
                    await sink.send_str(message.data)
                case WSMsgType.BINARY:
                    socket.frames.append(Frame(self._now_s(), is_sent, bytes(message.data)))
                    await sink.send_bytes(message.data)
                case WSMsgType.PING:
                    await sink.ping(message.data)
                case WSMsgType.PONG:
                    await sink.pong(message.data)
                case _:
                    code = source.close_code if source.close_code is not None else ABNORMAL
                    if is_sent:
                        socket.leaving = "reset" if code == ABNORMAL else "close"
                    await sink.close(code=GOING_AWAY if code == ABNORMAL else code)
                    return

    def _now_s(self) -> float:
        return time.monotonic() - self._began_s


def _as_it_is(url: str) -> URL:
    """Return a URL whose escapes are left as the client wrote them."""
    return URL(url, encoded=True)


def _lowered(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}
