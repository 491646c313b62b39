"""soakproof in other people's tests: the parts of the pytest plugin, and `retains_nothing` for tests of one handler.

`marks.py` reads ``@pytest.mark.bounded``, `applications.py` makes a command of what a test gives to ``soak``,
`soaking.py` soaks in a process of its own, `slots.py` keeps too many from running at once, and `retention.py` looks at
this process.
"""

from soakproof.testing.retention import RetainedError, retains_nothing

__all__ = ["RetainedError", "retains_nothing"]
