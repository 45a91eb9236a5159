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
        "product": r"@|matmul\(|\bb?mm\(|einsum\(",
        "heads": r"(?i)\b(?:view|reshape)\((?=.{0,80}(?:head|\bn?h\b|\bd_?k\b|\bhd\b))",
        "recurrent": r"(?i)(?:lstm|gru|rnn)\w{0,20}\(",
        "pair of states": r"(?i)\w\s?,\s?\(\s?\w{1,20}\s?,\s?\w{1,20}\s?\)\s?=(?!.{0,60}lstm)",
        "shape": r"=\s?[\w.]{1,40}\.(?:shape|size\(\))",
        "batch": r"\bfor\b.{1,60}\bin\b|=\s?next\(|=\s?batch\b",
        "to tensor": r"\b(?:torch\.tensor|torch\.as_tensor|FloatTensor|LongTensor|np\.array)\(",
        "optimizer": r"\b(?:optim\w{0,3}\.|SGD\(|AdamW?\(|RMSprop\()",
        "step": r"(?i)\bopt(?:im(?:izer)?)?\w{0,20}\.step\(|scaler\.step\(|exp_avg|momentum_buf",
        "packing": r"pack(?:_padded)?_sequence\(",
        "network": r"(?i)=\s?(?:self\.)?(?:\w{0,20}(?:model|net|network|encoder|decoder)|gen|disc)\(",
        "picture": r"(?i)\b(?:im|img|image|frame|pic|mask|src)\w{0,20}\.(?:shape|astype|copy|size)|cv2\.",
        "gradient": r"\bgrad\w{0,10}\.",
        "counting": r"\bbincount\(|\bhistc\(",
        "membership": r"^(?!.{0,40}\bfor\b).{0,60}\bin\b",
        "connective": r"\b(?:and|or|not)\b(?! in\b)",
        "condition": r"^(?:el)?if\b|^while\b|\bif\b.{1,60}\belse\b",
        "class": r"\b(?!nn\.)[A-Z]\w{0,40}\((?!\))",
        "attention": r"scaled_dot_product_attention\(",
        "cat": r"\b(?:cat|concat|hstack|vstack|stack)\(",
    }.items()
}
"""How a line shows what it does, in the learner's names and torch's."""


def kinds_of_call(line: str) -> frozenset[str]:
    """The kinds of call in a line of code."""
    return frozenset(name for name, pattern in KINDS_OF_CALL.items() if line and pattern.search(line))
