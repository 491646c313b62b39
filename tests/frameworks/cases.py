"""Applications of frameworks, as somebody new to each writes them: one that is clean, one with a leak planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CLEAN, LEAKY = "clean", "leaky"
SIDES = (CLEAN, LEAKY)


@dataclass(frozen=True)
class Case:
    """How an application is started and soaked, and what has to be named of the leaky one.

    Attributes:
        command: What starts it; ``{side}`` is ``clean`` or ``leaky``, ``{bin}`` where its programs are.
        options: What has to be typed besides ``soakproof run``.
        culprit: The container that the leak is in, without its module, which each framework calls as it likes.
        line: The line that fills it.
        title: What the cookbook calls it.
        folder: Where it is started, below ``apps``; ``{side}`` as above.
        npm: A package of npm's, with its version, whose programs the clients need.
    """

    command: tuple[str, ...]
    culprit: str
    line: str
    title: str
    options: tuple[str, ...] = ()
    folder: str = ""
    npm: str = ""

    def line_of(self, side: str) -> str:
        """Return the command line that soaks it, as a user would type it."""
        command = [word.format(bin="", side=side).lstrip("/") for word in self.command]
        words = ["soakproof", "run", *self.options, "--", *command]
        return " ".join(f"'{word}'" if set(word) & set(' {"') else word for word in words)


CASES = {
    "nicegui": Case(("{bin}/python", "{side}.py"), culprit="visitors", line="leaky.py:11", title="NiceGUI"),
    "reflex": Case(
        ("{bin}/reflex", "run", "--env", "prod", "--backend-only"),
        culprit="baskets",
        line="shop.py:13",
        title="Reflex",
        folder="reflex/{side}",
    ),
    "chainlit": Case(
        ("{bin}/chainlit", "run", "{side}.py", "--headless", "--port", "{{port}}"),
        culprit="histories",
        line="leaky.py:10",
        title="Chainlit",
    ),
    "taipy": Case(("{bin}/python", "{side}.py"), culprit="visitors", line="leaky.py:10", title="Taipy GUI"),
    "flask_socketio": Case(("{bin}/python", "{side}.py"), culprit="people", line="leaky.py:18", title="Flask-SocketIO"),
    "flask_gevent": Case(
        ("{bin}/python", "{side}.py"), culprit="people", line="leaky.py:22", title="Flask-SocketIO with gevent"
    ),
    "fastapi": Case(
        ("{bin}/uvicorn", "{side}:app", "--port", "{{port}}"), culprit="typing", line="leaky.py:19", title="FastAPI"
    ),
    "aiohttp": Case(
        ("{bin}/python", "{side}.py"),
        culprit="moves",
        line="leaky.py:18",
        title="aiohttp",
        options=("--join", 'move="e2e4"'),
    ),
    "channels": Case(
        ("{bin}/daphne", "-p", "{{port}}", "{side}:application"),
        culprit="people",
        line="leaky.py:26",
        title="Django Channels",
        options=("--message", '{"text": "hello"}'),
    ),
    "granian": Case(
        ("{bin}/granian", "--interface", "asgi", "--port", "{{port}}", "{side}:app"),
        culprit="history",
        line="leaky.py:14",
        title="granian, and plain ASGI",
        options=("--message", "hello"),
    ),
    "artillery": Case(
        ("{bin}/uvicorn", "{side}:app", "--port", "{{port}}"),
        culprit="said",
        line="leaky.py:12",
        title="Artillery's clients",
        options=("--load", "CLIENTS={clients} artillery run --target {url} chat.yml", "--clients", "100"),
        npm="artillery@2.0.34",
    ),
}
