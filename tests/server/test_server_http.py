"""The HTTP routes: chat, crawl, health, metrics, dashboard."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.limits import Limits
from tests.server.web import Web, ask
from tests.server.world import until


def test_a_page_of_an_allowed_origin_may_use_the_api_and_no_other():
    """A page whose origin was named may open a session and read the answer; another's browser keeps it from it."""

    async def preflight(origin):
        web = Web(cors_origins=("http://app.example",))
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        await web.ask("OPTIONS", "/api/agent-chat/sessions", headers=asked)
        return web.headers.get(b"access-control-allow-origin")

    assert asyncio.run(preflight("http://app.example")) == b"http://app.example"
    assert asyncio.run(preflight("http://elsewhere.example")) is None


def test_no_page_is_served_that_needs_the_internet():
    """The framework's own pages, whose scripts come from elsewhere, are not there; the description of the routes is."""
    assert [ask("GET", path)[0] for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 200]


def test_status_shows_counts_bounds_and_alerts():
    """The status has a fresh sample, the bounds of the registries and the state of each alert."""
    _, status = ask("GET", "/internal/memory/status")
    assert status["sample"]["rss_bytes"] > status["sample"]["uss_bytes"] > 2**20
    assert status["sample"]["document_locks"] == 0
    assert status["bounds"]["sessions"] == Limits().sessions
    assert {"process_memory", "system_memory", "memory_growth"} <= {alert["name"] for alert in status["alerts"]}


def test_asking_often_makes_the_day_no_shorter():
    """A status that is polled adds no sample: ten samples stay ten minutes."""

    async def ask_thrice():
        web = Web()
        for _ in range(3):
            await web.ask("GET", "/internal/memory/status")
        return web.server.monitor.history.taken

    assert asyncio.run(ask_thrice()) == 0


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
            assert set(sample.labels) <= {"registry", "trigger", "step", "alert", "why"}
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


def test_a_session_needs_no_body():
    """Without a body a session is opened for the default agent; a body that is wrong is refused all the same."""
    assert list(ask("POST", "/api/agent-chat/sessions")[1]) == ["session_id"]
    assert ask("POST", "/api/agent-chat/sessions", {"agent_type": 7})[0] == 422


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
