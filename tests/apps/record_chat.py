"""A chat behind a login, whose socket wants what its page and its answers said: only an honest replay gets through.

With LEAK=1 what a client has seen is kept for good: the last thing that a visitor does.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs

import socketio
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

PASSWORD = "correct horse"
SOCKET_JS = Path(__file__).parents[2] / "server" / "dashboard" / "socket.js"
LOGIN = """<form method="post" action="/login"><input type="hidden" name="csrf" value="{csrf}">
<label>Name <input name="name"></label><label>Password <input name="password" type="password"></label>
<button>Enter</button></form>"""
CHAT = """<h1>Chat</h1><p id="said"></p><label>Text <input id="text"></label><button id="say">Say</button>
<script type="module">
import {{ Socket }} from "/socket.js";
const page = {{"build": "7f3c", "ticket": "{ticket}", "nonce": "{nonce}"}};
let room = null;
const socket = new Socket({{ ticket: page.ticket }}, {{
  connected: async () => {{
    room = await socket.call("join", {{ room: "lobby" }});
    document.body.dataset.room = room.room;
  }},
  said: (message) => {{
    socket.call("seen", {{ id: message.id, revision: message.revision }});
    document.getElementById("said").textContent = message.text;
  }},
  lost: () => {{}}, refused: () => {{}},
}});
document.getElementById("say").onclick = () => {{
  const text = document.getElementById("text").value;
  socket.call("say", {{ room_id: room.id, key: room.key, text, nonce: page.nonce }});
}};
</script>"""

sio = socketio.AsyncServer(async_mode="asgi")
forms: set[str] = set()
sessions: dict[str, dict[str, str]] = {}
people: dict[str, dict] = {}
seen: list[dict] = []


async def login(request):
    if request.method == "GET":
        forms.add(csrf := secrets.token_urlsafe(24))
        return HTMLResponse(LOGIN.format(csrf=csrf))
    fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    if fields.get("csrf") not in forms or fields.get("password") != PASSWORD:
        return PlainTextResponse("no", 403)
    forms.discard(fields["csrf"])
    session = secrets.token_hex(16)
    sessions[session] = {"ticket": secrets.token_urlsafe(20), "nonce": secrets.token_hex(6)}
    answer = RedirectResponse("/chat", 303)
    answer.set_cookie("session", session, httponly=True)
    return answer


async def chat(request):
    session = sessions.get(request.cookies.get("session", ""))
    return HTMLResponse(CHAT.format(**session)) if session else RedirectResponse("/login")


async def socket_js(request):
    return FileResponse(SOCKET_JS, media_type="text/javascript")


@sio.event
async def connect(sid, environ, auth):
    name = environ.get("HTTP_COOKIE", "").partition("session=")[2].partition(";")[0]
    session = sessions.get(name)
    if session is None or (auth or {}).get("ticket") != session["ticket"]:
        raise ConnectionRefusedError("no ticket")
    people[sid] = {"session": name, "id": secrets.randbelow(10**9), "key": secrets.token_hex(8)}


@sio.event
async def join(sid, data):
    await sio.enter_room(sid, data["room"])
    return {"id": people[sid]["id"], "key": people[sid]["key"], "room": data["room"]}


@sio.event
async def say(sid, data):
    person = people[sid]
    if (data["room_id"], data["key"]) != (person["id"], person["key"]):
        raise ValueError("another's room")
    if data["nonce"] != sessions[person["session"]]["nonce"]:
        raise ValueError("another's page")
    person["said"] = {"id": secrets.token_hex(8), "revision": secrets.randbelow(10**6) + 10}
    await sio.emit("said", {**person["said"], "text": data["text"]}, to=sid)


@sio.event
async def seen_(sid, data):
    if data == people[sid]["said"] and os.environ.get("LEAK"):
        seen.append(data)


sio.on("seen", seen_)


@sio.event
async def disconnect(sid, reason=None):
    sessions.pop(people.pop(sid)["session"], None)


web = Starlette(
    routes=[Route("/login", login, methods=["GET", "POST"]), Route("/chat", chat), Route("/socket.js", socket_js)]
)
app = socketio.ASGIApp(sio, web)
