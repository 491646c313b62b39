"""Reading and writing ``run.jsonl``: records to lines, lines to records, records to a `Run`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from soakproof.controls import plain_json
from soakproof.culprits import Memory
from soakproof.errors import RunFileError
from soakproof.metrickinds import unit_of
from soakproof.samples import (
    SCHEMA,
    AnyRecord,
    Diagnosis,
    Emptied,
    End,
    Executed,
    Header,
    Leap,
    Lines,
    Metric,
    Run,
    Sample,
    Settle,
    Shares,
    Warned,
    Wave,
)
from soakproof.warningcodes import RunWarning

LONGEST_LINE_BYTES = 64 << 20  # a thousand times a census of a large server
CUT = "soak again, or cut that line"
PACKED = ".gz"  # a long run that is kept for reading takes a tenth of its size
OWNER_WORDS: dict[str, Memory] = {"native memory": "native", "objects that swell": "swelling"}

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)


def encode(record: AnyRecord) -> bytes:
    """Return the record as one line of ``run.jsonl``, newline included."""
    return _encoder.encode(record) + b"\n"


class RecordReader:
    """Reads the records of a run that is stored, or still being written, each once.

    A last line without its newline is what a crash leaves, and is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = 0
        self._offset_bytes = 0

    def read_on(self) -> Iterator[AnyRecord]:
        """Yield the records that were not read yet.

        Raises:
            RunFileError: the file cannot be read, or a line is not a record.
        """
        path = self._path
        try:
            if path.exists() and not path.is_file():
                raise RunFileError(f"{path}: is no file; need a run.jsonl, or the directory of a run that holds one")
            with gzip.open(path) if path.suffix == PACKED else path.open("rb") as stream:
                stream.seek(self._offset_bytes)
                while line := stream.readline(LONGEST_LINE_BYTES):
                    if len(line) == LONGEST_LINE_BYTES:
                        raise RunFileError(
                            f"{path}:{self._lines + 1}: longer than {LONGEST_LINE_BYTES >> 20} MiB, {CUT}"
                        )
                    if line.endswith(b"\n"):
                        self._lines += 1
                        self._offset_bytes += len(line)
                        yield _decode(line, path, self._lines)
        except (OSError, EOFError, zlib.error) as error:  # the latter are packed files that were cut off, or changed
            what = getattr(error, "strerror", None) or error
            raise RunFileError(f"{path}: {what}; need a run.jsonl, or the directory of a run that holds one") from error


def read_records(path: Path) -> Iterator[AnyRecord]:
    """Yield the records of a stored run.

    Raises:
        RunFileError: as `RecordReader.read_on`.
    """
    return RecordReader(path).read_on()


def _decode(line: bytes, path: Path, number: int) -> AnyRecord:
    try:
        return _decoder.decode(plain_json(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RunFileError(f"{path}:{number}: not a record of a soakproof run ({error}); {CUT}") from error


def gather(records: Iterable[AnyRecord], name: str = "run") -> Run:
    """Put records together into a `Run`.

    Raises:
        RunFileError: there is no header in front, or it is of another schema.
    """
    iterator = iter(records)
    header = next(iterator, None)
    if not isinstance(header, Header):
        raise RunFileError(f"{name}: its first line is not a header; need a run.jsonl that soakproof wrote")
    if header.schema != SCHEMA:
        raise RunFileError(f"{name}: schema {header.schema}, need {SCHEMA}; read it with soakproof {header.soakproof}")
    run = Run(
        header=header,
        metrics={},
        references={},
        samples=[],
        waves=[],
        settles=[],
        diagnoses={},
        warnings=[],
        leaps=[],
        emptied={},
    )
    for record in iterator:
        add(run, record)
    return run


SAID_ONCE: dict[type[AnyRecord], str] = {Lines: "lines", Shares: "shares", Executed: "executed", End: "end"}

LISTED: dict[type[AnyRecord], str] = {Sample: "samples", Wave: "waves", Settle: "settles", Leap: "leaps"}


def add(run: Run, record: AnyRecord) -> None:
    """Add one record to a run that is being gathered."""
    match record:
        case Sample() | Wave() | Settle() | Leap():
            getattr(run, LISTED[type(record)]).append(record)
        case Metric():
            _introduce(run, record)
        case Diagnosis():
            run.diagnoses[record.metric] = read_diagnosis(record)
        case Emptied():
            run.emptied.setdefault(record.owner, record)
        case Warned():
            run.warnings.append(read_warning(record))
        case Lines() | Shares() | Executed() | End():
            setattr(run, SAID_ONCE[type(record)], record)
        case Header():
            raise RunFileError("a second header in one run; need one run a file")


def _introduce(run: Run, info: Metric) -> None:
    run.metrics.setdefault(info.metric, info)
    if info.pid is not None:
        run.references[info.metric, info.pid] = info.reference


def read_warning(record: Warned) -> RunWarning:
    """Return a recorded warning; runs stored before docs/adr/0080 have a sentence in place of code and values."""
    values = record.values or ({"text": record.message} if record.message else {})
    return RunWarning(code=record.code, values=values)


def read_diagnosis(record: Diagnosis) -> Diagnosis:
    """Return a diagnosis; runs stored before docs/adr/0080 name the kind of memory in words, as if it were an owner."""
    memory = OWNER_WORDS.get(record.culprit.owner) if unit_of(record.metric) == "bytes" else None
    if memory is None:
        return record
    culprit = msgspec.structs.replace(record.culprit, owner="", memory=memory)
    return msgspec.structs.replace(record, culprit=culprit)


def find_run(path: Path) -> Path:
    """Return the ``run.jsonl`` that a path names: the file itself, or the one in that directory, packed or not."""
    if not path.is_dir():
        return path
    file, packed = path / "run.jsonl", path / f"run.jsonl{PACKED}"
    return packed if packed.exists() and not file.exists() else file


def load_run(path: Path) -> Run:
    """Read a stored run, given its file or its directory.

    Raises:
        RunFileError: it is missing, broken, empty or of another schema.
    """
    file = find_run(path)
    return gather(read_records(file), str(file))
