"""The agent: runs inside the target, answers on a Unix socket, imports the standard library alone (Python 3.9 on).

Wire protocol: JSON lines both ways. A request is ``{"op": NAME, ...}``, an answer ``{"ok": true, ...}`` or
``{"ok": false, "error": "one sentence"}``. The socket is ``$SOAKPROOF_AGENT_DIR/<pid>.sock``, in a directory 0700.

====================  =================================================================================================
op                    answer
====================  =================================================================================================
``hello``             pid, start_ticks (when it started, as in /proc/<pid>/stat), ppid, python, executable, argv,
                      agent (version), versions {distribution: version},
                      is_serving (an Engine.IO server object lives here), engines [{class, async_mode,
                      ping_interval_s, ping_timeout_s}], pymalloc (bool)
``ping``              interval_s, timeout_s: set on every Engine.IO server; answers previous {interval_s, timeout_s};
                      nulls restore what was found first
``awaken``            every_s: interrupt the threads that sleep, now and about so often by the target's clock (null: not
                      again), since that was moved; answers woken, time_s
``counters``          metrics: library registries, watched registries, task:total, thread:total. Microseconds.
``memory``            process:rss and, when ``whole`` is asked for, process:uss, as the process itself reads them
``watch``             owners [...]: read by ``counters`` from now on; answers watched [...], refused {owner: why}
``objects``           after an optional collection (``collect``): objects, blocks, connections (Engine.IO's socket
                      objects, in a registry or out of it). Tens of milliseconds.
``malloc``            caches: whether threads may cache what they have freed, and malloc count it as in use
``sweep``             has each Engine.IO server of which no socket is open let go of those that have closed: one without
                      sockets ends its sweep, which iterates a copy of them, others sweep at once; answers hurried
``census``            collect, trim (malloc_trim): metrics, infos (as `soakproof.samples.Metric`), pause_s
``trace_start``       frames: tracemalloc on; is_traced, false where a target is spared it. ``trace_mark``: remember
                      this moment. ``trace_growth`` {top, plain}: sites [{file, line, function, bytes, count, source,
                      sizes {block size: how many}}] grown since the mark, and count, by how many allocations all lines
                      together did; ``plain`` leaves out function and source. ``trace_stop``.
``trace_stacks``      top: stacks [{frames [places in ``frames``, outermost first], line (such a place), bytes, count}]
                      grown since the mark, the most first; frames [{file, line, function, origin}]
``describe_lines``    lines [[file, line], ...]: sites [{file, line, function, source}]
``follow``            owners [...]: from now on note which line makes these containers grow, with ``empties`` which
                      makes them shrink; ``followed``: answers {owner: [{file, line, function, count, source}]}, with
                      ``by`` {owner: {whose stack it ran on: count}}, and ends the watching
``explain``           subjects [[metric, owner or null], ...], among [...], wholly [...]: answers [{retainers [...],
                      types {name: count}, sites [...] of what came since the mark, note, within [owners of the
                      containers that keep it; of ``wholly`` those that keep all of it together], part_of,
                      is_garbage}, ...]
``stop``              ends the agent
====================  =================================================================================================

When its last connection is closed, by a harness that has finished or by one that died, the agent puts back what it was
asked to change (the ping), ends what it was asked to do (tracing, following), and forgets what it was asked to watch.
One that came for a run into a process that nobody prepared (`visit`) leaves it then.
"""

from __future__ import annotations

import os
import sys
from typing import Optional

_agent: Optional[object] = None


def refuse_free_threads() -> None:
    """Raise RuntimeError where the agent could not read what this Python holds."""
    if "t" in sys.abiflags:  # of the build, whether or not its GIL is switched on
        raise RuntimeError(
            "this is a free-threaded build of Python, where other threads run on while the agent reads containers; "
            "need a build with the GIL, such as python%d.%d in place of python%d.%dt" % (sys.version_info[:2] * 2)
        )


def start(directory: Optional[str] = None) -> str:
    """Start the agent in this process, once, for ``soakproof run --attach``.

    Args:
        directory: where to put the socket, ``<pid>.sock``: a directory of this user that nobody else can enter, made
            if it is missing. Default: ``$SOAKPROOF_AGENT_DIR``, else a new one in the system's place for temporary
            files.

    Returns:
        The path of its socket; the same one when called again, and that of an agent which was injected before.

    Raises:
        OSError: the directory cannot be used, or others may enter it.
        RuntimeError: this is a free-threaded build of Python.
    """
    global _agent  # noqa: PLW0603 -- one agent a process
    refuse_free_threads()
    injected = sys.modules.get("_soakproof_agent")
    if injected is not None and injected.__name__ != __name__:
        path: str = injected.start(directory)
        return path
    from .transport import launch

    if _agent is None:
        chosen = directory or os.environ.get("SOAKPROOF_AGENT_DIR")
        _agent = launch.launch(launch.prepare_directory(chosen) if chosen else launch.make_directory())
    assert isinstance(_agent, launch.Service)
    return _agent.path


def visit(directory: str, *, page: Optional[tuple[int, int]], spares_ctypes: bool) -> None:
    """Start the agent for one run, for ``soakproof run --attach PID``; it leaves when the run ends (`visit.leaving`).

    Args:
        directory: where it was laid: a directory of this user that nobody else can enter; removed at the end.
        page: address and size in bytes of the memory to unmap at the end.
        spares_ctypes: whether readings that need `ctypes` are left out where the target has not loaded it.

    Raises:
        OSError: the directory cannot be used, or others may enter it.
        RuntimeError: this Python cannot be read.
    """
    global _agent  # noqa: PLW0603 -- one agent a process
    refuse_free_threads()
    from .process import foreign
    from .transport import launch
    from .visit import leaving

    if spares_ctypes:
        foreign.spare()
    _agent = launch.launch(launch.prepare_directory(directory), leaving.Leaving(directory, page))
