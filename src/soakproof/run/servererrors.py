"""What the server's log says of its errors: where nobody could connect, and where handlers fail all the same."""

from __future__ import annotations

from collections import Counter

from soakproof.config import Config
from soakproof.errors import UnreachableError
from soakproof.judge import judge_run
from soakproof.measure.soak import Soak
from soakproof.run.routes import ask_routes
from soakproof.samples import Run
from soakproof.target.endpoints import USUAL_PATHS, find_endpoints
from soakproof.target.logged import Logged, commonest_error, count_errors
from soakproof.target.started import Target
from soakproof.warningcodes import RunWarning, Value, WarningCode

TOLD_SHARE = 0.05  # of the connections, or events of held clients


def warn_of_errors(soak: Soak, run: Run, target: Target) -> None:
    """Warn of the exceptions in the server's log, where they are worth it.

    Clients that do not wait for an answer never learn of it, and what the handler did not come to was not soaked.
    """
    errors = count_errors(target.log) if target.log else None
    if errors and is_worth_telling(run, errors.total()):
        soak.warn(of_errors(run, errors))


def is_worth_telling(run: Run, errors: int) -> bool:
    """Whether exceptions came with every twentieth connection, or anything is not bounded: it may be their doing."""
    return errors >= TOLD_SHARE * count_done(run) or any(
        finding.is_deciding and finding.verdict != "bounded" for finding in judge_run(run).findings
    )


def of_errors(run: Run, errors: Counter[Logged]) -> RunWarning:
    """Return the warning of what the server's log shows."""
    worst, times = errors.most_common(1)[0]
    values: dict[str, Value] = {
        "errors": errors.total(),
        "of": count_done(run),
        "per": "event" if run.header.plan.is_held else "connection",
        "worst": worst.error,
        "place": worst.place,
        "times": times,
    }
    return RunWarning(code=WarningCode.SERVER_ERRORS, values=values)


def count_done(run: Run) -> int:
    """Return the connections of a run, or the events of held clients."""
    return sum(wave.events if run.header.plan.is_held else wave.opened for wave in run.waves)


def say_refusal(error: UnreachableError, target: Target, config: Config) -> UnreachableError:
    """Return the error with what the server itself says of it, and where else an endpoint is if none is at the path."""
    told = target.log and commonest_error(target.log)
    words = [str(error)]
    if told:
        words.append(f"the server's log has {told[0].say(told[1])}")
    is_plain = config.protocol == "websocket"
    routes = ask_routes(config.protocol, target.links())
    elsewhere = _say_websockets(routes, config.path) if is_plain else _say_endpoints(routes, target, config.path)
    words += [elsewhere] if elsewhere else []
    return UnreachableError("; ".join(words))


def _say_websockets(routes: list[str], path: str) -> str:
    """Say where the application's routes have WebSockets, if it is not where the clients came."""
    if path in routes:
        return ""
    if routes:
        places = " and ".join(routes)
        return f"the application's routes have WebSockets at {places}, none at {path}: give --path {routes[0]}"
    return f"the application's routes tell of no WebSocket: say where it is with --path, if it is not at {path}"


def _say_endpoints(routes: list[str], target: Target, path: str) -> str:
    """Say where an Engine.IO endpoint answers, if it is not where the clients came."""
    asked = [*dict.fromkeys([*routes, *USUAL_PATHS])]
    paths = find_endpoints(target.url, asked)
    if not paths:
        return f"no Engine.IO endpoint answers at {', '.join(asked)}: say where it is with --path"
    if path in paths:
        return ""
    return f"an Engine.IO endpoint answers at {' and '.join(paths)}, none at {path}: give --path {paths[0]}"
