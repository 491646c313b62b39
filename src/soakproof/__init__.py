"""soakproof: proves that a Socket.IO server's memory stays bounded, or names what leaks."""

__version__ = "0.1.0"
