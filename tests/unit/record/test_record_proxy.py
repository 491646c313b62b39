"""The recorder's proxy: what passes is what was sent, seen from either side by its own host."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError, web
from yarl import URL

from soakproof.record.proxy import Proxy

MORE, CODES = web.AppKey("more", asyncio.Event), web.AppKey("codes", list)


async def until(condition):
    """Wait until it is so."""
    while not condition():  # noqa: ASYNC110  # what happens in the other connection sets no event
        await asyncio.sleep(0.01)


async def index(request):
    origin = f"http://{request.headers['Host']}"
    answer = web.Response(text=f'<a href="{origin}/far">far</a>', content_type="text/html")
    answer.headers["X-Asked-From"] = request.headers["Origin"]
    answer.headers["Set-Cookie"] = "session=abc; Path=/; Domain=chat.example; HttpOnly"
    return answer


async def away(request):
    raise web.HTTPFound(URL(f"http://{request.headers['Host']}/me?next=%2Fa%20b", encoded=True))


async def me(request):
    return web.json_response({"session": request.cookies.get("session"), "raw": request.raw_path})


async def upload(request):
    return web.Response(body=await request.read(), status=201)


async def stream(request):
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    await answer.write(b"data: first\n\n")
    await request.app[MORE].wait()
    await answer.write(b"data: second\n\n")
    return answer


async def echo(request):
    socket = web.WebSocketResponse(protocols=["v2", "v1"])
    await socket.prepare(request)
    async for message in socket:
        if message.data == "leave":
            await socket.close(code=4001, message=b"asked to")
        elif message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    request.app[CODES].append(socket.close_code)
    return socket


async def forbidden(request):
    raise web.HTTPForbidden(text="not you")


@asynccontextmanager
async def proxied():
    """A server, a recorder in front of it, and a client that keeps cookies."""
    app = web.Application()
    app[MORE], app[CODES] = asyncio.Event(), []
    app.add_routes([web.get(f"/{handler.__name__}", handler) for handler in (index, away, me, stream, echo, forbidden)])
    app.add_routes([web.post("/upload", upload)])
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxy = Proxy(f"http://127.0.0.1:{runner.addresses[0][1]}", 0)
    await proxy.start()
    try:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": proxy.origin}) as client:
            yield client, proxy, app, runner
    finally:
        await proxy.stop()
        await runner.cleanup()


@pytest.fixture
def converse():
    """Run a conversation through a recorder; return what it returns."""

    def run(talk):
        async def whole():
            async with proxied() as parts:
                return await talk(*parts)

        return asyncio.run(whole())

    return run


def test_each_side_sees_its_own_host(converse):
    """The server is asked as itself, by `Host` and `Origin`; its links and redirects lead to the recorder."""

    async def talk(client, proxy, app, runner):
        async with client.get(f"{proxy.origin}/index") as answer:
            page, asked_from = await answer.text(), answer.headers["X-Asked-From"]
        async with client.get(f"{proxy.origin}/away", allow_redirects=False) as answer:
            return page, asked_from, answer.headers["Location"], proxy

    page, asked_from, location, proxy = converse(talk)
    assert f'href="{proxy.origin}/far"' in page
    assert asked_from == proxy.tape.origin
    assert location == f"{proxy.origin}/me?next=%2Fa%20b"


def test_cookies_pass_both_ways_and_are_kept(converse):
    """A cookie of the server's own domain reaches the client under the recorder's, and comes back."""

    async def talk(client, proxy, app, runner):
        await (await client.get(f"{proxy.origin}/index")).read()
        async with client.get(URL(f"{proxy.origin}/me?a=%2F", encoded=True)) as answer:
            return await answer.json(), proxy.tape

    answer, tape = converse(talk)
    assert answer == {"session": "abc", "raw": "/me?a=%2F"}
    assert [(each.path, each.given, each.cookies) for each in tape.exchanges] == [
        ("/index", {"session": "abc"}, {}), ("/me?a=%2F", {}, {"session": "abc"}),
    ]  # fmt: skip


def test_bodies_pass_as_they_are(converse):
    """A megabyte of bytes goes there and back, and the tape has it."""
    body = bytes(range(256)) * 4096

    async def talk(client, proxy, app, runner):
        async with client.post(f"{proxy.origin}/upload", data=body) as answer:
            return answer.status, await answer.read(), proxy.tape.exchanges[0]

    status, answer, exchange = converse(talk)
    assert (status, answer, exchange.body, exchange.answer) == (201, body, body, body)


def test_an_answer_that_goes_on_is_passed_on_as_it_comes(converse):
    """The first event of a stream is there before the server has sent the second."""

    async def talk(client, proxy, app, runner):
        async with client.get(f"{proxy.origin}/stream") as answer:
            first = await answer.content.readuntil(b"\n\n")
            app[MORE].set()
            return first, await answer.content.read()

    assert converse(talk) == (b"data: first\n\n", b"data: second\n\n")


def test_messages_and_closing_codes_pass_both_ways(converse):
    """Text, bytes, the protocol that was agreed on, and the code and way of closing, of whoever closes."""

    async def talk(client, proxy, app, runner):
        async with client.ws_connect(f"{proxy.origin}/echo", protocols=["v1"]) as socket:
            await socket.send_str("hi")
            await socket.send_bytes(b"\x00\x01")
            said = [(await socket.receive()).data for _ in range(2)]
            await socket.send_str("leave")
            closing = await socket.receive()
        async with client.ws_connect(f"{proxy.origin}/echo") as other:
            await other.close(code=4002)
        await until(lambda: len(app[CODES]) == 2)
        return socket.protocol, said, closing.data, app[CODES], proxy.tape.sockets

    protocol, said, code, codes, sockets = converse(talk)
    assert (protocol, said, code, codes[1]) == ("v1", ["hi", b"\x00\x01"], 4001, 4002)
    there = [frame.data for frame in sockets[0].frames if frame.is_sent]
    back = [frame.data for frame in sockets[0].frames if not frame.is_sent]
    assert (there, back) == (["hi", b"\x00\x01", "leave"], ["hi", b"\x00\x01"])
    assert sockets[1].leaving == "close"


def test_a_socket_that_breaks_is_a_reset(converse):
    """Without a closing frame, the client has not closed."""

    async def talk(client, proxy, app, runner):
        socket = await client.ws_connect(f"{proxy.origin}/echo")
        await socket.send_str("hi")
        await socket.receive()
        socket._response.connection.transport.abort()
        await until(lambda: proxy.tape.sockets[0].leaving is not None)
        return proxy.tape.sockets[0].leaving

    assert converse(talk) == "reset"


def test_a_refused_socket_is_refused(converse):
    """The server's status reaches the client, and no socket is on the tape."""

    async def talk(client, proxy, app, runner):
        with pytest.raises(WSServerHandshakeError) as refusal:
            await client.ws_connect(f"{proxy.origin}/forbidden")
        return refusal.value.status, proxy.tape.sockets

    assert converse(talk) == (403, [])


def test_a_server_that_goes_away_is_told_to_the_client(converse):
    """Who asks a server that is gone is answered by the recorder, in a sentence."""

    async def talk(client, proxy, app, runner):
        await runner.cleanup()
        async with client.get(f"{proxy.origin}/index") as answer:
            return answer.status, await answer.text()

    status, text = converse(talk)
    assert status == 502
    assert "does not answer" in text
