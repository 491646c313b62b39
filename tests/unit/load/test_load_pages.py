"""What comes before the socket, against a real server that lets nobody in without it."""

import json
import re
import textwrap
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from soakproof.config.optiontext import parse_login, parse_takes
from soakproof.errors import ConfigError, LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from tests.unit.load.load_server import serve, wait_until

PASSWORD = "open sesame & co"
CSRF = parse_takes(["csrf=meta[name=csrf]"])
BROWSER = ClientOptions(
    pages=("/",), takes=CSRF, query={"token": "{taken csrf}", "tab": "{uuid}"}, auth={"tab": "{uuid}"}, timeout_s=5
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The server, with a password that stands in the environment of its clients too."""
    with (
        pytest.MonkeyPatch.context() as patch,
        serve("load_pages_app:app", tmp_path_factory.mktemp("pages"), PAGES_PASSWORD=PASSWORD) as server,
    ):
        patch.setenv("PAGES_PASSWORD", PASSWORD)
        wait_until(lambda: is_there(server.url))
        yield server


@pytest.fixture
def aim(pages, tmp_path):
    """Return a load that has been told how to connect."""
    loads = []

    def start(options, **arguments):
        load = LocustLoad(pages.url, tmp_path / "locust.log", **arguments)
        loads.append(load)
        load.start()
        load.aim(pages.url, options)
        return load

    yield start
    for load in loads:
        load.stop()


def carry_out(load, **order):
    load.begin(Order(**{"index": 4, "phase": "wave", "drops": {"close": 1.0}, "clients": 10, **order}))
    wait_until(lambda: load.progress().is_done, 60)
    return load.tally()


def is_there(url):
    try:
        urlopen(f"{url}/who", timeout=5).close()
    except OSError:
        return False
    return True


def who(pages):
    with urlopen(f"{pages.url}/who", timeout=5) as answer:
        return json.load(answer)


def people(pages):
    return who(pages)["people"]


USERS = """
import json
from locust import constant, task
from soakproof.load import ClientError, PageError, SocketIOUser, StatusError, TakeError

class Visitor(SocketIOUser):
    wait_time = constant(60)
    connects_on_start = False

    @task
    def live(self):
        results = []
        try:
            self.work(results)
        except BaseException as error:
            results.append(repr(error))
            raise
        finally:
            with open({results!r} + str(self.identity.number), "w") as file:
                json.dump(results, file)

    def fails(self, kind, action):
        try:
            action()
        except kind as error:
            return str(error)
        return "did not raise"

    def work(self, results):
        {work}
"""


@pytest.fixture
def live(aim, tmp_path):
    """Return how to have users of a Locust file do something; returns the tally and what each of them found."""

    def do(work, clients=1, index=4):
        found = tmp_path / "results"
        file = tmp_path / "users.py"
        file.write_text(USERS.format(results=str(found), work=textwrap.indent(textwrap.dedent(work), " " * 8).strip()))
        tally = carry_out(aim(ClientOptions(timeout_s=5), locustfile=str(file)), clients=clients, index=index)
        return tally, [json.loads(Path(f"{found}{n}").read_text()) for n in range(1, clients + 1)]

    return do


@pytest.mark.parametrize("workers", [0, 2])
def test_each_client_gets_a_page_and_connects_with_what_was_in_it(aim, pages, workers):
    """A cookie, a token from the page and a UUID of its own: the server lets every client in, each as another."""
    known = people(pages)
    tally = carry_out(aim(BROWSER, workers=workers, expect_workers=workers))
    assert (tally.opened, tally.failures, tally.errors) == (10, 0, {})
    new = [name for name in people(pages) if name not in known]
    assert len(set(new)) == 10
    for name in new:
        _, auth, query = name.split("/")
        assert auth == query


def test_a_client_without_the_page_is_refused(aim):
    """The same options without the page: it is the page that made the difference."""
    tally = carry_out(aim(ClientOptions(auth={"tab": "{uuid}"}, query={"token": "x", "tab": "1"}, timeout_s=5)))
    assert tally.opened == 0
    assert tally.errors == {"WS connect: refused: no session": 10}


@pytest.mark.parametrize(
    "login",
    [
        "/login username=u{n}-{wave}&password={env PAGES_PASSWORD}",
        '/login {"username": "u{n}-{wave}", "password": "{env PAGES_PASSWORD}"}',
    ],
)
def test_clients_log_in_by_form_or_json_each_as_its_own_user(aim, pages, login):
    """The password comes from the environment, the user's name from number and wave, the token from what comes back."""
    options = ClientOptions(
        login=parse_login(login),
        pages=("/me",),
        takes=parse_takes(["token=$.token"]),
        query={"token": "{taken token}", "tab": "1"},
        auth={"tab": "1"},
        timeout_s=5,
    )
    wave = 7 if parse_login(login).is_json else 8
    tally = carry_out(aim(options), index=wave)
    assert (tally.opened, tally.errors) == (10, {})
    assert {f"u{n}-{wave}/1/1" for n in range(1, 11)} <= set(people(pages))


@pytest.mark.parametrize("mode", ["storm", "reconnect"])
def test_a_reconnecting_client_is_the_same_one(aim, pages, mode):
    """A client that comes back has the cookie and the values that it had: no second page is got."""
    known = people(pages)
    tally = carry_out(aim(BROWSER), drops={mode: 1.0}, clients=3)
    assert tally.dropped == {mode: 6}
    new = [name for name in people(pages) if name not in known]
    assert (len(new), len(set(new))) == (6, 3)


def test_a_locustfiles_client_comes_back_as_it_came(aim, pages, tmp_path):
    """What `connect` was given for the first connection holds for the second, too."""
    (tmp_path / "users.py").write_text(
        textwrap.dedent("""
            from locust import constant, task
            from soakproof.load import SocketIOUser

            class Visitor(SocketIOUser):
                wait_time = constant(60)

                def on_start(self):
                    self.page("/", take={"csrf": "meta[name=csrf]"})
                    self.connect(query={"token": "{taken csrf}", "tab": "{uuid}"}, auth={"tab": "{uuid}"})

                @task
                def work(self):
                    self.call("work", 1)
        """)
    )
    before = who(pages)
    tally = carry_out(
        aim(ClientOptions(timeout_s=5), locustfile=str(tmp_path / "users.py")), drops={"reconnect": 1.0}, clients=3
    )
    assert (tally.dropped, tally.errors) == ({"reconnect": 6}, {})
    assert len(who(pages)["people"]) == len(before["people"]) + 6
    assert who(pages)["sessions"] == before["sessions"] + 3


def test_who_leaves_between_page_and_socket_has_been_on_the_page(aim, pages):
    """The page is got by each, and no socket opened."""
    load = aim(BROWSER)
    before = who(pages)
    tally = carry_out(load, drops={"page-only": 1.0}, clients=3)
    assert (tally.opened, tally.dropped, tally.errors) == (3, {"page-only": 3}, {})
    assert who(pages) == {"people": before["people"], "sessions": before["sessions"] + 3}


BAD = {
    "a page that is not there": (
        {"pages": ("/nothing",)},
        LoadError,
        r"GET /nothing: HTTP 404 Not Found, 'Not Found'; need a page that the server serves to these clients \(--page",
    ),
    "a page that fails": (
        {"pages": ("/broken",)},
        LoadError,
        r"GET /broken: HTTP 500 Internal Server Error, 'it broke'; the server failed over it: see target.log",
    ),
    "a page elsewhere": (
        {"pages": ("/elsewhere",)},
        LoadError,
        r"GET /elsewhere: redirects to http://sso.example, and clients stay on 127.0.0.1:\d+; name a page that the",
    ),
    "a pattern that takes nothing": (
        {"pages": ("/",), "takes": parse_takes(["csrf=input[name=csrf]"])},
        ConfigError,
        r"--take csrf=input\[name=csrf\]: this CSS selector takes nothing from GET / \(HTTP 200, text/html, ",
    ),
    "a pattern that takes many": (
        {"pages": ("/",), "takes": parse_takes(["word=b"])},
        ConfigError,
        r"--take word=b: the CSS selector takes 2 different values from GET /; need one, so make the pattern narrower",
    ),
    "a login that is not accepted": (
        {"login": parse_login("/login username=a&password=guessed")},
        LoadError,
        r"POST /login: HTTP 403 Forbidden, 'wrong password \(hidden\)'; need a path, fields and a user",
    ),
}


@pytest.mark.parametrize(("options", "kind", "sentence"), BAD.values(), ids=list(BAD))
def test_what_does_not_work_before_the_socket_is_told_before_any_wave(aim, options, kind, sentence):
    """One client rehearses: what was got, what is needed, and nothing secret."""
    with pytest.raises(kind, match=sentence):
        aim(ClientOptions(**options, timeout_s=5))


def test_no_secret_stands_in_what_is_counted(aim, pages, tmp_path):
    """The server says a token back when it refuses: the wave's errors have it hidden, and so has Locust's log."""
    options = ClientOptions(
        pages=("/",), takes=CSRF, query={"token": "x{taken csrf}", "tab": "1"}, auth={"tab": "1"}, timeout_s=5
    )
    tally = carry_out(aim(options))
    assert tally.errors == {"WS connect: refused: wrong token ['x(hidden)']": 10}
    assert not re.search("x[0-9a-f]{16}", (tmp_path / "locust.log").read_text())


def test_a_user_does_what_a_browser_does(live, pages):
    """In a Locust file: a page with a token to take, a socket with it, and what is in it for the rest of its life."""
    tally, [found] = live("""
        page = self.page("/", take={"csrf": 'start\\\\("(.+?)"\\\\)'})
        results += [page.status_code, self.identity.taken["csrf"] in page.text]
        self.connect(auth={"tab": "{uuid}"}, query={"token": "{taken csrf}", "tab": "{uuid}"})
        results += [self.call("work", 5), self.identity.fill("somebody/{uuid}/{uuid}")]
    """)
    assert (tally.opened, tally.errors, found[:3]) == (1, {}, [200, True, 5])
    assert found[3] in people(pages)


def test_a_user_logs_in_and_its_requests_carry_the_cookie(live):
    """By form or as JSON; afterwards any request is the same visitor's."""
    _, [found] = live("""
        self.login("/login", form={"username": "ann", "password": "{env PAGES_PASSWORD}"})
        results += [self.http.get("/me").json()["user"], self.http("GET", "/me")["user"]]
        results.append("session" in self.http.cookies)
        self.login("/login", json={"username": "bob", "password": "{env PAGES_PASSWORD}"})
        results.append(self.http("GET", "/me")["user"])
    """)
    assert found == ["ann", "ann", True, "bob"]


def test_requests_may_have_any_content(live):
    """Not JSON alone: a form, bytes, each method; names stand in statistics for paths that differ."""
    _, [found] = live("""
        results.append(self.http.post("/echo", data={"a": "1"}, name="/echo/[id]").text)
        results.append(self.http.put("/echo", data=b"raw").text)
        results.append(self.http.patch("/echo", json={"a": 1}).text)
        results.append(self.http.delete("/echo").status_code)
    """)
    assert found == ["POST a=1", "PUT raw", 'PATCH {"a": 1}', 200]


def test_a_users_failures_are_raised_and_counted(live):
    """Status, host and pattern: each is one sentence, in the statistics too."""
    tally, [found] = live("""
        results.append(self.fails(StatusError, lambda: self.http.get("/broken")))
        results.append(self.fails(PageError, lambda: self.page("/nothing")))
        results.append(self.fails(PageError, lambda: self.http.get("/elsewhere")))
        results.append(self.fails(TakeError, lambda: self.page("/", take={"x": "#none"})))
        results.append(self.fails(PageError, lambda: self.login("/login", form={"password": "guessed"})))
        results.append(all(issubclass(kind, ClientError) for kind in (StatusError, PageError, TakeError)))
    """)
    wanted = ["it broke", "HTTP 404", "redirects to http://sso", "takes nothing from GET /", "wrong password (hidden)"]
    for sentence, part in zip(found, wanted, strict=False):
        assert part in sentence
    assert found[5] is True
    assert tally.failures == 5
    assert "guessed" not in str(tally.errors)


def test_users_of_an_order_know_their_number_and_wave(live, pages):
    """A Locust file's user is told as the built-in one is."""
    tally, _ = live(
        """
        self.page("/", take={"csrf": "meta[name=csrf]"})
        tab = f"{self.identity.number}of{self.identity.wave}"
        self.connect(auth={"tab": tab}, query={"token": "{taken csrf}", "tab": "{n}"})
        """,
        clients=3,
        index=9,
    )
    assert (tally.opened, tally.errors) == (3, {})
    assert {f"somebody/{n}of9/{n}" for n in (1, 2, 3)} <= set(people(pages))


def test_no_connection_is_kept_open_between_orders(aim, pages):
    """Pages are got over pooled connections, and none of them is load at a rest point."""
    load = aim(BROWSER)
    carry_out(load)
    assert load._process is not None
    generator = psutil.Process(load._process.pid)
    deadline_s = time.monotonic() + 5
    while time.monotonic() < deadline_s:
        to_target = [c for c in generator.net_connections("tcp") if c.raddr and c.raddr.port == pages.port]
        if not [c for c in to_target if c.status == psutil.CONN_ESTABLISHED]:
            return
        time.sleep(0.05)
    raise AssertionError(to_target)
