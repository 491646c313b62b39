"""The HTTP routes: chat, crawl, health, metrics, and who may see the server's inside."""

from __future__ import annotations

import asyncio
import hmac
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.app import Server
from server.http.access import TOKEN_ENV, Access
from server.limits import Limits
from tests.server.world import until

FOREIGN = "203.0.113.9"


class Web:
    """A server asked over ASGI, so that a peer can have any address."""

    def __init__(self, token="", limits=None):
        self.server = Server(limits=limits)
        self.server.access._token = token

    async def ask(self, method, path, body=None, peer="127.0.0.1", headers=None):
        """Return the status and the body of the answer."""
        sent = []
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        messages = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive():
            return next(messages, {"type": "http.disconnect"})

        async def send(message):
            sent.append(message)

        await self.server.asgi(self.scope(method, path, peer, headers or {}), receive, send)
        text = b"".join(message.get("body", b"") for message in sent).decode()
        return sent[0]["status"], json.loads(text) if text.startswith(("{", "[")) else text

    @staticmethod
    def scope(method, path, peer, headers):
        path, _, query = path.partition("?")
        fields = {"host": "server", "content-type": "application/json"} | headers
        return {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
            "client": (peer, 4711),
            "server": ("server", 80),
            "scheme": "http",
            "root_path": "",
        }


def ask(*request, token="", limits=None, **more):
    return asyncio.run(Web(token, limits).ask(*request, **more))


INTERNAL = [
    ("GET", "/internal/memory/status"),
    ("GET", "/internal/memory/metrics"),
    ("POST", "/internal/memory/cleanup"),
]


@pytest.mark.parametrize(("method", "path"), INTERNAL)
def test_internal_routes_answer_on_loopback(method, path):
    """A peer on this machine needs no token, over IPv4 or IPv6."""
    assert ask(method, path)[0] == 200
    assert ask(method, path, peer="::1")[0] == 200


@pytest.mark.parametrize(("method", "path"), INTERNAL)
def test_internal_routes_refuse_a_foreign_peer(method, path):
    """A peer elsewhere is refused, token configured or not."""
    assert ask(method, path, peer=FOREIGN)[0] == 403
    assert ask(method, path, peer=FOREIGN, token="secret")[0] == 403


FORGED = [
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"Host": "localhost"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer secret2"},
    {"Authorization": "Basic secret"},
    {"Authorization": "secret"},
]


@pytest.mark.parametrize("headers", FORGED)
def test_no_header_but_the_token_lets_a_foreign_peer_in(headers):
    """The check is made on the peer's address; a forged header or a wrong token changes nothing."""
    status, _ = ask("GET", "/internal/memory/status", peer=FOREIGN, headers=headers, token="secret")
    assert status == 403


def test_without_a_token_in_the_environment_none_is_right():
    """An empty token is no token: nobody gets in by showing nothing."""
    for shown in ("", " ", "None"):
        headers = {"Authorization": f"Bearer {shown}"}
        assert ask("GET", "/internal/memory/status", peer=FOREIGN, headers=headers)[0] == 403


def test_the_token_lets_a_foreign_peer_in():
    """Whoever shows the token is let in from anywhere."""
    headers = {"Authorization": "Bearer secret"}
    assert ask("GET", "/internal/memory/status", peer=FOREIGN, headers=headers, token="secret")[0] == 200


def test_what_a_proxy_on_this_machine_forwards_is_foreign():
    """A forwarding header can only take a right away: behind a local proxy, loopback means nothing."""
    assert ask("GET", "/internal/memory/status", headers={"X-Forwarded-For": "127.0.0.1"})[0] == 403


def test_a_page_of_another_origin_cannot_clean_up():
    """A browser on this machine does not lend its loopback to other sites' pages."""
    assert ask("POST", "/internal/memory/cleanup", headers={"Origin": "https://elsewhere.example"})[0] == 403
    assert ask("POST", "/internal/memory/cleanup", headers={"Origin": "http://server"})[0] == 200


def test_the_token_is_compared_in_constant_time(monkeypatch):
    """The comparison goes through ``hmac.compare_digest``, whatever is shown."""
    compared = []
    original = hmac.compare_digest

    def compare(shown, expected):
        compared.append((shown, expected))
        return original(shown, expected)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    scope = {"headers": [(b"authorization", b"Bearer x")], "client": (FOREIGN, 1)}
    assert not Access("secret").is_internal(scope)
    assert compared == [(b"x", b"secret")]


def test_the_token_comes_from_the_environment(monkeypatch):
    """The token is read from the environment, not from the command line, where others would see it."""
    monkeypatch.setenv(TOKEN_ENV, "from the environment")
    scope = {"headers": [(b"authorization", b"Bearer from the environment")], "client": (FOREIGN, 1)}
    assert Access().is_internal(scope)


def test_status_shows_counts_bounds_and_alerts():
    """The status has a fresh sample, the bounds of the registries and the state of each alert."""
    _, status = ask("GET", "/internal/memory/status")
    assert status["sample"]["rss_bytes"] > status["sample"]["uss_bytes"] > 2**20
    assert status["sample"]["document_locks"] == 0
    assert status["bounds"]["sessions"] == Limits().sessions
    assert {"process_memory", "system_memory", "memory_growth"} <= {alert["name"] for alert in status["alerts"]}


