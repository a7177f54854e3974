"""What became of one endpoint in one measurement, beside the truth; as it stands in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.harm import contradicts
from neverblock.model import Verdict
from neverblock.result import Criterion

if TYPE_CHECKING:
    from neverblock.result import Result


class Judged(NamedTuple):
    """The true verdict and diagnosis of an endpoint, those found, and what was said of a wrong one.

    ``line`` is whether the first place blamed is the right one; None where nobody is to blame.
    ``contradiction`` is how the result contradicts the harm that was measured; None as a rule.
    """

    name: str
    verdict: str
    diagnosis: str
    found: str
    found_diagnosis: str
    line: bool | None
    why: str
    contradiction: str | None = None

    @property
    def inconclusive(self) -> bool:
        """Whether no verdict was given."""
        return self.found == Verdict.INCONCLUSIVE

    @property
    def right(self) -> bool:
        """Whether all of it is as it should be."""
        as_it_is = (self.verdict, self.diagnosis) == (self.found, self.found_diagnosis)
        return as_it_is and self.line is not False and self.contradiction is None

    @property
    def false_failure(self) -> bool:
        """Whether an innocent endpoint was accused."""
        return self.found == Verdict.FAIL != self.verdict

    @property
    def false_pass(self) -> bool:
        """Whether a guilty endpoint was acquitted."""
        return self.found == Verdict.PASS != self.verdict

    @property
    def error(self) -> bool:
        """Whether measuring went wrong where it should not have."""
        return self.found == Verdict.ERROR != self.verdict

    @property
    def otherwise(self) -> bool:
        """Whether the verdict is right, and diagnosis or line is not."""
        return self.found == self.verdict and not self.right


def judged(result: Result, verdict: Verdict, diagnosis: str, *, line: bool | None) -> Judged:
    """Compare a result to the truth; ``diagnosis`` may be empty where none is promised."""
    judgement = result.judgement
    found = str(judgement.diagnosis) if diagnosis else ""
    made = Judged(
        result.endpoint.name,
        str(verdict),
        diagnosis,
        str(judgement.verdict),
        found,
        line,
        why="",
        contradiction=contradicts(result, result.criterion or Criterion()),
    )
    if made.right:
        return made
    if made.contradiction:
        return made._replace(why=f"{made.contradiction}: {judgement.reason}")
    at = "".join(
        f" at {place.file}:{place.line} {place.function}"
        + "".join(f" in {inner.file}:{inner.line}" for inner in place.path[:1])
        for place in result.blame[:1]
    )
    return made._replace(why=f"{judgement.diagnosis}{at}: {judgement.reason}")
