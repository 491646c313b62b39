"""Starts soakproof's agent, then hands over to the ``sitecustomize`` that this one stands in front of.

Python imports a module of this name at start. Nothing that goes wrong here reaches the target: why the agent did not
start is written into its directory, and on stderr only when ``SOAKPROOF_AGENT_DEBUG`` is set. The agent is loaded by
its place in the file system, under a private name, because the target lives in an environment that need not have
soakproof.
"""

import _thread
import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 -- pathlib is a module more to load at start
_AGENT = os.path.dirname(_HERE)  # noqa: PTH120 -- likewise
_NAME = "_soakproof_agent"
_OLDEST = (3, 9)


def _start_agent() -> None:
    if sys.version_info < _OLDEST:
        raise RuntimeError(
            "this is Python %d.%d, and the agent needs %d.%d or newer" % (*sys.version_info[:2], *_OLDEST)
        )
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise RuntimeError("this Python runs without its GIL, which the agent needs; start it with PYTHON_GIL=1")
    spec = importlib.util.spec_from_file_location(
        _NAME,
        os.path.join(_AGENT, "__init__.py"),  # noqa: PTH118 -- likewise
        submodule_search_locations=[_AGENT],
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    package.start()


def _is_main_interpreter() -> bool:
    """Tell whether this is the process' own interpreter: one within it must not be kept from ending by a thread."""
    known = getattr(_thread, "_is_main_interpreter", None)  # from Python 3.12 on
    if known is not None:
        return bool(known())
    if not os.path.exists(os.path.join(os.environ["SOAKPROOF_AGENT_DIR"], f"{os.getpid()}.sock")):  # noqa: PTH110, PTH118 -- likewise
        return True
    import ctypes  # only where there is one already: another interpreter's, or of a program that this one replaces

    api = ctypes.pythonapi
    api.PyInterpreterState_Get.restype = api.PyInterpreterState_Main.restype = ctypes.c_void_p
    return bool(api.PyInterpreterState_Get() == api.PyInterpreterState_Main())


def _leave_word(reason: str) -> None:
    """Say in the agent's directory why there is no agent; whoever started the target looks there."""
    try:
        with open(os.path.join(os.environ["SOAKPROOF_AGENT_DIR"], f"{os.getpid()}.failed"), "w") as file:  # noqa: PTH118, PTH123 -- likewise
            file.write(reason)
    except OSError:
        pass
    if os.environ.get("SOAKPROOF_AGENT_DEBUG"):
        sys.stderr.write(f"soakproof: the agent did not start: {reason}\n")


def _leave_the_path() -> None:
    """Take this directory off ``sys.path``: the target finds it as it would without us. Children read PYTHONPATH."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]  # noqa: PTH100 -- likewise


def _run_the_next() -> None:
    """Run the target's own ``sitecustomize``; what it raises is the target's, and Python reports it as ever."""
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_leave_the_path()
if os.environ.get("SOAKPROOF_AGENT_DIR"):
    try:
        if _is_main_interpreter():
            _start_agent()
    except BaseException as error:  # the target must start, whatever happens here
        _leave_word(f"{type(error).__name__}: {error}")
_run_the_next()