def test_metrics_show_what_was_sampled():
    """Each sample is a point in each column."""

    async def sample_thrice():
        web = Web()
        for _ in range(3):
            await web.server.monitor.sample()
        return await web.ask("GET", "/internal/memory/metrics?last=2")

    _, answer = asyncio.run(sample_thrice())
    assert {len(column) for column in answer["columns"].values()} == {2}
    assert all(value > 0 for value in answer["columns"]["rss_bytes"])
    assert ask("GET", "/internal/memory/metrics?last=0")[0] == 422


def test_a_manual_cleanup_says_what_it_dealt_with():
    """The route runs all steps and names them."""
    status, answer = ask("POST", "/internal/memory/cleanup")
    steps = ["document_locks", "broadcast_times", "document_states", "sessions", "crawls"]
    assert (status, list(answer["dealt_with"])) == (200, steps)


def test_prometheus_can_read_the_metrics():
    """The exposition parses; counters end in _total, sizes are in bytes, and labels are from a fixed set."""

    async def scrape():
        web = Web()
        await web.server.collaboration.cleanup.run("manual")
        return await web.ask("GET", "/metrics")

    status, text = asyncio.run(scrape())
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert status == 200
    assert families["process_resident_memory_bytes"].samples[0].value > 2**20
    for family in families.values():
        assert family.documentation
        for sample in family.samples:
            assert sample.name.startswith(("collaboration_", "process_"))
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert set(sample.labels) <= {"registry", "trigger", "step", "alert"}
    entries = {sample.labels["registry"] for sample in families["collaboration_registry_entries"].samples}
    assert entries == {"broadcast_times", "document_states", "document_locks", "sessions", "crawls"}
    [manual] = [each for each in families["collaboration_cleanups"].samples if each.labels["trigger"] == "manual"]
    assert manual.value == 1


def test_a_chat_session_is_opened_read_talked_in_and_deleted():
    """The routes of the chat, one after the other."""

    async def chat():
        web = Web()
        base = "/api/agent-chat/sessions"
        status, opened = await web.ask("POST", base, {"project_id": "p"})
        assert status == 200
        path = f"{base}/{opened['session_id']}"
        _, session = await web.ask("GET", path)
        assert (session["agent_type"], session["project_id"], session["messages"]) == ("rag", "p", [])
        assert (await web.ask("POST", f"{path}/messages", {"message": "hi"}))[0] == 200
        assert (await web.ask("POST", f"{path}/messages", {"message": "again"}))[0] == 409
        await until(lambda: not web.server.collaboration.tasks.running)
        _, session = await web.ask("GET", path)
        assert [message["sender"] for message in session["messages"]] == ["user", "agent"]
        assert (await web.ask("GET", "/api/agent-chat/status"))[1]["sessions"] == 1
        assert (await web.ask("DELETE", path))[0] == 200
        assert [(await web.ask(method, path))[0] for method in ("GET", "DELETE")] == [404, 404]
        assert (await web.ask("POST", f"{path}/messages", {"message": "hi"}))[0] == 404

    asyncio.run(chat())


def test_a_crawl_runs_or_is_stopped():
    """A crawl completes by itself, a stopped one is cancelled, and one that does not run cannot be stopped."""

    async def crawl():
        web = Web()
        crawls = web.server.collaboration.registries.crawls.crawls
        _, first = await web.ask("POST", "/knowledge-items/crawl", {"url": "http://example.invalid"})
        _, second = await web.ask("POST", "/knowledge-items/crawl", {"url": "http://example.invalid"})
        assert (await web.ask("POST", f"/knowledge-items/stop/{second['progressId']}"))[0] == 200
        assert (await web.ask("POST", f"/knowledge-items/stop/{second['progressId']}"))[0] == 404
        await until(lambda: not web.server.collaboration.tasks.running)
        assert crawls[first["progressId"]].status == "completed"
        assert crawls[second["progressId"]].status == "cancelled"
        assert web.server.collaboration.registries.counts()["broadcast_times"] == 0

    asyncio.run(crawl())


BAD_BODIES = [
    b"",
    b"not json",
    b"[]",
    b"7",
    b'{"url": 7}',
    b'{"url": "file:///etc/passwd"}',
    b'{"url": "http://x", "max_depth": 99}',
    b'{"url": "http://x", "max_depth": "1"}',
    b"[" * 100_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_bad_body_is_refused(body):
    """What does not validate gets a 4xx, and starts nothing."""

    async def post():
        web = Web()
        status, _ = await web.ask("POST", "/knowledge-items/crawl", body)
        return status, web.server.collaboration.registries.counts()["crawls"]

    status, crawls = asyncio.run(post())
    assert 400 <= status < 500
    assert crawls == 0


def test_a_body_past_the_limit_is_refused():
    """A body is counted as it comes, whatever its header says."""
    limits = Limits(message_bytes=1_000)
    body = {"url": "http://x/" + "x" * 1_000}
    assert ask("POST", "/knowledge-items/crawl", body, limits=limits)[0] == 413


def test_at_the_cap_there_are_no_more_crawls():
    """A server that is busy enough says so."""
    body = {"url": "http://x"}
    assert ask("POST", "/knowledge-items/crawl", body, limits=Limits(crawls=0))[0] == 503


def test_the_dashboard_serves_its_own_files_and_no_others():
    """The page's files come from here, with a policy that allows nothing from elsewhere."""
    for name in ("", "/style.css", "/dashboard.js", "/chart.js", "/socket.js", "/icon.svg"):
        status, text = ask("GET", f"/dashboard{name}")
        assert status == 200
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
    for name in ("nothing.js", "..%2fapp.py", "../app.py", "__init__.py"):
        assert ask("GET", f"/dashboard/{name}")[0] == 404
