"""Reading the tape: which sockets and polling requests are one Engine.IO session, and what was said in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, urlsplit

from soakproof.load.wire import packets
from soakproof.load.wire.packets import Packet, PacketError
from soakproof.record.conversation import Conversation, Happening
from soakproof.record.tape import Exchange, Frame, Socket, Tape

_REVISION = "4"
_EVENTS = {packets.EVENT, packets.BINARY_EVENT}
_ACKS = {packets.ACK, packets.BINARY_ACK}


def is_polling(exchange: Exchange) -> bool:
    """Return whether a request is one of Engine.IO's long-polling."""
    query = parse_qs(urlsplit(exchange.path).query)
    return "EIO" in query and query.get("transport") == ["polling"]


def read_conversations(tape: Tape) -> list[Conversation]:
    """Return all connections of a recording in which somebody was let in, in their order."""
    polled: dict[str, list[Exchange]] = {}
    for exchange in filter(is_polling, tape.exchanges):
        if sid := _sid_of(exchange.path) or _opened_sid(exchange):
            polled.setdefault(sid, []).append(exchange)
    found = []
    for socket in tape.sockets:
        exchanges = polled.pop(_sid_of(socket.path) or "", [])
        found.append(_read_session(exchanges, socket) if _is_engine(socket.path) else _read_plain(socket))
    found += [_read_session(exchanges, None) for exchanges in polled.values()]
    return sorted((each for each in found if each is not None), key=lambda each: each.at_s)


def _is_engine(path: str) -> bool:
    return parse_qs(urlsplit(path).query).get("EIO") == [_REVISION]


def _sid_of(path: str) -> str | None:
    return parse_qs(urlsplit(path).query).get("sid", [None])[0]


def _opened_sid(exchange: Exchange) -> str | None:
    try:
        return packets.decode_open(exchange.text.partition("\x1e")[0]).sid
    except PacketError:
        return None


def _read_plain(socket: Socket) -> Conversation:
    happenings = [
        Happening(frame.at_s, "emit" if frame.is_sent else "receive", "", _as_json(frame.data))
        for frame in socket.frames
    ]
    return Conversation(
        socket.at_s, "websocket", socket.path, socket.headers, socket.cookies,
        happenings=happenings, leaving=socket.leaving or "close",
    )  # fmt: skip


def _as_json(data: str | bytes) -> object:
    """Return the value of a message that is a JSON object or array; everything else as it is."""
    if isinstance(data, str) and data[:1] in {"{", "["}:
        try:
            return json.loads(data)
        except ValueError:
            return data
    return data


def _read_session(exchanges: list[Exchange], socket: Socket | None) -> Conversation | None:
    first: Exchange | Socket | None = exchanges[0] if exchanges else socket
    if first is None:
        return None
    frames = [frame for exchange in exchanges for frame in _polled_frames(exchange)]
    frames += socket.frames if socket is not None else []
    frames.sort(key=lambda frame: frame.at_s)
    transports = (*(("polling",) if exchanges else ()), *(("websocket",) if socket is not None else ()))
    conversation = Conversation(
        first.at_s, "socketio", first.path, first.headers, first.cookies, transports=transports,
        leaving=(socket.leaving or "close") if socket is not None else "polling",
    )  # fmt: skip
    return conversation if _tell(conversation, _read_packets(frames, conversation)) else None


def _polled_frames(exchange: Exchange) -> Iterator[Frame]:
    for body, at_s, is_sent in ((exchange.body, exchange.at_s, True), (exchange.answer, exchange.ended_s, False)):
        if body and body != b"ok" and exchange.status < 400:  # noqa: PLR2004  # RFC 9110, section 15
            try:
                yield from [Frame(at_s, is_sent, data) for data in packets.decode_payload(body)]
            except PacketError:
                continue


def _read_packets(frames: Iterable[Frame], conversation: Conversation) -> Iterator[tuple[Frame, Packet]]:
    """Yield the Socket.IO packets, each with its attachments; keep of Engine.IO what is of interest."""
    halves: dict[bool, tuple[Packet, list[bytes]]] = {}
    for frame in frames:
        if isinstance(frame.data, bytes):
            if half := halves.get(frame.is_sent):
                packet, attachments = half
                attachments.append(frame.data)
                if len(attachments) == packet.attachments:
                    del halves[frame.is_sent]
                    yield frame, packets.attach(packet, attachments)
        elif frame.data[:1] == packets.OPEN:
            conversation.sids += (packets.decode_open(frame.data).sid,)
        elif frame.is_sent and frame.data == packets.CLOSE:
            conversation.leaving = "close"
        elif frame.data[:1] == packets.MESSAGE:
            packet = packets.decode(frame.data)
            if packet.attachments:
                halves[frame.is_sent] = packet, []
            else:
                yield frame, packet


def _tell(conversation: Conversation, passed: Iterable[tuple[Frame, Packet]]) -> bool:
    """Put what was said into the conversation, of the busiest namespace; return whether the client was let in."""
    everything = list(passed)
    admitted = [
        packet.namespace for frame, packet in everything if packet.kind == packets.CONNECT and not frame.is_sent
    ]
    if not admitted:
        return False
    said = Counter(packet.namespace for _, packet in everything if packet.kind in _EVENTS)
    conversation.namespace = max(admitted, key=lambda namespace: said[namespace])
    for other in sorted(set(admitted) - {conversation.namespace}):
        conversation.left_out.append(f"the namespace {other}, with {said[other]} events: a user of soakproof's has one")
    for frame, packet in everything:
        if packet.namespace == conversation.namespace:
            _tell_one(conversation, frame, packet)
    return True


def _tell_one(conversation: Conversation, frame: Frame, packet: Packet) -> None:
    if packet.kind == packets.CONNECT:
        if frame.is_sent:
            conversation.auth = packet.payload
        elif isinstance(packet.payload, dict):
            conversation.sids += (str(packet.payload.get("sid", "")),)
    elif packet.kind == packets.DISCONNECT and frame.is_sent:
        conversation.leaving = "graceful"
    elif packet.kind in _EVENTS and isinstance(packet.payload, list) and packet.payload:
        name, payload = str(packet.payload[0]), packets.from_arguments(packet.payload[1:])
        sent = "emit" if packet.ack_id is None else "call"
        conversation.happenings.append(
            Happening(frame.at_s, sent if frame.is_sent else "receive", name, payload, packet.ack_id)  # type: ignore[arg-type]
        )
    elif packet.kind in _ACKS and not frame.is_sent:
        conversation.happenings.append(
            Happening(frame.at_s, "answer", "", packets.from_arguments(packet.payload or []), packet.ack_id)
        )
