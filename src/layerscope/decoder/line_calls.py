"""What the line that failed does, by kind of call: the same words of torch mean another mistake in a loss than "
"in a sum.

A line is at most `pointing.LONGEST_LINE` characters, and no pattern repeats without a bound.
"""

import re

KINDS_OF_CALL: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "loss": r"(?i)loss|criterion|cross_entropy|\bmse|\bnll|\bbce|kl_div",
        "mask": r"(?i)masked_|mask\b",
        "positions": r"(?i)\bpos(?:ition(?:s|al)?)?(?:_\w{1,20})?\b|pos_?emb|pos_?enc|\bpe\b",
        "sum": r"(?i)^(?!.{0,200}(?:loss|criterion)).{0,200}(?:\+|\badd_?\()",
        "product": r"@|matmul\(|\bbmm\(|einsum\(",
        "heads": r"(?i)\b(?:view|reshape)\((?=.{0,80}(?:head|\bn?h\b|\bd_?k\b|\bhd\b))",
        "recurrent": r"(?i)(?:lstm|gru|rnn)\w{0,20}\(",
        "pair of states": r"(?i)\w\s?,\s?\(\s?\w{1,20}\s?,\s?\w{1,20}\s?\)\s?=(?!.{0,60}lstm)",
        "shape": r"=\s?[\w.]{1,40}\.(?:shape|size\(\))",
        "batch": r"\bfor\b.{1,60}\bin\b|=\s?next\(|=\s?batch\b",
        "to tensor": r"\b(?:torch\.tensor|torch\.as_tensor|FloatTensor|LongTensor|np\.array)\(",
        "optimizer": r"\b(?:optim\w{0,3}\.|SGD\(|AdamW?\(|RMSprop\()",
        "attention": r"scaled_dot_product_attention\(",
        "cat": r"\b(?:cat|concat|hstack|vstack|stack)\(",
    }.items()
}
"""How a line shows what it does, in the learner's names and torch's."""


def kinds_of_call(line: str) -> frozenset[str]:
    """The kinds of call in a line of code."""
    return frozenset(name for name, pattern in KINDS_OF_CALL.items() if line and pattern.search(line))
