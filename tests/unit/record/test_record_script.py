"""The Locust file of a tape: what it does, what is lifted out of it, what never stands in it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from soakproof.record.script import Script
from soakproof.record.tape import Exchange, Frame, Socket, Tape

CLIENT, OWN, TOKEN = (
    "0f2c9a4e-1b7d-4e55-9c3a-5d2f6b8e7a10",
    "7b1e0d3c-8f4a-4c21-b0d9-3e5a6c7f8b92",
    "Zx81-qQ0_longToken77",
)
OPEN = '0{"sid":"engine","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'


def get(path, answer, at_s=0.0, kind="text/html", **more):
    return Exchange(
        at_s,
        "GET",
        path,
        more.pop("headers", {}),
        more.pop("cookies", {}),
        b"",
        200,
        kind,
        None,
        answer.encode(),
        **more,
    )


def post(path, body, answer, at_s=0.0, **more):
    headers = {"content-type": "application/json"}
    return Exchange(
        at_s,
        "POST",
        path,
        headers,
        {},
        json.dumps(body).encode(),
        200,
        "application/json",
        None,
        json.dumps(answer).encode(),
        **more,
    )


def socketio(*frames, path="/socket.io/?EIO=4&transport=websocket", at_s=1.0, auth=None, cookies=None, leaving="close"):
    """A WebSocket of Socket.IO: ``>`` and ``<`` before what client and server send, a tenth of a second apart."""
    connecting = [f"<{OPEN}", f">40{json.dumps(auth) if auth else ''}", '<40{"sid":"socket"}']
    said = [
        Frame(at_s + index / 10, frame[:1] in {">", b">"}, frame[1:])
        for index, frame in enumerate([*connecting, *frames])
    ]
    return Socket(at_s, path, {}, cookies or {}, said, leaving)


def sent(at_s, data):
    return Frame(at_s, is_sent=True, data=data)


def received(at_s, data):
    return Frame(at_s, is_sent=False, data=data)


def write(*parts, longest_wait_s=1.0):
    tape = Tape("http://127.0.0.1:8000")
    for part in parts:
        (tape.exchanges if isinstance(part, Exchange) else tape.sockets).append(part)
    return Script(tape, longest_wait_s, "recorded.py").write()


def test_the_file_is_a_locust_file(tmp_path):
    """Locust loads what was written, and finds a user in it."""
    (tmp_path / "recorded.py").write_text(
        write(get("/", "<p>hi</p>"), socketio('>421["say",{"text":"hi"}]', '<431["ok"]'))
    )
    listed = [sys.executable, "-m", "locust", "-f", str(tmp_path / "recorded.py"), "--list"]
    assert "RecordedUser" in subprocess.run(listed, capture_output=True, text=True, check=True).stdout


def test_what_is_called_emitted_and_awaited():
    """An event with an acknowledgement is called, one without emitted; what comes in answer is waited for."""
    text = write(socketio('>421["join",{"room":"lobby"}]', '<431["ok"]', '>42["typing"]', '<42["typed",1]'))
    assert 'self.call("join", {"room": "lobby"})' in text
    assert 'self.emit("typing")' in text
    assert 'self.wait_for("typed")' in text


def test_a_pages_id_is_taken_anew_by_each_client():
    """What the page said and the client repeats, in its query and in what it sends, is taken from the page."""
    page = get("/", f"<script>options = {{'client_id': '{CLIENT}'}}</script>")
    path = f"/socket.io/?EIO=4&transport=websocket&client_id={CLIENT}&document_id={OWN}"
    text = write(page, socketio(f'>42["event",{{"client_id":"{CLIENT}"}}]', path=path))
    assert 'query={"client_id": "{taken client_id}", "document_id": "{uuid}"}' in text
    assert 'self.emit("event", self.identity.fill({"client_id": "{taken client_id}"}))' in text
    assert CLIENT not in text
    assert OWN not in text


def test_what_an_answer_said_is_taken_from_the_answer():
    """Texts and numbers of acknowledgements and events that are sent back come from each client's own answers."""
    text = write(
        socketio(
            '>421["join",{"room":"lobby","page":3}]', '<431[{"id":17,"key":"k-one","room":"lobby"}]',
            '>42["say",{"room_id":17,"key":"k-one","room":"lobby","page":3}]',
        )
    )  # fmt: skip
    assert 'self.room_id = answer["id"]' in text
    assert 'self.identity.take("key", answer["key"])' in text
    for part in ('"room_id": self.room_id', '"key": "{taken key}"', '"room": "lobby"', '"page": 3'):
        assert part in text.partition("gevent.sleep")[2]


