"""Every drop mode, checked against the server's own log of what it saw."""

import gc
import time

import gevent
import pytest

from soakproof.errors import ConfigError
from soakproof.load.clients.errors import ClientError
from soakproof.load.drops import MODES, check_modes
from soakproof.load.drops.abusing import MALFORMED, PONGS, ROUNDS
from soakproof.load.options import ClientOptions
from tests.unit.load.load_server import wait_until

GONE = "transport close"
GIVEN_UP = {"ping timeout", "transport close"}  # python-engineio has two timers for it, which end at the same time


def live(server, mode, event=None, times=1, **options):
    """Let a client live: connect, call an event, leave in the mode; return the client."""
    way = MODES[mode]
    for _ in range(times):
        client = way.make(server.url, ClientOptions(timeout_s=30, **options), lambda reason: None)
        client.connect()
        if event is not None:
            client.call(event, {"a": 1})
        way.leave(client)
    return client


def reasons(server):
    return [record["reason"] for record in server.records("disconnect")]


def frames(server):
    return [record["text"] for record in server.records("frame")]


def queries(server):
    return [(record["kind"], record["query"]) for record in server.records("request")]


def closing_codes(server):
    return [record["code"] for record in server.records("closed")]


def test_graceful_leaves_the_namespace_and_then_closes(server):
    """The server reads Socket.IO's disconnect packet, and a closing frame with code 1000."""
    live(server, "graceful", "work")
    server.wait_for(disconnect=1)
    assert frames(server)[-1] == "41"
    assert reasons(server) == ["client disconnect"]
    wait_until(lambda: closing_codes(server) in ([1000], []))


def test_close_says_nothing_but_a_closing_frame(server):
    """The server reads no disconnect packet, and a closing frame with code 1000."""
    live(server, "close", "work")
    server.wait_for(disconnect=1, closed=1)
    assert frames(server)[-1].startswith("42")
    assert (reasons(server), closing_codes(server)) == ([GONE], [1000])


def test_reset_is_a_connection_error(server):
    """The server sees no closing frame: code 1006, or 1005 where it cannot tell."""
    live(server, "reset", "work")
    server.wait_for(disconnect=1, closed=1)
    assert closing_codes(server)[0] in {1005, 1006}


def test_vanish_is_found_by_the_ping_alone(hasty_server):
    """Nothing happens when the client goes silent; later its ping times out."""
    live(hasty_server, "vanish", "work")
    assert not hasty_server.records("disconnect")
    hasty_server.wait_for(disconnect=1)
    assert set(reasons(hasty_server)) <= GIVEN_UP
    whats = [record["what"] for record in hasty_server.records()]
    assert "closed" not in whats[: whats.index("disconnect")]


def greenlets():
    gc.collect()
    return sum(isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects())


@pytest.mark.parametrize(("transport", "kept"), [("websocket", 1), ("polling", 0)])
def test_nothing_waits_for_whoever_vanished_and_was_given_up(hasty_server, transport, kept):
    """What is to close the silent socket some day goes with the socket, when the server closes it first."""
    live(hasty_server, "close", "work")  # the hub has a greenlet of its own
    before = greenlets()
    live(hasty_server, "vanish", "work", transports=(transport,))
    assert greenlets() == before + kept
    hasty_server.wait_for(disconnect=2)
    deadline = time.monotonic() + 30
    while greenlets() > before:
        assert time.monotonic() < deadline
        gevent.sleep(0.05)


def test_half_open_leaves_a_session_and_no_client(server):
    """One polling request without a session id is all the server ever sees."""
    live(server, "half-open")
    server.wait_for(request=1)
    assert queries(server) == [("http", "EIO=4&transport=polling")]
    assert not server.records("connect")


def test_upgrade_abort_stops_after_the_probe(server):
    """The server answers a probe, and never hears of an upgrade or a namespace."""
    live(server, "upgrade-abort")
    server.wait_for(request=2, frame=1, closed=1)
    assert [kind for kind, _ in queries(server)] == ["http", "websocket"]
    assert frames(server) == ["2probe"]
    assert not server.records("connect")


def test_reject_is_refused(server):
    """The server's connect handler sees the credentials it refuses; there is no disconnect."""
    live(server, "reject")
    server.wait_for(connect=1, closed=1)
    assert server.records("connect")[0]["auth"] == {"token": "refused"}
    assert not server.records("disconnect")


def test_reject_that_is_let_in_is_a_failure(server):
    """A server that accepts what it should refuse does not go unnoticed."""
    with pytest.raises(ClientError, match="the server accepted"):
        live(server, "reject", refused_auth={"token": "welcome"})
    server.wait_for(disconnect=1)


