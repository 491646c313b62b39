"""Whose code it is, application, library or Python; its distribution, its files and lines."""
