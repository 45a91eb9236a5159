"""Pastes that mean no good: mutations of real ones, and generated ones. Everything comes from a `random.Random`."""

import re
from random import Random

TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
WORD = re.compile(r"\b\w+\b")
SPLINTERS = (
    "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "*", "**", "//", "%", "-", "+", "@", "#", "'", '"', '"""', "\\",
    "\n", "\t", "    ", "\r", "\x00", "\x0c", "\u2028", "“", "é", "𝟙", "٣", "self", "x", "nn", "None", "True", "lambda",
    "for i in range(10**9):", "while True:", "if x:", "return", "yield", "await", "async", "class A(A):", "del x",
    "10**10**10", "9" * 400, "1e999", "-1", "0", "0x" + "f" * 90, "1j", "...", "[0]*10**8", "'a'*10**9", "*", ":=",
    "nn.Linear", "nn.Sequential", "range(10**18)", "x.view(-1, -1)", "x + x", "torch.cat([x, x])", "f'{x!r:>{9}}'",
    "self = x", "super().__init__()", "self.forward(x)", "import os; os.system('true')", "__import__('os')",
)  # fmt: skip

_REPEATED = (
    "(", "[", "{", "not ", "-", "~", "lambda: ", "a.", "a[", "f(", "1+", "1**", "if 1:\n ", "x=", "a if b else ",
    "[a for a in ", "{1: ", "*", "@a\n", "f'{", "with a: ", "else ", "a, ", "nn.Sequential(", "(lambda x: x)(",
    "x = [x, x]\n", "x = x + x\n", "x *= x\n", "x = {0: x, 1: x}\n", "a" * 50, "a = [a] * 2000\n", "b'", "\\\n", "\n",
    "try:\n ", "elif x: pass\n", "class A:\n ", "def f(x):\n return f(x)\n", "print(", "(yield ", "é", "1_", "0x",
    "layers.append(layers)\n", "s = nn.Sequential(s, s)\n", "l += l\n",
)  # fmt: skip
STARTS = (
    "", "x = ", "def f(", "class A(nn.Module):\n def forward(self, x):\n  return ", "import a", "l = []\n", "x = 2\n",
    "from torch import nn\ns = nn.Sequential()\n", "layers = [1]\nx = [1]\na = 1\ns = 1\nl = [1]\n",
)  # fmt: skip

COSTLY = (
    *_REPEATED, "\\\"\"\"\n", "\\'\'\'\n", "\"\"\"", "'\'\'", "'", '"', "\\'", '\\"', "\\", "rb'", "rb", "# ", "#",
    " \t", "\t ", "\x0c ", " $", "\t$", " ?", "1_", "1.", "1e", "1e+", ".1", "0xE+", "1j", "1 ", "a b ", "é.f(é);",
    "\r\n", "\r", " \n", "\t\n", "\n ", ">>> ", ">>> x\n", "In [1]: ", "In [", "... ", "```\n", "%a\n", "!ls\n",
    "class a: ", "class a(", "class a\n", "class ", "from a. ", "from a.", "import ", "def f(", "# class A(",
    "# class A(x):", "# a = nn.Sequential(", "self.a = nn.", "  self.a =", "(a): B(", "(0-9): 9 x B(", "padding=a",
    "Input (1, ", "“", "«", "；", "，", "\u2028", "@", "->", ":=", "...", "**", "//", "<<", ";", "x=1;", "f(x);",
    "a=b=", "a[0]", "()", "[]", "{}", "f'{a}'", "f'{a!r:>{b}}'", "b'\\x00'", "'\\N{DASH}'", "'%s' % a,", "lambda x:",
    "async ", "await ", "global a\n", "del a\n", "del a, ",
)  # fmt: skip
"""Pieces of text that cost much where they are scanned more than once."""


def repeated(rng: Random) -> str:
    """One or two costly pieces as often as they fit, behind something that gives them a place, or between."""
    piece = rng.choice(COSTLY) + (rng.choice(COSTLY) if rng.random() < 0.5 else "")
    size = rng.choice((65_536, 65_536, 65_000, 2_000))
    start, end = rng.choice((*STARTS, "x=1")), rng.choice(("", "\\", "$", "x", '"', "\n" + "x = 1\n"))
    return (start + piece * (size // len(piece)))[: size - len(end)] + end


def mutated(rng: Random, source: str) -> str:
    """A real paste that has suffered: whole lines, words that become other words, or anything at all."""
    kind = rng.randrange(3)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        source = (_with_other_lines, _with_other_words, _broken)[kind](rng, source) or " "
    return source[: rng.randrange(len(source) + 1)] if rng.random() < 0.05 else source


def _with_other_lines(rng: Random, source: str) -> str:
    """A line lost, doubled, or moved; mostly still Python."""
    rows = source.split("\n")
    place, other = rng.randrange(len(rows)), rng.randrange(len(rows))
    row = rows.pop(place)
    rows[other:other] = rng.choice(([], [row], [row, row]))
    return "\n".join(rows)


def _with_other_words(rng: Random, source: str) -> str:
    """A name or a number that becomes another one of the paste."""
    words = list(WORD.finditer(source))
    if not words:
        return source
    word, other = rng.choice(words), rng.choice(words)[0]
    if rng.random() < 0.2:
        other = rng.choice(("0", "-1", "1.5", "None", "'x'", "10**9", "x", "self", "nn.ReLU()", "[1, 2]", "(2, 2)"))
    return source[: word.start()] + other + source[word.end() :]


def _broken(rng: Random, source: str) -> str:
    """Tokens lost, doubled, exchanged or replaced."""
    tokens = TOKEN.findall(source) or [" "]
    place, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    kind = rng.randrange(5)
    if kind == 0:
        del tokens[place : place + rng.choice((1, 1, 3, 20))]
    elif kind == 1:
        tokens.insert(place, rng.choice(SPLINTERS))
    elif kind == 2:
        tokens[place], tokens[other] = tokens[other], tokens[place]
    elif kind == 3:
        tokens[place] = rng.choice(SPLINTERS)
    else:
        tokens[place:place] = tokens[other : other + rng.choice((1, 5, 40))]
    return "".join(tokens)


def generated(rng: Random) -> str:
    """One thing many times, after a beginning that gives it a place."""
    piece = rng.choice(_REPEATED)
    times = rng.choice((2, 20, 41, 100, 190, 500, 3_000, 20_000))
    if rng.random() < 0.3:
        piece += rng.choice(SPLINTERS)
    return rng.choice(STARTS) + piece * min(times, 70_000 // len(piece)) + rng.choice(("", "x", "1", ")" * 50))
