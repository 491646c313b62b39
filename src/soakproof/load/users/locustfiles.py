"""Loading a user's Locust file, and saying in one sentence why it does not load."""

from __future__ import annotations

import traceback
from pathlib import Path

from locust.util.load_locustfile import load_locustfile

from soakproof.errors import LocustfileError
from soakproof.load.users.churn import ChurnUser
from soakproof.load.users.clientuser import ClientUser


def load_users(locustfile: str | None) -> list[type[ClientUser]]:
    """Return the user classes of a Locust file; the built-in one for None.

    Raises:
        LocustfileError: it does not load, or holds no such class, or also another kind of user.
    """
    if locustfile is None:
        return [ChurnUser]
    path = Path(locustfile)
    if not path.is_file():
        raise LocustfileError(f"{locustfile}: no such file; need a Locust file with users derived from SocketIOUser")
    try:
        users = list(load_locustfile(str(path.resolve()))[0].values())
    except (Exception, SystemExit) as error:  # the file is somebody's program: it may raise anything
        raise LocustfileError(describe(error, path)) from error
    return check_users(users, locustfile)


def check_users(users: list[type], locustfile: str) -> list[type[ClientUser]]:
    """Refuse a file without clients, or with users that are none."""
    if not users:
        raise LocustfileError(
            f"{locustfile}: no user classes; need at least one derived from soakproof.load.SocketIOUser"
        )
    for user in users:
        if not issubclass(user, ClientUser):
            raise LocustfileError(
                f"{locustfile}: {user.__name__} is no SocketIOUser; soakproof counts connections: "
                "derive it from soakproof.load.SocketIOUser (or WebSocketUser), or mark it abstract"
            )
    return users


def describe(error: BaseException, path: Path) -> str:
    """Return where in the file it went wrong, and what."""
    line = 0
    if isinstance(error, SyntaxError) and error.lineno:
        where, line, message = error.filename or str(path), error.lineno, error.msg
    else:
        where, message = str(path), str(error)
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename).resolve() == path.resolve():
                line = frame.lineno or 0
    return f"{where}:{line}: {type(error).__name__}: {message}"
