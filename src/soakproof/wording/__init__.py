"""Wording: codes to sentences and numbers to text, once, for all formats. Nothing is decided here.

`findings.py` has a sentence per rule, `cautions.py` one per warning, `reasons.py` the sentence of a run and of a
comparison, `advice.py` what to do; `numbers.py` is the only formatter, `names.py` says what metrics are called, and
`view.py` puts the sentences beside the codes in ``verdict.json``.
"""
