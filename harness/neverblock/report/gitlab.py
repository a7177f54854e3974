"""GitLab's code quality report: the subset of Code Climate's issues that GitLab documents.

See "Code Quality report format" in GitLab's documentation, and Code Climate's analyzer SPEC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.report.findings import Level, findings, fingerprint, lines
from neverblock.report.foreign import harmless_json
from neverblock.report.summary import printable

if TYPE_CHECKING:
    from neverblock.report.findings import Finding
    from neverblock.result import Run


def render(run: Run) -> str:
    """Give the findings as a JSON array; empty where there are none."""
    issues = [
        {
            "description": " ".join(lines(finding)),
            "check_name": str(finding.code),
            "fingerprint": fingerprint(finding),
            "severity": _severity(finding),
            "location": {
                "path": printable(finding.place.file),
                "lines": {"begin": finding.place.line},
            },
        }
        for finding in findings(run)
    ]
    return harmless_json(issues, indent=2) + "\n"


def _severity(finding: Finding) -> str:
    """Give critical for what fails, major for what could not be measured, info for notes."""
    if finding.level is Level.NOTE:
        return "info"
    return "critical" if finding.failed else "major"
