"""A simulated agent: says that it is one, word by word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

_PAUSE_REAL_S = 0.005
_WORDS = 6


class SimulatedAgent:
    """Answers any message with a few words, streamed over some 30 ms."""

    async def reply(self, agent_type: str, message: str) -> AsyncIterator[str]:
        """Yield the words of an answer."""
        answer = f"[simulated {agent_type}] you said {len(message)} characters of text"
        for word in answer.split(maxsplit=_WORDS):
            await asyncio.sleep(_PAUSE_REAL_S)
            yield f"{word} "
