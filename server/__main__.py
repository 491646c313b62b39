"""``python -m server``: the command line of the reference server."""

from __future__ import annotations

import sys

from server import logs
from server.app import Server
from server.options import Options, parse_options
from server.serving import serve


def main() -> None:
    """Read the command line and serve."""
    options = parse_options(sys.argv[1:])
    logs.configure(options.log_level)
    server = Server(options)
    if options.plants:
        _plant(server, options)
    try:
        serve(server, options)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        sys.exit(f"cannot listen on {where}: {error.strerror}; choose another --port, or 0 for a free one")


def _plant(server: Server, options: Options) -> None:
    from server.plants import plant_all  # noqa: PLC0415 -- without --plant, none of that code is in the process

    plant_all(server, options.plants)


if __name__ == "__main__":
    main()
