"""The options of a run: read once, from defaults, a configuration file and the command line, into typed values."""

from soakproof.config.options import Config
from soakproof.config.reading import build_config

__all__ = ["Config", "build_config"]
