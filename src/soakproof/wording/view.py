"""A verdict for programs: its codes and numbers, and beside them the sentences that the contract asks for."""

from __future__ import annotations

from typing import Any

import msgspec

from soakproof.compare import Change, Comparison
from soakproof.culprits import Culprit
from soakproof.judge.verdict import Finding, MemoryAccount, Strain, Verdict
from soakproof.mending import Verification
from soakproof.wording.account import say_account
from soakproof.wording.changes import say_change_reason, say_comparison_reason, say_worse
from soakproof.wording.findings import say_reason
from soakproof.wording.mends import say_mend, say_verification_reason
from soakproof.wording.names import say_note, say_owner
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.strain import say_strain
from soakproof.wording.warned import say_warning


def view_verdict(verdict: Verdict) -> dict[str, Any]:
    """Return ``verdict.json`` as what JSON knows; the warnings' codes stand in ``warning_codes``."""
    document: dict[str, Any] = msgspec.to_builtins(verdict)
    return document | {
        "reason": say_verdict_reason(verdict),
        "findings": [view_finding(finding) for finding in verdict.findings],
        "warnings": [say_warning(warning) for warning in verdict.warnings],
        "strain": _view_strain(verdict.strain),
        "account": _view_account(verdict.account),
        "warning_codes": document["warnings"],
    }


def _view_account(account: MemoryAccount | None) -> dict[str, Any] | None:
    return None if account is None else msgspec.to_builtins(account) | {"reason": say_account(account)}


def _view_strain(strain: Strain | None) -> dict[str, Any] | None:
    return None if strain is None else msgspec.to_builtins(strain) | {"reason": say_strain(strain)}


def view_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return ``comparison.json`` as what JSON knows."""
    document: dict[str, Any] = msgspec.to_builtins(comparison)
    document.pop("obstacle")
    return document | {
        "reason": say_comparison_reason(comparison),
        "worse": say_worse(comparison),
        "changes": [_view_change(change) for change in comparison.changes],
        "warnings": [say_warning(warning) for warning in comparison.warnings],
        "warning_codes": document["warnings"],
    }


def view_verification(verification: Verification) -> dict[str, Any]:
    """Return ``verification.json`` as what JSON knows."""
    document: dict[str, Any] = msgspec.to_builtins(verification)
    return document | {
        "reason": say_verification_reason(verification),
        "culprits": [msgspec.to_builtins(mend) | {"reason": say_mend(mend)} for mend in verification.culprits],
        "others": [view_finding(finding) for finding in verification.others],
    }


def view_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as what JSON knows, its sentence beside its codes."""
    document: dict[str, Any] = msgspec.to_builtins(finding)
    return document | {"reason": say_reason(finding), "culprit": _view_culprit(finding.culprit)}


def _view_change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(change)
    document["rule"] = document.pop("finding")["rule"]
    return document | {"reason": say_change_reason(change), "culprit": _view_culprit(change.culprit)}


def _view_culprit(culprit: Culprit | None) -> dict[str, Any] | None:
    """Return a culprit; where no container keeps it, its owner is the kind of memory in words."""
    if culprit is None:
        return None
    document: dict[str, Any] = msgspec.to_builtins(culprit)
    return document | {"owner": say_owner(culprit), "note": say_note(culprit)}
