"""``make audit``: whether what requirements/lock.txt locks has known vulnerabilities, by the database of OSV.

It is asked at api.osv.dev, or, where ``OSV_DATABASE`` names one, in a copy on this machine: the archive that
OSV publishes (PyPI/all.zip), or a directory of its records. Where there is neither, that is said, and nothing is red.
Exit code: 1 where there are vulnerabilities, 2 where the copy that is named cannot be read.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).parent / "lock.txt"
SERVICE = "https://api.osv.dev/v1/querybatch"
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
PATIENCE_S = 20.0


def main() -> int:
    """Print what is known, a line each; return the exit code."""
    locked = read_lock((Path(sys.argv[1]) if len(sys.argv) > 1 else LOCK).read_text())
    database = os.environ.get("OSV_DATABASE")
    try:
        found = list(search(Path(database), locked) if database else ask(locked))
    except (OSError, ValueError, KeyError) as error:
        where = database or os.environ.get("OSV_SERVICE", SERVICE)
        print(
            f"audit: SKIPPED, {where}: {error}; need the network, or OSV_DATABASE=PATH with OSV's archive PyPI/all.zip"
        )
        return 2 if database else 0
    for name, version, identifier in found:
        print(f"audit: {name} {version}: {identifier}, see https://osv.dev/vulnerability/{identifier}")
    print(f"audit: {len(locked)} packages, {len(found)} known vulnerabilities")
    return 1 if found else 0


def read_lock(text: str) -> dict[str, str]:
    """Return the version of each package that is locked."""
    return {canonicalize_name(match[1]): match[2] for line in text.splitlines() if (match := LOCKED.match(line))}


def ask(locked: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield package, version and identifier of what OSV's service knows, in one request."""
    packages = list(locked.items())
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    request = urllib.request.Request(  # noqa: S310 -- https, or what the environment says
        os.environ.get("OSV_SERVICE", SERVICE),
        json.dumps({"queries": queries}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 -- likewise
        results = json.load(answer)["results"]
    for (name, version), result in zip(packages, results, strict=True):
        yield from ((name, version, known["id"]) for known in result.get("vulns", ()))


def search(database: Path, locked: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the same from a copy of the database."""
    for record in read_database(database):
        if "withdrawn" in record:
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") == "PyPI" and name in locked and is_affected(locked[name], affected):
                yield name, locked[name], record["id"]


def read_database(database: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of an archive, or of a directory."""
    if database.is_dir():
        for file in sorted(database.rglob("*.json")):
            yield json.loads(file.read_text())
        return
    with zipfile.ZipFile(database) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def is_affected(version: str, affected: dict[str, Any]) -> bool:
    """Tell whether a version is listed, or lies in a range, as OSV's schema has them."""
    if version in affected.get("versions", ()):
        return True
    return any(is_within(version, each["events"]) for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM")


def is_within(version: str, events: list[dict[str, str]]) -> bool:
    """Tell whether a version came after it was introduced, and before it was mended."""
    at, inside = Version(version), False
    try:
        steps = [(Version(value), kind) for event in events for kind, value in event.items()]
    except InvalidVersion:
        return False
    for step, kind in sorted(steps, key=lambda step: step[0]):
        if kind == "introduced" and at >= step:
            inside = True
        elif (kind == "fixed" and at >= step) or (kind == "last_affected" and at > step):
            inside = False
    return inside


if __name__ == "__main__":
    sys.exit(main())
