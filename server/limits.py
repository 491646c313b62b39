"""What bounds the server: every cap and every time-to-live, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps hold under any client behaviour; times are seconds of the server's clock."""

    connections: int = 20_000
    rooms_per_client: int = 100
    event_bytes: int = 65_536
    message_bytes: int = 1_000_000
    outbox_packets: int = 2_000
    outbox_unheard: int = 20

    broadcast_gap_s: float = 0.1
    broadcast_ttl_s: float = 60.0
    broadcast_inline: int = 100
    broadcast_times: int = 10_000

    document_ttl_s: float = 3_600.0
    document_recheck_s: float = 60.0
    document_bytes: int = 65_536
    document_states: int = 10_000

    lock_s: float = 300.0
    lock_max_s: float = 3_600.0
    locks_per_client: int = 100
    document_locks: int = 10_000

    session_ttl_hours: float = 2.0
    messages_per_session: int = 50
    sessions: int = 2_000
    reply_real_s: float = 10.0

    crawl_ttl_s: float = 60.0
    crawls: int = 1_000
    crawl_real_s: float = 60.0

    redis_keys: int = 100_000

    projects_listed: int = 100
    documents_listed: int = 1_000
    audit_records: int = 200
    cleanup_batch: int = 100
    locks_every_s: float = 60.0
    all_every_s: float = 600.0