def test_mid_binary_sends_a_header_and_no_attachment(server):
    """The last the server reads is the header of a binary event."""
    live(server, "mid-binary", "work")
    server.wait_for(disconnect=1)
    assert frames(server)[-1] == '451-["work",{"_placeholder":true,"num":0}]'
    assert len(server.records("work")) == 1


@pytest.mark.parametrize(("mode", "answers"), [("unacked", 0), ("close", 1)])
def test_unacked_never_answers(server, mode, answers):
    """A client that leaves in this mode never acknowledges; others do, before they leave."""
    live(server, mode, "ask_me")
    server.wait_for(disconnect=1)
    assert len(server.records("answer")) == answers


def test_mid_call_leaves_while_the_server_works(server):
    """The second call has begun when the client leaves, and ends after."""
    live(server, "mid-call", "slow")
    server.wait_for(begun=2, ended=2, disconnect=1)
    whats = [record["what"] for record in server.records() if record["what"] in {"begun", "ended", "disconnect"}]
    assert whats == ["begun", "ended", "begun", "disconnect", "ended"]


def test_polling_uses_no_websocket_and_stops(hasty_server):
    """All requests are HTTP; after the last poll the ping times out."""
    live(hasty_server, "polling", "work")
    hasty_server.wait_for(disconnect=1)
    assert {kind for kind, _ in queries(hasty_server)} == {"http"}
    assert set(reasons(hasty_server)) <= GIVEN_UP


def test_storm_cuts_the_connection(server):
    """The server sees no closing frame. That the client comes back is the user's part, tested with it."""
    live(server, "storm", "work")
    server.wait_for(disconnect=1, closed=1)
    assert closing_codes(server)[0] in {1005, 1006}
    assert MODES["storm"].comes_back


def test_reconnect_closes_and_comes_back(server):
    """The server sees a closing frame; that the client comes back, as who it was, is the user's part."""
    live(server, "reconnect", "work")
    server.wait_for(disconnect=1, closed=1)
    assert closing_codes(server) == [1000]
    assert MODES["reconnect"].comes_back


def test_rejoin_comes_and_goes_over_one_transport(server):
    """One WebSocket, and six connections to the namespace, each with its disconnect."""
    live(server, "rejoin", "work", auth={"name": "ada"})
    server.wait_for(disconnect=ROUNDS + 1, closed=1)
    assert len(server.records("request")) == 1
    assert [record["auth"] for record in server.records("connect")] == [{"name": "ada"}] * (ROUNDS + 1)
    assert frames(server).count("41") == ROUNDS


def test_page_only_opens_no_socket(server):
    """After its pages, which are the user's part, the server hears nothing of it."""
    live(server, "page-only", pages=("/",))
    live(server, "close", "work")
    server.wait_for(disconnect=1)
    assert len(server.records("request")) == 1


def test_page_only_without_a_page_is_a_failure(server):
    """Who has no page to come for has not come, and is not counted as a client."""
    with pytest.raises(ClientError, match="no page to leave; name one with --page"):
        live(server, "page-only")


@pytest.mark.parametrize("packet", [packet for packet in MALFORMED if packet[0]])
def test_malformed_is_sent_as_it_is(server, monkeypatch, packet):
    """The server reads the packet, and the client is gone after it, whatever the server thinks of it."""
    monkeypatch.setattr("soakproof.load.drops.abusing.MALFORMED", (packet,))
    live(server, "malformed", "work")
    server.wait_for(disconnect=1, closed=1)
    assert packet[0].decode() in frames(server)


def test_oversize_is_larger_than_the_server_takes(server):
    """The event is longer than the server's maxPayload."""
    live(server, "oversize", "work")
    server.wait_for(disconnect=1)
    assert max(map(len, frames(server))) > 1_000_000


def test_pong_flood_answers_pings_that_nobody_sent(server):
    """The server reads every pong."""
    live(server, "pong-flood", "work")
    server.wait_for(disconnect=1)
    assert frames(server).count("3") == PONGS


def test_modes_of_the_brief_are_all_there():
    """The table has every mode by its name."""
    assert set(MODES) == {
        "graceful", "close", "reset", "vanish", "half-open", "upgrade-abort", "reject", "mid-binary", "unacked",
        "mid-call", "polling", "storm", "reconnect", "rejoin", "page-only", "malformed", "oversize", "pong-flood",
        "slow-reader", "stalled-reader",
    }  # fmt: skip


def test_the_reference_client_leaves_only_as_its_library_can():
    """A mode that breaks the protocol's rules is refused for it, by name."""
    check_modes(["close", "graceful"], "reference")
    with pytest.raises(ConfigError, match="'reset': only the lean client"):
        check_modes(["close", "reset"], "reference")
