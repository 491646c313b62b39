"""The matrix: each way to start a Python Socket.IO server, with an app that leaks in a way of its own."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One server: the app below ``apps/``, and the command as a user types it in the app's directory.

    ``environment``: the Python that the target runs in, another than soakproof's own: a minor version, or the name of
    a list of packages in `interpreters`. ``processes``: how many serve, hence are judged. ``files``: what else lies in
    the directory, by name. ``undecided``: why the clean twin may stay open; its user is told so.
    """

    name: str
    app: str
    command: str
    environment: str = ""
    processes: int = 1
    options: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    undecided: str = ""


SHELL_SCRIPT = """#!/bin/sh
# The way many deployments start: a script that prepares, and then stays in front of the server.
set -e
export APP_MODE=production
cd "$(dirname "$0")"
uvicorn ordered:app --port "$1" --log-level warning
"""

SITECUSTOMIZE = """import os
os.environ["PREPARED"] = "yes"
"""

# Of a hundred clients each worker, and each of a hundred threads, gets few: it takes more waves until all are warm.
LONG_WARMUP = ("--warmup", "3")

CELLS = [
    Cell("uvicorn", "module_dict.py", "uvicorn module_dict:app --port {port}"),
    Cell(
        "uvicorn-workers",
        "rooms_history.py",
        "uvicorn rooms_history:app --port {port} --workers 2",
        processes=2,
        options=LONG_WARMUP,
    ),
    Cell("uvicorn-factory", "closure.py", "uvicorn --factory closure:create_app --port {port}"),
    Cell("uvicorn-uvloop", "endless_task.py", "uvicorn endless_task:app --port {port} --loop uvloop"),
    Cell("uvicorn-asyncio", "context_default.py", "uvicorn context_default:app --port {port} --loop asyncio"),
    Cell("uvicorn-reload", "class_attribute.py", "uvicorn class_attribute:app --port {port} --reload"),
    Cell("hypercorn", "app_state.py", "hypercorn app_state:app --bind 127.0.0.1:{port}"),
    Cell(
        "gunicorn-uvicorn-workers",
        "recent.py",
        "gunicorn -k uvicorn.workers.UvicornWorker -w 2 -b 127.0.0.1:{port} recent:app",
        processes=2,
        options=LONG_WARMUP,
    ),
    Cell(
        "gunicorn-preload",
        "state_dict.py",
        "gunicorn --preload -k uvicorn.workers.UvicornWorker -w 2 -b 127.0.0.1:{port} state_dict:app",
        processes=2,
        options=LONG_WARMUP,
    ),
    Cell("python-file", "cached.py", "python cached.py {port}"),
    Cell("python-package", "chatpkg", "python -m chatpkg --port {port}"),
    Cell("aiohttp", "aiohttp_app.py", "python aiohttp_app.py {port}"),
    Cell("flask-threading", "flask_log.py", "python flask_log.py {port}"),
    Cell("flask-gevent", "flask_gevent.py", "python flask_gevent.py {port}"),
    Cell(
        "flask-eventlet",
        "flask_eventlet.py",
        "python flask_eventlet.py {port}",
        environment="eventlet",
        undecided="eventlet keeps cancelled timers until they are half of all: counts go up and down",
    ),
    Cell("tornado", "tornado_app.py", "python tornado_app.py {port}"),
    Cell(
        "gunicorn-wsgi-threads",
        "wsgi_threads.py",
        "gunicorn -k gthread --threads 100 -b 127.0.0.1:{port} wsgi_threads:remember",
        options=LONG_WARMUP,
    ),
    Cell("shell-script", "ordered.py", "sh serve.sh {port}", files={"serve.sh": SHELL_SCRIPT}),
    Cell(
        "own-sitecustomize",
        "prepared.py",
        "uvicorn prepared:app --port {port}",
        files={"site/sitecustomize.py": SITECUSTOMIZE},
        variables={"PYTHONPATH": "site"},
    ),
    *(
        Cell(f"python-{minor}", app, f"uvicorn {app.removesuffix('.py')}:app --port {{port}}", environment=minor)
        for minor, app in [
            ("3.9", "module_dict.py"),
            ("3.10", "ordered.py"),
            ("3.12", "rooms_history.py"),
            ("3.13", "recent.py"),
            ("3.14", "module_dict.py"),
            ("3.15", "ordered.py"),
        ]
    ),
]
