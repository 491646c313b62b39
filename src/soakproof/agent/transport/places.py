"""Where a directory can stand such that nobody else can put another in its place."""

from __future__ import annotations

import errno
import os
import stat
from typing import Optional

PLACES = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 -- what is made there is its owner's alone
OTHERS, GROUP = 0o002, 0o020
NOBODY = 65534  # what a user namespace shows of owners that it does not know: the machine's own root, for one
EVERY_USER = "4294967295"  # as many as there are: in the map of the machine's own namespace (user_namespaces(7))


def choose_place(preferred: str) -> str:
    """Return the preferred place for temporary files, without links, or the first other where ours stay ours.

    Raises:
        PermissionError: there is none.
    """
    danger = find_danger(preferred)
    for place in (preferred, *PLACES):
        if not find_danger(place) and os.access(place, os.W_OK | os.X_OK):
            return os.path.realpath(place)
    need = f"{danger}; need a TMPDIR in which this user and root alone can rename what is ours"
    raise PermissionError(errno.EPERM, need, preferred)


def find_danger(directory: str) -> Optional[str]:
    """Return who could rename what is in a directory, or what that is in, None where only we and root can.

    Whoever may write to a directory may rename what is in it, and put something else there, unless its sticky bit is
    set; its owner may in any case.
    """
    trusted = {os.geteuid(), 0} | ({NOBODY} if is_in_namespace() else set())
    place = os.path.realpath(directory)  # pathlib is a module more to load in the target
    while True:
        try:
            found = os.stat(place)  # noqa: PTH116 -- likewise
        except OSError as error:
            return f"{place}: {error.strerror}"
        if found.st_uid not in trusted:
            return f"{place} belongs to uid {found.st_uid}"
        is_ours = found.st_gid in (os.getegid(), 0)
        writers = found.st_mode & (OTHERS if is_ours else OTHERS | GROUP)
        if writers and not found.st_mode & stat.S_ISVTX:
            whom = "anybody" if writers & OTHERS else f"gid {found.st_gid}"
            return f"{whom} may rename what is in {place}, which has no sticky bit"
        if place == os.path.dirname(place):  # noqa: PTH120 -- likewise
            return None
        place = os.path.dirname(place)  # noqa: PTH120 -- likewise


def is_in_namespace() -> bool:
    """Tell whether this process lives in a user namespace that does not know every user."""
    try:
        with open("/proc/self/uid_map") as stream:  # noqa: PTH123 -- no pathlib
            return stream.read().split()[2:3] != [EVERY_USER]
    except OSError:
        return False
