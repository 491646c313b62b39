"""What is true of each animal of the zoo (benchmarks/zoo): what the first finding on its leaky side must name."""

from __future__ import annotations

from benchmarks.accuracy.truths import Truth

ANIMALS: dict[str, Truth] = {
    "buffer": Truth(r"buffer:JOURNAL$", r"zoo/buffer\.py:\d+ \S*serve"),
    "text": Truth(r"Server\.story", r"zoo/text\.py:\d+ \S*serve"),
    "numbers": Truth(r"numbers:TIMES", r"zoo/numbers\.py:\d+ \S*serve"),
    "counted-twice": Truth(r"(?!)", r"zoo/counted_twice\.py:\d+ \S*serve"),
    "counted-twice-rarely": Truth(r"(?!)", r"zoo/counted_twice\.py:\d+ \S*serve"),
    "table": Truth(r"(?!)", r"zoo/table\.py:\d+ \S*serve"),
    "visits-file": Truth(r"OPEN_RESULTS", r"zoo/visits_file\.py:\d+ \S*serve"),
    "grace": Truth(r"sessions\b", r"zoo/grace\.py:\d+ \S*serve"),
    "two-way": Truth(r"two_way:NAMES", r"zoo/two_way\.py:\d+ \S*serve"),
    "library-task": Truth(r"Event\.wait|library_task:TASKS", r"zoo/library_task\.py:\d+ \S*serve"),
    "answer": Truth(r"Server\._ask|answer:TASKS", r"zoo/answer\.py:\d+ \S*serve"),
    "labels": Truth(r"VISITS\b", r"zoo/labels\.py:\d+ \S*serve"),
    "logger": Truth(r"(?i)loggerDict|logging", r"zoo/logger\.py:\d+ \S*serve"),
    "message-class": Truth(r"Message\.kinds", r"zoo/message_class\.py:\d+ \S*serve"),
    "cached-method": Truth(r"Session\.rights", r"zoo/cached_method\.py:\d+ \S*serve"),
    "timer": Truth(r"TimerHandle|Server\._end\b", r"zoo/timer\.py:\d+ \S*serve"),
    "unread-queue": Truth(r"_audit", r"zoo/unread_queue\.py:\d+ \S*serve"),
    "semaphore": Truth(r"_turn|_writing|Server\._write", r"zoo/semaphore\.py:\d+ \S*(serve|_write)"),
    "feed": Truth(r"_feeds", r"zoo/feed\.py:\d+ \S*serve"),
    "http-client": Truth(r"_sessions", r"zoo/http_client\.py:\d+ \S*serve"),
    "subscription": Truth(r"\.subscribers", r"zoo/subscription\.py:\d+ \S*subscribe"),
    "thread-pool": Truth(r"thread_pool:POOLS|^thread|\bwork", r"zoo/thread_pool\.py:\d+ \S*serve"),
    "pattern": Truth(r"pattern:PATTERNS", r"zoo/pattern\.py:\d+ \S*serve"),
    "model": Truth(r"model:MODELS", r"zoo/model\.py:\d+ \S*serve"),
    "extension": Truth(r"(?!)", r"zoo/extension\.py:\d+ \S*serve"),
    "own-pool": Truth(r"heap:elsewhere_bytes", r"zoo/own_pool\.py:\d+ \S*serve"),
    "listeners": Truth(r"BUS\.listeners", r"zoo/listeners\.py:\d+ \S*serve"),
    "attributes": Truth(r"<attributes>", r"zoo/attributes\.py:\d+ \S*serve"),
    "mapping": Truth(r"^map:|mapping\.py", r"zoo/mapping\.py:\d+ \S*serve"),
}
