"""A call or an operation in code, and its lines."""

import re
from dataclasses import dataclass

from layerscope.source.spelling import LONGEST_LINE, STEP, Argument, call

_SIMPLE = re.compile(r"-?[\w.]+(?:(?<=\de)-\d+)?")


@dataclass(frozen=True)
class Called:
    """`function(arguments)`; or `operands` with a sign between them; or the text of `function` alone."""

    function: str = ""
    arguments: tuple[Argument, ...] | None = None
    operands: tuple[str, ...] = ()
    sign: str = ""

    @property
    def words(self) -> set[str]:
        """The names that its text begins with, of which torch and F have to be imported."""
        texts = (self.function, *(each.text for each in self.arguments or ()), *self.operands)
        return {text.partition(".")[0] for text in texts}

    def lines(self, before: str, comment: str, indent: str) -> list[str]:
        """The lines of `before ...  # comment`."""
        if self.sign:
            return self._joined(before, comment, indent)
        if self.arguments is None:
            return [f"{indent}{before}{self.function}{_remark(comment)}"]
        lines = call(before, self.function, self.arguments, "", comment, indent)
        if len(lines[0]) <= LONGEST_LINE or not before.endswith(" = "):
            return lines
        inside = call("", self.function, self.arguments, "", "", indent + STEP)
        return [f"{indent}{before}(", *inside, f"{indent}){_remark(comment)}"]

    def _joined(self, before: str, comment: str, indent: str) -> list[str]:
        tight = self.sign == "**" and all(map(_SIMPLE.fullmatch, self.operands))  # as ruff writes powers
        sign = self.sign if tight else f" {self.sign} "
        line = f"{indent}{before}{sign.join(self.operands)}{_remark(comment)}"
        if len(line) <= LONGEST_LINE:
            return [line]
        whole = f"{indent}{STEP}{sign.join(self.operands)}"
        if len(whole) <= LONGEST_LINE:
            return [f"{indent}{before}(", whole, f"{indent}){_remark(comment)}"]
        first, *others = self.operands
        inside = [first, *(f"{self.sign} {operand}" for operand in others)]
        return [f"{indent}{before}(", *(f"{indent}{STEP}{row}" for row in inside), f"{indent}){_remark(comment)}"]


def _remark(comment: str) -> str:
    return f"  # {comment}" if comment else ""
