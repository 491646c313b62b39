"""Who may see the server's inside over HTTP: loopback, or whoever has the token."""

from __future__ import annotations

import hmac

import pytest

from server.http.access import TOKEN_ENV, Access
from tests.server.web import ask

FOREIGN = "203.0.113.9"
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
