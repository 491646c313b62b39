"""What several of the server's tests need: a Redis of their own."""

from __future__ import annotations

import pytest

from tests.server.redisdb import running_redis


@pytest.fixture(scope="module")
def redis_url():
    """Run a Redis for the tests of one module."""
    with running_redis() as url:
        yield url
