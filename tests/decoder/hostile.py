"""Texts of errors that mean no good: pieces of what torch says, as often as they fit."""

from random import Random

from layerscope.decoder.kinds.all_kinds import KINDS

SIZE = 65_536
CALLS = ("self.conv1(x)\n", "-> 1 self.a(\n", "----> 2 ", "  ❱ 3 ", "self.", "self.a", "\x1b[0m", "\x1b[0;", "\x1b[")
SPLINTERS = (
    "'a", "1, ", " 1", "1x", "1 x ", "a.", "_", "()", "'a' ", "__init__() ", "(1x1", "[1, 1, ", "-1, ", '"a", ', " -",
    "size mismatch for a: copying a param with shape [", 'Missing key(s) in state_dict: "a", ', "'a' and 'a', ",
    "Error(s) in loading state_dict", "Given groups=1, weight of size [1, 1, 1", " object has no attribute '",
)  # fmt: skip


def pieces() -> tuple[str, ...]:
    """The calls and splinters, and the beginnings of every message that is known."""
    said = [kind.example for kind in KINDS.values()]
    begun = [f"{words[: len(words) * share // 4]} " for words in said for share in (1, 2, 3, 4)]
    return (*CALLS, *SPLINTERS, *begun)


def repeated(rng: Random) -> str:
    """One or two pieces as often as they fit, behind or before a real message or without one."""
    known = pieces()
    piece = rng.choice(known) + (rng.choice(known) if rng.random() < 0.5 else "")
    real = rng.choice(list(KINDS.values())).example if rng.random() < 0.7 else ""
    text = piece * (rng.choice((SIZE, 20_000, 500)) // len(piece))
    return rng.choice((f"{text}\n{real}", f"{real}\n{text}", f"{text[:9_000]}\n{real}\n{text}"))
