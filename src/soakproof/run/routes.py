"""Where the target's own routes say that its sockets are: asked of its agents where the user has not said it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from soakproof.config import Config
from soakproof.errors import AgentError
from soakproof.load.options import DEFAULT_PATHS, Protocol
from soakproof.target.link import AgentLink
from soakproof.warningcodes import RunWarning, WarningCode, warn

PARAMETER = {"{", "<"}


def fit_path(config: Config, links: Iterable[AgentLink]) -> tuple[Config, list[RunWarning]]:
    """Return the options with a path: the one given, the only one that routes say, or the usual; and what to say of it.

    A path with a parameter in it is nobody's to guess.
    """
    usual = DEFAULT_PATHS[config.protocol]
    if config.path or config.load:
        return msgspec.structs.replace(config, path=config.path or usual), []
    paths = ask_routes(config.protocol, links)
    if usual in paths or len(paths) != 1 or set(paths[0]) & PARAMETER:
        return msgspec.structs.replace(config, path=usual), []
    return msgspec.structs.replace(config, path=paths[0]), [warn(WarningCode.PATH_FOUND, path=paths[0])]


def ask_routes(protocol: Protocol, links: Iterable[AgentLink]) -> list[str]:
    """Return the paths that the routes of all processes have for clients of a protocol; none where nobody answers."""
    paths: set[str] = set()
    for link in links:
        try:
            paths.update(link.request("routes")[protocol])
        except AgentError:
            continue
    return sorted(paths)
