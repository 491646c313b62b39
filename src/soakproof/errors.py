"""Every error a user can meet, and the exit code it ends the command with.

    SoakproofError
    ├── UsageError (2)            the command line, a config file, an input file
    │   ├── ConfigError           soakproof.toml, pyproject.toml, an option's value
    │   ├── LocustfileError       the user's Locust file does not load
    │   ├── OutputError           --out cannot be written
    │   ├── PortTakenError        the recorder, --metrics-port or --ui cannot listen where it is told to
    │   └── RunFileError          a stored run is missing, broken or of another schema
    ├── InterruptedRunError (130) Ctrl-C, before the reports were written
    └── InvalidRunError (4)            nothing can be judged
        ├── TargetError           the target did not start, died, or never listened
        ├── AgentError            the agent did not answer, or answered nonsense
        ├── SilentRecordingError  nobody opened a socket while it was recorded
        ├── LoadError             the load generator died or never reached the wave
        │   └── UnreachableError  not one client could connect
        └── JournalError          what is measured can be written no longer: the disk is full

A message says what happened, what was got, what is needed and what to do.
"""

from __future__ import annotations


class SoakproofError(Exception):
    """Base of all errors that are the user's to see; printed as one sentence, never as a traceback."""

    exit_code = 2


class UsageError(SoakproofError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class ConfigError(UsageError):
    """An option, or a key of a configuration file, is wrong."""


class LocustfileError(UsageError):
    """A user's Locust file cannot be loaded."""


class OutputError(UsageError):
    """The output directory cannot be written."""


class PortTakenError(UsageError):
    """The recorder, or whoever tells of a run, cannot listen on the port it was given."""


class RunFileError(UsageError):
    """A stored run cannot be read."""


class InterruptedRunError(SoakproofError):
    """Somebody would not wait for the reports of what was measured."""

    exit_code = 130


class InvalidRunError(SoakproofError):
    """The run cannot be judged: never green, never red, always exit 4."""

    exit_code = 4


class TargetError(InvalidRunError):
    """The target did not start, died, or never listened."""


class AgentError(InvalidRunError):
    """The agent inside the target did not answer as it should."""


class SilentRecordingError(InvalidRunError):
    """A recording holds no socket: there is nothing to soak."""


class LoadError(InvalidRunError):
    """The load generator died, or could not reach the wave."""


class UnreachableError(LoadError):
    """Not one client of the first wave could connect: there is nothing to measure."""


class JournalError(InvalidRunError):
    """The journal cannot be continued, so that samples would be missing."""
