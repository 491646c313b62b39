"""What the command line says, as one value; it also travels to the worker processes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from server.audit import REGISTRIES

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``python -m server``. ``fd`` and ``clock_epoch`` are handed to workers by their parent."""

    host: str = "127.0.0.1"
    port: int = 8000
    clock_speed: float = 1.0
    plants: tuple[str, ...] = ()
    redis: str | None = None
    workers: int = 1
    cors_origins: tuple[str, ...] = ()
    webhook: str | None = None
    alert_bounds: tuple[tuple[str, int], ...] = ()
    log_level: str = "warning"
    fd: int | None = None
    clock_epoch: float | None = None


def _number_in(low: float, high: float, kind: type[Number]) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"got {text}, need {low} to {high}")
        return value

    return parse


def _bound(text: str) -> tuple[str, int]:
    registry, _, entries = text.partition("=")
    if registry not in REGISTRIES or not entries.isdigit():
        raise argparse.ArgumentTypeError(f"got {text!r}, need REGISTRY=N with one of {', '.join(REGISTRIES)}")
    return registry, int(entries)


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            is_sound = parts.scheme in schemes and bool(parts.netloc or parts.path) and parts.port != 0
        except ValueError:
            is_sound = False
        if not is_sound:
            raise argparse.ArgumentTypeError(f"got {text!r}, need a URL that begins with {' or '.join(schemes)}://")
        return text

    return parse


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m server", description="The reference collaboration server.")
    _add_serving(parser)
    _add_watching(parser)
    parser.add_argument(
        "--clock-speed", type=_number_in(0.001, 1e6, float), default=1.0, help="how many times as fast its clock runs"
    )
    parser.add_argument(
        "--plant", action="append", default=[], metavar="NAME[@RATE]", help="put in a leak or a trap; 'help' lists them"
    )
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--clock-epoch", type=float, help=argparse.SUPPRESS)
    return parser


def _add_serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_number_in(0, 65_535, int), default=8000, help="port to listen on, 0 for a free one"
    )
    parser.add_argument(
        "--redis",
        type=_url("redis", "rediss", "unix"),
        metavar="URL",
        help="share rooms, locks and documents between workers over Redis",
    )
    parser.add_argument(
        "--workers", type=_number_in(1, 64, int), default=1, help="worker processes; more than one needs --redis"
    )
    parser.add_argument(
        "--cors-origin", action="append", default=[], metavar="ORIGIN", help="another origin whose pages may use it"
    )


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--webhook", type=_url("http", "https"), metavar="URL", help="where alerts are posted to, as JSON"
    )
    parser.add_argument(
        "--alert-bound",
        action="append",
        default=[],
        type=_bound,
        metavar="REGISTRY=N",
        help="alert when a registry has more than N entries (default: 80%% of its cap)",
    )
    levels = ["debug", "info", "warning", "error"]
    parser.add_argument("--log-level", choices=levels, default="warning", help="'info' logs each removal")


def parse_options(argv: Sequence[str]) -> Options:
    """Parse a command line; what is wrong ends the process with a sentence and exit code 2."""
    parser = build_parser()
    parsed = parser.parse_args(argv)
    if parsed.workers > 1 and parsed.redis is None:
        parser.error(f"--workers {parsed.workers}: several workers must agree on locks and documents; add --redis URL")
    return Options(
        host=parsed.host,
        port=parsed.port,
        clock_speed=parsed.clock_speed,
        plants=tuple(parsed.plant),
        redis=parsed.redis,
        workers=parsed.workers,
        cors_origins=tuple(parsed.cors_origin),
        webhook=parsed.webhook,
        alert_bounds=tuple(parsed.alert_bound),
        log_level=parsed.log_level,
        fd=parsed.fd,
        clock_epoch=parsed.clock_epoch,
    )
