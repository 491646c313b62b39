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
    serve(server, options)


def _plant(server: Server, options: Options) -> None:
    from server.plants import plant_all  # noqa: PLC0415 -- without --plant, none of that code is in the process

    plant_all(server, options.plants)


if __name__ == "__main__":
    main()
