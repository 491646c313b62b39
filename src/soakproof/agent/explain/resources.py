"""Explains what no container need hold: tasks by where they wait, threads by where they stand, descriptors by peer."""

from __future__ import annotations

import functools
import os
from collections import Counter
from typing import Any, Optional

from ..objects import masking
from ..objects.liveobjects import LiveObjects
from ..origin import classification, sourcelines, stacks
from ..origin.sourcelines import Line
from ..process import belongings, counts, peers, subinterpreters
from ..trace.allocations import Tracing
from . import retainernotes, retainerpaths, retainersearch
from .answers import Answer, empty
from .timers import Timers

MOST_SAMPLES = 20
MOST_CALLERS = 3


def explain_tasks(name: str, live: LiveObjects, tracing: Tracing, timers: Timers) -> Answer:
    """Say where tasks of a name wait, of which coroutine they are, which line created them, and who led there."""
    tasks = [task for task in counts.tasks_in(live) if name in ("total", counts.task_name(task))]
    new = [task for task in tasks if tracing.marked.is_new(task)] or tasks
    if not new:
        return empty("No such task is pending now.")
    coroutine = counts.coroutine_of(new[-1])
    sites = tracing.sites(new, functools.partial(started_at, tracing))
    created = say_creation(tracing.callers_of(new[-1]))
    return {
        "retainers": [
            f"task {counts.task_name(new[-1])}",
            *map(retainerpaths.describe, retainernotes.awaited_by(coroutine)),
        ],
        "types": dict(Counter(map(counts.task_name, new))),
        "sites": sites,
        "note": f"The task {counts.task_name(new[-1])} {retainernotes.say_waiting(coroutine)}{created}.",
        "pending": timers.holding((task,) for task in new[-MOST_SAMPLES:]),
    }


def started_at(tracing: Tracing, task: Any) -> Optional[Line]:
    """Return the line that started a task: who made its coroutine, where the application did not hand it over.

    What a library's own code starts often goes through one function of it, which says nothing of whose task it is.
    """
    created = tracing.site_of(task)
    if created is not None and sourcelines.is_application_file(created[0]):
        return created
    called = tracing.caller_of(counts.coroutine_of(task))
    is_told = called is not None and sourcelines.origin_of_code(called[0]) != classification.PYTHON
    return called if is_told else created or called


def say_creation(callers: list[Line]) -> str:
    """Return who created something, innermost first, as the end of a sentence."""
    places = [
        f"{sourcelines.function_at(file, line)} at {os.path.basename(file)}:{line}"  # noqa: PTH119 -- no pathlib
        for file, line in callers[:MOST_CALLERS]
    ]
    return f"; created by {', called by '.join(places)}" if places else ""


def explain_threads(name: str, tracing: Tracing) -> Answer:
    """Say where threads of a name stand, and which line made them."""
    running = subinterpreters.current_frames()
    found = [
        (counts.strip_digits(thread_name), thread_name, running[ident], ident)
        for ident, thread_name in counts.known_threads()
        if name in ("total", counts.strip_digits(thread_name)) and ident in running
    ]
    if not found:
        return empty("No thread that Python knows has this name now.")
    places = Counter(stands_at(frame) for _, _, frame, _ in found)
    place, count = places.most_common(1)[0]
    threads = counts.active_threads()
    living = [(stripped, threads[ident]) for stripped, *_, ident in found if ident in threads]  # one may have ended
    new = [(stripped, thread) for stripped, thread in living if tracing.marked.is_new(thread)]
    return {
        "retainers": [f"thread {found[-1][1]}", place],
        "types": dict(Counter(stripped for stripped, _ in new)),
        "sites": tracing.sites(thread for _, thread in new),
        "note": f"{count} of {len(found)} stand at {place}.",
    }


def stands_at(frame: Any) -> str:
    """Return the line at which a frame stands, of the application's nearest frame if there is one."""
    file, line = sourcelines.attribute_to_line(stacks.lines_from(frame))
    return f"{os.path.basename(file)}:{line} in {sourcelines.function_at(file, line)}"  # noqa: PTH119 -- no pathlib


def explain_fds(name: str, live: LiveObjects, paths: retainersearch.RetainerPaths, tracing: Tracing) -> Answer:
    """Say what the descriptors of a kind are, whom they lead to, and which Python object has them."""
    new = [
        (fd, target)
        for fd, target in counts.open_fds(set())
        if tracing.is_new_fd(fd, target) and name in ("total", counts.kind_of_fd(target))
    ]
    if not new:
        return empty("No such descriptor was opened since the mark.")
    owners = owners_of_fds({fd for fd, _ in new}, live)
    chain = paths.find(owners[-MOST_SAMPLES:]) if owners else None
    known = peers.peers_by_inode()
    described = Counter(masking.mask(peers.describe_target(target, known)) for _, target in new)
    what, count = described.most_common(1)[0]
    nobody = "" if owners else "; no Python socket or file holds it: it was opened by os.open, or outside Python"
    return {
        "retainers": [
            *(retainerpaths.describe_path(chain) if chain else []),
            f"fd {new[-1][0]}: {masking.mask(peers.describe_target(new[-1][1], known))}",
        ],
        "types": dict(Counter(counts.kind_of_fd(target) for _, target in new)),
        "sites": tracing.sites(owners),
        "note": f"{count} of {len(new)} are {what}{nobody}.",
    }


def explain_children() -> Answer:
    """Say which programs the children are, and in which state most are."""
    states = Counter((belongings.command_of(pid) or "?", belongings.state_of(pid)) for pid in belongings.children())
    if not states:
        return empty("No child process is left now.")
    (command, state), count = states.most_common(1)[0]
    ended = ", which have ended and nobody waits for (Popen.wait, os.waitpid)" if state == belongings.ZOMBIE else ""
    return {**empty(f"{count} of {sum(states.values())} are {command}{ended}."), "types": {command: count}}


def explain_mappings(name: str) -> Answer:
    """Say what is mapped most often."""
    wanted = f"map:{name.removesuffix('_bytes')}"
    paths = Counter(masking.mask(path) for metric, _, path in belongings.mappings() if metric == wanted)
    if not paths:
        return empty("Nothing of the kind is mapped now.")
    path, count = paths.most_common(1)[0]
    return {**empty(f"{count} of {sum(paths.values())} are of {path}."), "types": {path: count}}


def owners_of_fds(fds: set[int], live: LiveObjects) -> list[Any]:
    """Return the Python sockets and files behind descriptors."""
    import _io
    import _socket

    owners: list[Any] = []
    for base in (_socket.socket, _io.FileIO):
        for things in live.derived(base):
            owners.extend(thing for thing in things if fileno_of(base, thing) in fds)
    return owners


def fileno_of(base: Any, thing: Any) -> int:
    """Return the descriptor of a socket or file, -1 when it is closed."""
    try:
        number: int = base.fileno(thing)
    except ValueError:
        return -1
    return number
