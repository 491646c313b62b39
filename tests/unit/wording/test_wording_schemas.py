"""The JSON Schemas: those that are published are those of the types, and what is written is as they say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from soakproof.compare import compare_runs
from soakproof.judge import judge_run
from soakproof.thinning import load_thin_run
from soakproof.wording.schemas import make_schemas
from soakproof.wording.view import view_comparison, view_verdict
from tests.mini_schema import find_mistakes
from tests.synthetic_runs import make_run

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = make_schemas()
KINDS = ("bounded", "leak", "inconclusive", "died", "unsettled")


def mistakes(document, name):
    written = json.loads(msgspec.json.encode(document))
    return list(find_mistakes(written, SCHEMAS[name], SCHEMAS[name]))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_the_types_own(name):
    """Whoever changes a type renews the schema (SOAKPROOF_WRITE_GOLDEN=1), and sees whether it needs another number."""
    file = ROOT / "docs" / "schema" / name
    text = json.dumps(SCHEMAS[name], indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("SOAKPROOF_WRITE_GOLDEN"):
        file.write_text(text)
    assert file.read_text() == text


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_are_as_their_schema_says(kind):
    """Of every verdict, intervals included that there was too little for."""
    assert mistakes(view_verdict(judge_run(make_run(kind))), "verdict-1.schema.json") == []


def test_a_stored_runs_verdict_is_as_the_schema_says():
    """With a culprit, its chain and its lines, as a real second pass found them."""
    verdict = judge_run(load_thin_run(ROOT / "reports" / "reference" / "document-locks"))
    assert verdict.findings[0].culprit is not None
    assert mistakes(view_verdict(verdict), "verdict-1.schema.json") == []


@pytest.mark.parametrize("kind", KINDS)
def test_comparisons_are_as_their_schema_says(kind):
    """Of every verdict, the one that cannot be compared included."""
    comparison = compare_runs(make_run("bounded", seed=9), make_run(kind))
    assert mistakes(view_comparison(comparison), "comparison-1.schema.json") == []


def test_a_mistake_is_seen():
    """A field that is missing, of another type, or not among the codes."""
    document = view_verdict(judge_run(make_run("leak")))
    del document["reason"]
    document["findings"][0] |= {"rule": "guess", "margin": "small"}
    found = " ".join(mistakes(document, "verdict-1.schema.json"))
    assert "lacks 'reason'" in found
    assert "'guess' is none of" in found
    assert "'small' is no number" in found