def test_events_before_the_one_that_is_taken_from_are_awaited_too():
    """Events are taken in their order, so those of the same name before it have to be."""
    said = [f'<42["said",{{"key":"k-{number}"}}]' for number in ("one", "two", "three")]
    text = write(socketio(*said, '>42["seen",{"key":"k-three"}]'))
    assert text.count('self.wait_for("said")') == 3
    assert text.count('answer = self.wait_for("said")') == 1
    assert text.rindex('self.wait_for("said")') == text.index('answer = self.wait_for("said")') + len("answer = ")


def test_a_token_of_a_login_is_taken_and_its_password_is_not_in_the_file():
    """A JSON login's answer gives the token; the password is a variable of the environment, wherever it stands."""
    login = post("/api/login", {"user": "ada", "password": "pa55word!"}, {"access": {"token": TOKEN}})
    text = write(login, socketio('>42["note",{"text":"my pa55word! is"}]', auth={"token": TOKEN}))
    assert 'self.login("/api/login", json={"user": "ada", "password": "{env PASSWORD}"})' in text
    assert 'self.identity.take("token", answer.json()["access"]["token"])' in text
    assert 'auth={"token": "{taken token}"}' in text
    assert 'need_variables("PASSWORD")' in text
    assert "my {env PASSWORD} is" in text
    assert "pa55word" not in text
    assert TOKEN not in text


def test_a_secret_that_was_sent_before_it_was_known_as_one():
    """It does not stand in the file either."""
    text = write(socketio('>42["note",{"text":"hunter22"}]', '>42["enter",{"password":"hunter22"}]'))
    assert "hunter22" not in text


def test_cookies_of_before_the_recording_come_from_the_environment():
    """A session that the browser had already is no part of the file."""
    text = write(get("/", "<p>hi</p>", cookies={"session": "deadbeef00112233"}), socketio())
    assert 'self.http.cookies.set("session", self.identity.fill("{env SESSION}"))' in text
    assert "deadbeef" not in text


def test_a_cookie_that_is_repeated_in_a_header_is_taken_from_the_cookies():
    """Django's way: the cookie csrftoken is sent once more in a header."""
    page = get("/", "<p>hi</p>", given={"csrftoken": TOKEN})
    said = post("/say", {"text": "hi"}, {}, at_s=0.5)
    said.headers["x-csrftoken"] = TOKEN
    text = write(page, said, socketio())
    assert 'self.identity.take("x_csrftoken", self.http.cookies["csrftoken"])' in text
    assert TOKEN not in text


def test_braces_of_the_users_own_are_left_as_they_are():
    """A text that looks like a placeholder is doubled where it would be filled in, and only there."""
    text = write(socketio('>42["say",{"text":"{n}"}]', f'>42["say",{{"text":"{{n}}","id":"{OWN}"}}]'))
    assert 'self.emit("say", {"text": "{n}"})' in text
    assert '{"text": "{{n}}", "id": "{uuid}"}' in text


@pytest.mark.parametrize(("said", "leaving"), [(">41", "graceful"), (">1", "close")])
def test_the_way_of_leaving(said, leaving):
    """A disconnect packet is told from a closed socket."""
    text = write(socketio(said))
    assert f'drops = {{"{leaving}": 1.0}}' in text
    assert f"--drop {leaving} " in text


def test_a_socket_that_broke_was_left_by_a_reset():
    """No closing handshake came."""
    assert 'drops = {"reset": 1.0}' in write(socketio(leaving="reset"))


