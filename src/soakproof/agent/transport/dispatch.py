"""The operations of the wire protocol; each is a small method named ``op_<operation>``."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import Any

from ..census.census import Census, Pause
from ..census.watched import Watch
from ..explain.explainer import Explainer
from ..objects import kinds, tracked
from ..objects.liveobjects import LiveObjects
from ..origin import distributions, sourcelines
from ..process import counts, foreign, headroom, libc, memory, routes, threadcaches
from ..process.engines import Engines, count_sockets
from ..process.garbage import collect
from ..trace.allocations import Tracing
from ..trace.executed import Executed
from ..trace.fillinglines import Follower
from .requests import RequestError, lines, optional_seconds, pairs, strings, whole_number
from .service import Service, report_debug

AGENT_VERSION = "1"
DEFAULT_FRAMES = 12
DEFAULT_TOP = 20


def untrace() -> None:
    """Rid this thread of a tracer or profiler that the target has set in all threads: it would watch the agent look."""
    if sys.gettrace() is not None:
        sys.settrace(None)
    if sys.getprofile() is not None:
        sys.setprofile(None)


class Dispatcher:
    """Answers requests with what the parts of the agent find out."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._reset()

    def _reset(self) -> None:
        self._engines = Engines()
        self._census = Census(self._engines)
        self._watch = Watch()
        self._tracing = Tracing()
        self._explainer = Explainer(self._tracing, self._engines)
        self._follower = Follower(self._engines)
        self._executed = Executed()

    def forget(self) -> None:
        """Begin anew, in a process that was forked off another."""
        Pause.end_in_child()
        self._reset()

    def release(self) -> None:
        """Leave the target as it was found, once nobody asks any more: also after a harness that vanished."""
        self._engines.set_ping(None, None)
        self._follower.finish()
        self._tracing.stop()
        self._reset()

    def answer(self, line: bytes) -> bytes:
        """Return the answer line to a request line; whatever goes wrong is an answer too."""
        untrace()
        try:
            answer = {"ok": True, **self._perform(json.loads(line))}
            encoded = json.dumps(answer)
        except RequestError as error:
            encoded = json.dumps({"ok": False, "error": str(error)})
        except (ValueError, RecursionError) as error:
            encoded = json.dumps({"ok": False, "error": f"not a request: {error}"})
        except BaseException as error:  # a SystemExit of the target's code must not end the agent
            report_debug(error)
            encoded = json.dumps({"ok": False, "error": f"the agent failed: {type(error).__name__}: {error}"})
        return encoded.encode("utf-8", "replace") + b"\n"

    def _perform(self, request: Any) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("op"), str):
            raise RequestError('a request is a JSON object with a string "op"')
        # Not getattr: CPython's cache of attribute look-ups keeps every name it was asked for alive.
        method = vars(type(self)).get(f"op_{request['op']}")
        if method is None:
            raise RequestError(f"unknown op {request['op']!r}; this agent is of version {AGENT_VERSION}")
        with self._tracing.unnoticed:
            answer: dict[str, Any] = method(self, request)
        return answer

    # -- who is there -------------------------------------------------------------------------------------------------

    def op_hello(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say which process this is, and whether it serves."""
        self._engines.find()
        described = self._engines.describe()
        return {
            "pid": os.getpid(),
            "start_ticks": memory.start_ticks(),
            "ppid": os.getppid(),
            "python": sys.version.partition(" ")[0],
            "executable": kinds.plain_text(sys.executable),
            "argv": [kinds.plain_text(each) for each in arguments()],
            "agent": AGENT_VERSION,
            "versions": distributions.loaded_versions(),
            "is_serving": bool(described),
            "engines": described,
            "pymalloc": sys.getallocatedblocks() > 0,
            "gc_enabled": gc.isenabled(),
            "spares_ctypes": foreign.is_spared(),
        }

    def op_imported(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say which of the named modules are imported; imports none."""
        names = request.get("modules", [])
        return {"modules": [name for name in names if type(name) is str and name in sys.modules]}

    def op_routes(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say at which paths the application's routes have sockets."""
        return dict(routes.find_paths(LiveObjects()))

    def op_ping(self, request: dict[str, Any]) -> dict[str, Any]:
        """Set interval and timeout of every Engine.IO server, those to come included."""
        self._engines.find()
        interval_s, timeout_s = optional_seconds(request, "interval_s"), optional_seconds(request, "timeout_s")
        return {"previous": self._engines.set_ping(interval_s, timeout_s)}

    def op_awaken(self, request: dict[str, Any]) -> dict[str, Any]:
        """Wake the threads that sleep, now and every so often, and say what time it is by the target's clock."""
        every_s = optional_seconds(request, "every_s")
        woken = self._service.wake_every(None if every_s is None else max(1, int(1000 * every_s)))
        return {"woken": woken, "time_s": time.time()}

    # -- readings -----------------------------------------------------------------------------------------------------

    def op_counters(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Read what is cheap enough to read while the load runs."""
        self._engines.find_late()
        metrics = {f"library:{label}": float(entries) for label, (_, entries) in self._engines.registries().items()}
        metrics.update(self._watch.read())
        metrics["task:total"] = float(counts.count_known_tasks())
        metrics["thread:total"] = float(counts.count_native_threads(self._service.native_id))
        return {"metrics": metrics}

    def op_malloc(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say whether what threads have freed may count as in use."""
        libc.load()
        return {"caches": threadcaches.may_be(libc.other())}

    def op_memory(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say how much memory the process has, for a harness that cannot look at it from outside."""
        return {"metrics": memory.read(is_whole=bool(request.get("whole")))}

    def op_watch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read these containers with the counters from now on."""
        return self._watch.add(strings(request, "owners"))

    def op_objects(self, request: dict[str, Any]) -> dict[str, Any]:
        """Count objects, blocks and the connection objects among them, after a collection if asked for."""
        is_collected = bool(request.get("collect")) and collect()
        heap = counts.count_heap(tracked.count(), sys.getallocatedblocks())
        things = tracked.objects()
        return {
            "objects": heap["heap:objects"],
            "blocks": heap.get("heap:blocks", 0.0),
            "connections": count_sockets(things),
            "collected": is_collected,
        }

    def op_sweep(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Have Engine.IO's servers let go of sockets that have closed, where none is open."""
        return {"hurried": self._engines.hurry_sweeps(self._service.wait)}

    def op_census(self, request: dict[str, Any]) -> dict[str, Any]:
        """Count everything, unless the memory that this takes is not there; with ``rehearse`` for nothing."""
        lack = headroom.find_lack(tracked.count(), headroom.CENSUS_BYTES)
        if lack:
            raise RequestError(f"{lack}; raise its memory limit")
        if request.get("rehearse"):
            self._census.rehearse(self._service, collects=bool(request.get("collect")), trims=bool(request.get("trim")))
            return {"metrics": {}}
        return self._census.take(
            self._service,
            collects=bool(request.get("collect")),
            trims=bool(request.get("trim")),
            discovers=bool(request.get("discover")),
        )

    def op_executed(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say which of the application's functions have run since the mark, and with ``mark`` set it anew."""
        told = self._executed.count(self._engines)
        if request.get("mark"):
            self._executed.mark()
        return told

    # -- the second pass ----------------------------------------------------------------------------------------------

    def op_trace_start(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start tracing allocations, unless that might end the target; ``lacks``: there is no memory for any of it."""
        lack = headroom.find_lack(tracked.count(), headroom.SECOND_PASS_BYTES)
        if lack:
            return {"is_traced": False, "lacks": lack}
        return {"is_traced": self._tracing.start(whole_number(request, "frames", DEFAULT_FRAMES))}

    def op_trace_mark(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Remember this moment."""
        self._check_tracing()
        self._tracing.mark()
        return {}

    def op_trace_growth(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say which lines' allocations have grown since the mark."""
        self._check_tracing()
        top = whole_number(request, "top", DEFAULT_TOP)
        return self._tracing.growth(top, is_described=not request.get("plain"))

    def op_trace_stacks(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say which stacks' allocations have grown since the mark."""
        self._check_tracing()
        return self._tracing.stacks(whole_number(request, "top", DEFAULT_TOP))

    def _check_tracing(self) -> None:
        if not self._tracing.is_begun:
            raise RequestError("nothing is traced; ask for trace_start first")

    def op_describe_lines(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say which functions some lines are in, and what stands there."""
        return {"sites": [sourcelines.describe_line(line) for line in lines(request, "lines")]}

    def op_trace_stop(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Stop tracing, and forget the mark."""
        self._tracing.stop()
        return {}

    def op_explain(self, request: dict[str, Any]) -> dict[str, Any]:
        """Say who keeps what some metrics count."""
        among, wholly = (strings(request, name) if name in request else [] for name in ("among", "wholly"))
        return {"answers": self._explainer.explain(pairs(request, "subjects"), among, wholly)}

    def op_shares(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say to whom what came since the mark, and stays, belongs; tracing ends, which looking at all does without."""
        self._tracing.end()
        lack = headroom.find_lack(tracked.count(), headroom.SHARES_BYTES)
        return {"shares": None if lack else self._explainer.share()}

    def op_follow(self, request: dict[str, Any]) -> dict[str, Any]:
        """Note from now on which lines fill these containers, or empty them."""
        return self._follower.follow(strings(request, "owners"), empties=bool(request.get("empties")))

    def op_followed(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say which lines filled the containers, and watch them no longer."""
        return self._follower.finish()

    def op_stop(self, _request: dict[str, Any]) -> dict[str, Any]:
        """End the agent once this is answered."""
        self._service.end_soon()
        return {}


def arguments() -> list[Any]:
    """Return the command line, of which the target may have made anything."""
    found = vars(sys).get("orig_argv") or vars(sys).get("argv")
    return list(found) if type(found) is list else []
