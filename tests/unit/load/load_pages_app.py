"""A server whose sockets want what a browser has by then: a cookie, a token from the page, a login."""

import os
import secrets
from urllib.parse import parse_qs

import socketio
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route

sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
METHODS = ["POST", "PUT", "PATCH", "DELETE"]
sessions: dict[str, dict[str, str]] = {}
rooms: list[str] = []


async def index(request):
    session, token = secrets.token_hex(8), secrets.token_hex(8)
    sessions[session] = {"token": token}
    page = f'<meta name="csrf" content="{token}"><b>one</b><b>two</b><script>start("{token}")</script>'
    answer = HTMLResponse(page)
    answer.set_cookie("session", session, httponly=True)
    return answer


async def login(request):
    is_json = request.headers["content-type"].startswith("application/json")
    if is_json:
        fields = await request.json()
    else:
        fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    if fields.get("password") != os.environ["PAGES_PASSWORD"]:
        return PlainTextResponse(f"wrong password {fields.get('password')}", 403)
    session = secrets.token_hex(8)
    sessions[session] = {"user": fields["username"], "token": secrets.token_hex(8)}
    answer = JSONResponse({"access": sessions[session]["token"]}) if is_json else RedirectResponse("/me", 302)
    answer.set_cookie("session", session)
    return answer


async def me(request):
    return JSONResponse(sessions[request.cookies["session"]])


async def echo(request):
    return PlainTextResponse(f"{request.method} {(await request.body()).decode()}")


async def broken(request):
    return PlainTextResponse("it broke", 500)


async def elsewhere(request):
    return RedirectResponse("http://sso.example/login?next=1", 302)


async def who(request):
    return JSONResponse({"people": sorted(rooms), "sessions": len(sessions)})


@sio.event
async def connect(sid, environ, auth):
    query = parse_qs(environ["QUERY_STRING"])
    cookies = dict(part.split("=", 1) for part in environ.get("HTTP_COOKIE", "").split("; ") if part)
    session = sessions.get(cookies.get("session", ""))
    if session is None:
        raise socketio.exceptions.ConnectionRefusedError("no session")
    if query.get("token", [""])[0] != session["token"]:
        raise socketio.exceptions.ConnectionRefusedError(f"wrong token {query.get('token')}")
    rooms.append(f"{session.get('user', 'somebody')}/{auth['tab']}/{query['tab'][0]}")


@sio.event
async def work(sid, data):
    return data


routes = [
    Route("/", index), Route("/login", login, methods=["POST"]), Route("/me", me), Route("/broken", broken),
    Route("/elsewhere", elsewhere), Route("/who", who), Route("/echo", echo, methods=METHODS),
    Mount("/socket.io", socketio.ASGIApp(sio, socketio_path="")),
]  # fmt: skip
app = Starlette(routes=routes)