def test_long_pauses_are_cut_and_told():
    """A person's pauses are the recording's; the soak waits no longer than it was told to."""
    socket = socketio('>42["say","a"]', '>42["say","b"]')
    socket.frames[-1].at_s += 30
    text = write(socket)
    assert "gevent.sleep(1)  # the client waited 30.1 s" in text


def test_messages_of_a_plain_websocket():
    """Without Engine.IO, messages are sent and received as they are."""
    socket = Socket(1.0, "/ws?room=lobby", {}, {}, [sent(1.1, '{"text":"hi"}'), received(1.2, "welcome")], "close")
    text = write(socket)
    assert "class RecordedUser(WebSocketUser):" in text
    assert 'self.connect(path="/ws", query={"room": "lobby"})' in text
    assert 'self.send({"text": "hi"})' in text
    assert "self.receive()" in text


def test_attachments_are_bytes():
    """A binary event is put together again."""
    text = write(socketio('>451-["upload",{"_placeholder":true,"num":0}]', b">\x00\x01"))
    assert r"""self.emit("upload", b'\x00\x01')""" in text


def test_polling_that_upgrades_is_one_user():
    """Requests of long-polling and the WebSocket they upgrade to are one connection, opened as a browser opens it."""
    base = "/socket.io/?EIO=4&transport="
    opened = get(base + "polling&t=abc", OPEN, at_s=0.1, kind="text/plain", ended_s=0.2)
    posted = Exchange(
        0.3, "POST", base + "polling&sid=engine", {}, {}, b'40{"name":"ada"}', 200, "text/html", None, b"ok"
    )
    admitted = get(base + "polling&sid=engine", '40{"sid":"socket"}', at_s=0.3, kind="text/plain", ended_s=0.4)
    frames = [
        sent(0.5, "2probe"),
        received(0.6, "3probe"),
        sent(0.7, "5"),
        sent(0.8, '42["hi"]'),
    ]
    text = write(opened, posted, admitted, Socket(0.45, base + "websocket&sid=engine", {}, {}, frames, "close"))
    assert text.count("class Recorded") == 1
    assert 'transports=("polling", "websocket"), auth={"name": "ada"}' in text
    assert 'self.emit("hi")' in text


def test_what_is_left_out_is_told():
    """Scripts are counted, and what failed is named."""
    script = get("/app.js", "1", headers={"sec-fetch-dest": "script"}, kind="text/javascript")
    missing = get("/api/missing?key=secret", "no", kind="application/json")
    missing.status = 404
    text = write(script, missing, socketio())
    assert "# left out: 1 scripts, styles, images and the like" in text
    assert "# left out: GET /api/missing: answered 404" in text
    assert "secret" not in text


def test_ids_in_paths_are_nowhere_in_the_file():
    """Neither in what is asked for, nor in its name, nor in what is told of it."""
    room = get("/rooms", json.dumps({"room": CLIENT}), kind="application/json")
    read = get(f"/rooms/{CLIENT}/messages?after=2", "[]", at_s=0.5, kind="application/json")
    missing = get(f"/avatars/{OWN}", "no", at_s=0.6, kind="application/json")
    missing.status = 404
    text = write(room, read, missing, socketio(path=f"/io/{CLIENT}/?EIO=4&transport=websocket"))
    assert 'self.identity.fill("/rooms/{taken room}/messages?after=2"), name="/rooms/.../messages")' in text
    assert "GET /avatars/...: answered 404" in text
    assert "Socket.IO at /io/.../" in text
    assert CLIENT not in text
    assert OWN not in text


def test_nothing_is_written_of_a_client_that_was_not_let_in():
    """A socket that was refused is no visit."""
    socket = Socket(1.0, "/socket.io/?EIO=4&transport=websocket", {}, {}, [received(1.1, OPEN), sent(1.2, "40")])
    assert Script(Tape("http://127.0.0.1:1", [], [socket]), 1.0, "x.py").visits == []
