"""``python -m server``: the command line of the reference server."""

from __future__ import annotations

import importlib
import sys

from server import logs
from server.app import Server
from server.options import Options, parse_options
from server.serving import serve
from server.workers import Workers


def main() -> None:
    """Read the command line and serve."""
    options = parse_options(sys.argv[1:])
    logs.configure(options.log_level)
    try:
        sys.exit(_run(options))
    except OSError as error:
        where = f"{options.host}:{options.port}"
        sys.exit(f"cannot listen on {where}: {error.strerror}; choose another --port, or 0 for a free one")


def _run(options: Options) -> int:
    # Without --plant, none of that code is in the process.
    plants = importlib.import_module("server.plants") if options.plants else None
    if plants is not None:
        plants.check(options.plants, has_redis=options.redis is not None)
    if options.workers > 1 and options.fd is None:
        return Workers(options, sys.argv[1:]).run()
    server = Server(options)
    if plants is not None:
        plants.plant_all(server, options.plants)
    serve(server, options)
    return 0


if __name__ == "__main__":
    main()
