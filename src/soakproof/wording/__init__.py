"""Wording: codes to sentences and numbers to text, once, for all formats. Nothing is decided here.

`findings.py` has a sentence per rule, `warned.py` one per warning, `reasons.py` the sentence on a run, `changes.py`
those on what changed since another, `advice.py` what to do; `numbers.py` is the only formatter, `names.py` says what
things are called, and `view.py` puts the sentences beside the codes in ``verdict.json``.
"""

from soakproof.wording.findings import say_reason
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.warned import say_warning

__all__ = ["say_reason", "say_verdict_reason", "say_warning"]
