# ruff: noqa: E501 - a program is one line, as it is one thing
"""Programs within the limits of a paste that make much work of little text; each was an attack before it was bounded.

They are what `tests/source/test_costs.py` reads, and what `costly` chooses from for longer hunts.
"""

from collections.abc import Iterable
from random import Random

from tests.source.hostile import COSTLY, STARTS

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = (
    HEAD + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.fc = nn.Linear(4, 2)\n{init}\n    def forward(self, x):\n{fwd}\n        return self.fc(x)\n"
)


def net(init: str = "pass", fwd: str = "pass", after: str = "") -> str:
    """A class with these statements in __init__ and in forward, and what stands below it."""
    rows = ("\n".join(f"        {row}" for row in body.split("\n")) for body in (init, fwd))
    return NET.format(**dict(zip(("init", "fwd"), rows, strict=True))) + after


def fit(rows: Iterable[str], most: int = 1_960) -> str:
    """As many of the rows as the limits of a paste allow."""
    found: list[str] = []
    size = 0
    for row in rows:
        size += len(row) + 1
        if size > 63_000 or len(found) >= most:
            break
        found.append(row)
    return "\n".join(found)


def programs() -> dict[str, str]:
    """All of them, by what they have much of."""
    found: dict[str, str] = {}
    found["deep inheritance"] = HEAD + fit(
        ["class A0(nn.Module): pass"] + [f"class A{i}(A{i - 1}): pass" for i in range(1, 1990)]
    )
    found["deep inheritance 900"] = HEAD + fit(
        ["class A0(nn.Module): pass"] + [f"class A{i}(A{i - 1}): pass" for i in range(1, 900)]
    )
    found["deep inheritance no base"] = HEAD + fit(
        ["class A0: pass"] + [f"class A{i}(A{i - 1}): pass" for i in range(1, 900)]
    )
    found["double inheritance"] = HEAD + fit(
        ["class A0(nn.Module): pass"] + [f"class A{i}(A{i - 1}, A{i - 1}): pass" for i in range(1, 22)]
    )
    found["double inheritance obj"] = HEAD + fit(
        ["class A0: pass"] + [f"class A{i}(A{i - 1}, A{i - 1}): pass" for i in range(1, 22)]
    )
    found["wide inheritance"] = HEAD + fit(
        [f"class B{i}: pass" for i in range(600)]
        + ["class C(" + ",".join(f"B{i}" for i in range(600)) + "): pass"]
        + [f"class D{i}(C): pass" for i in range(900)]
    )
    found["many classes"] = HEAD + fit([f"class A{i}(nn.Module): pass" for i in range(1990)])
    found["many classes forward"] = HEAD + fit(
        [r for i in range(600) for r in (f"class A{i}(nn.Module):", " def forward(self,x):", f"  return A{i - 1}()(x)")]
    )
    found["classes that name all"] = HEAD + fit(
        [f"class A{i}(nn.Module): a=[" + ",".join(f"A{j}" for j in range(i % 150)) + "]" for i in range(300)]
    )
    found["many nobase forward"] = HEAD + fit(
        [r for i in range(600) for r in (f"class A{i}:", " def __init__(s): pass", " def forward(s,x): pass")]
    )
    found["many odd base"] = HEAD + fit(
        [r for i in range(900) for r in (f"class A{i}(Odd{i}):", " def __init__(s): pass", " def forward(s,x): pass")]
    )
    found["nested Sequential leaves"] = HEAD + "s = " + "nn.Sequential(" * 38 + ",".join(["a"] * 12000) + ")" * 38
    found["nested Sequential leaves2"] = net(after="s = " + "nn.Sequential(" * 38 + ",".join(["a"] * 9000) + ")" * 38)
    found["names expr"] = fit(["x" * 3 + " = [" + ",".join("a" for _ in range(12)) + "]" for _ in range(1500)])
    found["nodes alone"] = fit(["a," * 18 + "a" for _ in range(1000)])
    found["nodes and net"] = net(after=fit(["a," * 16 + "a" for _ in range(900)]))
    found["nodes calls and net"] = net(after=fit(["f(a,b,c)" * 1 + ";g(a,b)" * 2 for _ in range(1200)]))
    found["attr chain"] = net(after=fit(["a" + ".b" * 100 for _ in range(190)]))
    found["loop"] = net("for i in range(2000):\n    for j in range(2000):\n        a = i + j")
    found["loop quote"] = net("for i in range(2000):\n    q = undefined_thing")
    found["loop call unknown"] = net("for i in range(2000):\n    q = undefined_thing(i, " + "1," * 200 + ")")
    found["loop quote long"] = net("for i in range(2000):\n    q = undefined(" + "aaaa," * 4000 + ")")
    found["index"] = net("a = [0]*2000\nfor i in range(2000):\n    a.count(1); a.count(1); a.count(1)")
    found["cmp"] = net("a = [0]*2000\nb = [0]*2000\nfor i in range(2000):\n    c = a == b; c = a == b; c = a == b")
    found["cmp in"] = net("a = [0]*2000\nfor i in range(2000):\n    c = 1 in a; c = 1 in a; c = 1 in a")
    found["carry"] = net("a = [0]*2000\ndef f(a, b): pass\nfor i in range(1900):\n    f(a, a); g(a, a, a)")
    found["sum"] = net("a = [0]*2000\nfor i in range(1900):\n    sum(a); max(a); sorted(a)")
    found["concat"] = net("a = [0]*1000\nfor i in range(1900):\n    b = a + a; b = a * 2")
    found["slice"] = net("a = [0]*2000\nfor i in range(1900):\n    b = a[:]; b = a[::-1]; b = list(a); b = tuple(a)")
    found["str"] = net("a = 'a'*200\nfor i in range(1900):\n    b = a + 'b'; b = str([0]*100); b = f'{a}{a}'")
    found["str list"] = net("a = [0]*2000\nfor i in range(1900):\n    b = str(a)")
    found["fstr list"] = net("a = [0]*2000\nfor i in range(1900):\n    b = f'{a}'")
    found["deep lists"] = net(
        "a = [0]\n" + "a = [a, a]\n" * 60 + "b = a\nb == a\nb = str(a)\n b in a".replace("\n b", "\nb")
    )
    found["deep lists cmp"] = net("a = [0]\nb = [0]\n" + "a = [a, a]\nb = [b, b]\n" * 40 + "c = a == b\nc = b in a")
    found["deep lists layer"] = net(
        "a = [1]\n" + "a = [a, a]\n" * 40 + "self.b = nn.Conv2d(1,1,a)\nself.c = nn.Sequential(*a)"
    )
    found["deep data"] = net(fwd="a = [x]\n" + "a = [a, a]\n" * 40 + "b = torch.cat(a)\nx = a")
    found["deepcopy"] = net(
        "import copy\na = nn.Sequential(nn.ReLU())\n" + "a = nn.Sequential(a, copy.deepcopy(a))\n" * 18
    )
    found["deep sequential shared"] = net(
        "a = nn.Sequential(nn.Identity())\n" + "a = nn.Sequential(a, a)\n" * 20 + "self.a = a", "x = self.a(x)"
    )
    found["many sequentials"] = HEAD + fit(["s = nn.Sequential(nn.ReLU())"] * 1900)
    found["misspelled layers"] = HEAD + fit([f"a{i} = nn.Liner{i % 97}(4, {i})" for i in range(1900)])
    found["misspelled layers2"] = HEAD + fit([f"a{i} = nn.Conv{i}dTransposedNormalizationLay(4)" for i in range(1500)])
    found["misspelled kwargs"] = HEAD + fit([f"a{i} = nn.Conv2d(1,2,3,kernal_siz{i}=4)" for i in range(1500)])
    found["misspelled kwargs in net"] = net(fit([f"self.a{i} = nn.Conv2d(1,2,3,kernal_siz{i}=4)" for i in range(1000)]))
    found["many attributes"] = net(fit([f"self.a{i} = nn.Linear(4, 4)" for i in range(1500)]))
    found["many attributes bn"] = net(fit([f"self.a{i} = nn.BatchNorm2d({i + 1})" for i in range(1500)]))
    found["200 layers"] = net(
        "\n".join(f"self.a{i} = nn.Linear(4, 5)" for i in range(199)),
        "\n".join(f"x = self.a{i}(x)" for i in range(199)),
    )
    found["200 lin wrong"] = net(
        "\n".join(f"self.a{i} = nn.Linear({i + 5}, {i + 900})" for i in range(199)),
        "\n".join(f"x = self.a{i}(x)" for i in range(199)),
        "y = Net()(torch.randn(2, 4))",
    )
    found["199 conv wrong"] = net(
        "\n".join(f"self.a{i} = nn.Conv2d({i + 5}, {i + 900}, 3, padding=1)" for i in range(198)),
        "\n".join(f"x = self.a{i}(x)" for i in range(198)),
        "y = Net()(torch.randn(2, 4, 99, 99))",
    )
    found["199 conv wrong long"] = net(
        "\n".join(f"self.a{i} = nn.Conv2d({i + 5}, {i + 900}, 3, padding=1)" for i in range(198)),
        "\n".join(f"x = self.a{i}(x)" for i in range(198)),
        "y = Net()(torch.randn(2, 4, 99, 99))\n" + "#" * 40000,
    )
    found["199 conv different"] = net(
        "\n".join(
            f"self.a{i} = nn.Conv2d({i + 5}, {i + 6}, {1 + i % 3}, padding={i % 5}, stride=1, dilation={1 + i % 4})"
            for i in range(198)
        ),
        "\n".join(f"x = self.a{i}(x)" for i in range(198)),
        "y = Net()(torch.randn(2, 4, 999, 999))\n",
    )
    found["199 pools"] = net(
        "",
        "\n".join(f"x = F.max_pool2d(x, {2 + i % 7}, 1)" for i in range(198)),
        "y = Net()(torch.randn(2, 4, 999, 999))\n",
    ).replace("        \n", "")
    found["199 functions no name"] = net("pass", "\n".join(f"x = F.dropout(x, 0.{i})" for i in range(198)))
    found["examples"] = net(after=fit([f"torch.randn({i}, 4)" for i in range(1900)]))
    found["examples called"] = net(
        after="net = Net()\n" + fit([f"net(torch.randn({i + 1}, {i}))" for i in range(1900)])
    )
    found["examples by name"] = net(
        after="net = Net()\n" + fit([f"x = torch.randn({i + 1}, {i}); net(x)" for i in range(1000)])
    )
    found["examples by name2"] = net(
        after="net = Net()\n"
        + fit(
            [f"x = x.view({i + 1}, {i})" for i in range(600)]
            + [f"x = torch.randn({i + 1}, {i}); net(x)" for i in range(300)]
        )
    )
    found["x bound again"] = net(
        after="net = Net()\n" + fit(["x = torch.randn(2, 4)"] * 190 + ["x = x.view(2, 4)"] * 900 + ["net(x)"] * 700)
    )
    found["examples costly"] = net(
        after="net = Net()\ndef f():\n  for i in range(1900):\n    a = i + 1\n  return 4\n"
        + fit([f"net(torch.randn({i + 1}, f()))" for i in range(250)])
    )
    found["view costly"] = net(
        after="net = Net()\ndef f():\n  for i in range(1900):\n    a = i + 1\n  return 4\n"
        + fit(["net(torch.randn(2,4).view(f(), f()))" for i in range(250)])
    )
    found["nested literals"] = net(
        after="net = Net()\nnet(torch.tensor(" + "[" * 30 + ",".join(["1"] * 9000) + "]" * 30 + "))"
    )
    found["nested calls"] = net(after=fit(["f(" * 38 + "a" + ")" * 38] * 200))
    found["eval train"] = net(
        "self.bn = nn.BatchNorm1d(4)",
        "x = self.bn(x)",
        after="net = Net()\n" + fit(["net.eval(); net.train()"] * 900 + ["net(torch.randn(1,4))"]),
    )
    found["lambda calls"] = net(after=fit(["g = lambda: f(lambda: f(lambda: f(1)))"] * 900))
    found["notes"] = net(after=fit([f"y{i} = nn.Sequential(nn.ReLU, nn.Conv2d)" for i in range(1200)]))
    found["notes same"] = net(fit(["self.s = nn.Sequential(" + "nn.ReLU, " * 180 + ")"] * 30))
    found["undefined names"] = net(fit([f"self.a{i} = nn.Linear(n{i}, m{i})" for i in range(1200)]), "x = self.a0(x)")
    found["undefined near"] = net(
        fit([f"abcdefghijklmnopqrstuvwxyz{i} = 1" for i in range(1200)]), "x = self.fc(abcdefghijklmnopqrstuvwxy)"
    )
    found["undefined fault"] = net(fit([f"b{i} = 1" for i in range(1200)]), "x = F.relu(undefinedname)")
    found["undefined attr"] = net(
        fit([f"self.abcdefghijklmnopqrstuvwx{i} = 1" for i in range(1200)]), "x = self.abcdefghijklmnopqrstuvwxyz(x)"
    )
    found["missing args"] = (
        HEAD
        + "class Net(nn.Module):\n    def __init__(self, "
        + ",".join(f"a{i}" for i in range(12))
        + "):\n        super().__init__()\n        self.fc=nn.Linear(a0,a1)\n"
        + fit([f"        self.f{i} = nn.Linear(a1, a2)" for i in range(1200)])
        + "\n    def forward(self,x):\n        return self.fc(x)\n"
    )
    found["unicode line"] = net(after="z = ['é" + "',' é".join([""] * 9000) + "']")
    found["unicode calls line"] = net(after=";".join("é.f(é)" for _ in range(2500)))
    found["unicode in init line"] = net("é=1;" + ";".join("f(é)" for _ in range(3000)))
    found["unicode unknown line"] = net("s='" + "é" * 30000 + "'; " + ";".join("q=w(1)" for _ in range(2400)))
    found["unicode flaws"] = net(
        "s='" + "é" * 30000 + "'; " + ";".join("self.a=nn.Sequential(nn.ReLU)" for _ in range(1000))
    )
    found["one long line"] = net("; ".join("q=w(1)" for _ in range(2400)))
    found["forwards"] = (
        HEAD
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n"
        + fit([f"    def forwar{i}(self, x): return self.fc(x)" for i in range(900)])
    )
    found["methods misnamed"] = (
        HEAD
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n"
        + fit([f"    def {'f' * (i % 50 + 200)}{i}(self, x): return self.fc(x)" for i in range(900)])
    )
    found["method long name"] = (
        HEAD
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n    def "
        + "forward" * 8000
        + "(self, x): return self.fc(x)\n"
    )
    found["not kept"] = net(fwd=fit(["self.fc(x)"] * 1500))
    found["not kept nested"] = net(fwd=fit(["F.relu(" * 30 + "x" + ")" * 30] * 250))
    found["plain list"] = net(
        "self.l=[nn.Linear(4,4)]\n" * 1 + fit([f"self.l{i}=[nn.ReLU()]" for i in range(190)]),
        "\n".join(f"x=self.l{i}[0](x)" for i in range(190)),
    )
    found["if unknown"] = net(fwd=fit(["if q: a = 1"] * 1500))
    found["if unknown deep"] = net(fwd="if q:\n" + fit([f"    a{i} = 1" for i in range(1900)]))
    found["dict"] = net("d = {}\nfor i in range(1900):\n    d[i] = i\n    e = d.items(); e = d.copy(); e = d.values()")
    found["comprehension"] = net("for i in range(1900):\n    a = [j for j in range(1900)]")
    found["printed"] = (
        "Net(\n" + "".join(f"  ({i}): Linear(in_features=4, out_features=4, bias=True)\n" for i in range(999)) + ")"
    )
    found["printed times"] = "Net(\n" + "  (0-999): 999 x Linear(in_features=4, out_features=4)\n" + ")"
    found["printed long line"] = "Net(\n  (a): Linear(" + "padding=a" * 7000 + ")\n)"
    found["printed blanks"] = "Net(\n" + "(" * 60000
    found["printed deep"] = (
        "Net(\n"
        + "".join("  (0): Sequential(\n" for i in range(18))
        + "".join(f"  (a{i}): ReLU()\n" for i in range(900))
        + ")\n" * 18
    )
    found["syntax open"] = "import torch\n" + fit(["x = [1, 2, 3, 4, 5, 6, 7, 8, 9"] + ["1, 2, 3, 4, 5, 6, 7"] * 900)
    found["import"] = fit(["import " + ",".join(f"a{i}" for i in range(100))] * 150)
    found["comments class"] = fit(["# class A" + "(" * 20] * 1990)
    found["comment class one"] = "# class A(" + "):(" * 20000
    found["class commented blanks"] = (" " * 30 + "\n") * 1990 + "# class A(" + "):(" * 1000
    found["class prefix"] = "class " + "a" * 60000
    found["class colon"] = "class a" + " b:" * 20000
    found["fence"] = "```\n" * 1999
    found["prompts"] = ">>> x\n" * 1999
    found["prompt blanks"] = ">>> " + " " * 60000 + "x"
    found["blank rows prompts"] = "\n" * 1900 + " " * 60000 + ">>"
    found["from"] = "from " + "a." * 30000
    found["from lines"] = fit(["from " + "a." * 15] * 1990)
    found["blanks lines"] = fit([" " * 31] * 1990) + "x"
    found["blanks mixed"] = " \t" * 32000 + "x"
    found["decorators"] = fit(["@a"] * 900 + ["def f(): pass"])
    found["shapes search"] = net(
        "self.c = nn.Conv2d(3, 6, 3)\n" + "\n".join(f"self.c{i} = nn.Conv2d(6, 6, 3, padding=1)" for i in range(180)),
        "x=self.c(x)\n" + "\n".join(f"x = self.c{i}(x)" for i in range(180)) + "\nx = torch.flatten(x, 1)",
    ).replace("Linear(4", "Linear(7777777")
    found["long text unknown"] = net("for i in range(6000):\n    q = undefined('" + "a" * 60000 + "')")
    found["printed nested times"] = (
        "Net(\n" + "".join("  (0-49): 50 x Sequential(\n" for i in range(18)) + "    (a): ReLU()\n" + ")\n" * 19
    )
    found["plain list big"] = net(
        "\n".join(f"self.l{i}=[nn.ReLU()]" for i in range(190))
        + "\n"
        + "\n".join("self.z = a, a, a, a, a, a" for _ in range(1000)),
        "\n".join(f"x=self.l{i}[0](x)" for i in range(190)),
    )
    found["not kept short"] = net(
        fwd="for i in range(3000):\n    x.contiguous(**({} if True else {1: [" + "a," * 9000 + "]}))"
    )
    found["fraction"] = net("for i in range(3000):\n    q = nn.Linear(4.0, 2)")
    found["four classes asking"] = (
        HEAD
        + "\n".join(
            f"class N{k}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.c = nn.Conv2d(3, 4, 3)\n    def forward(self, x):\n        return self.c(x)\n"
            for k in range(6)
        )
        + "\n"
        + fit(["f(a, b, c); g(a, b)"] * 1200)
    )
    found["all budgets"] = (
        HEAD
        + "def f():\n    for i in range(1900):\n        u(i)\n    return 4\nf()\nf()\nf()\n"
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n        for i in range(1900):\n            u(i); u(i); v(u(i))\n    def forward(self, x):\n        return self.fc(x)\nnet = Net()\n"
        + fit([f"net(torch.randn({i + 1}, f()))" for i in range(250)] + ["f(a, b); g(a)"] * 600)
    )
    found["all budgets ok"] = (
        HEAD
        + "def f():\n    for i in range(1900):\n        u(i)\n    return 4\nf()\nf()\nf()\n"
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n        for i in range(1500):\n            u(i); v(u(i))\n    def forward(self, x):\n        return self.fc(x)\nnet = Net()\n"
        + fit([f"net(torch.randn({i + 1}, f()))" for i in range(250)] + ["f(a, b); g(a)"] * 600)
    )
    found["double inheritance deep"] = HEAD + fit(
        ["class A0(nn.Module): pass"] + [f"class A{i}(A{i - 1}, A{i - 1}): pass" for i in range(1, 40)]
    )
    found["modes nested"] = net(
        "self.bn = nn.BatchNorm1d(4)",
        "x = self.bn(x)",
        after="net = Net()\nnet.eval()\n" + fit(["(" * 30 + "f(a)" + " +1)" * 30] * 90 + ["net(torch.randn(1,4))"]),
    )
    found["dict of names"] = net(
        "d = {" + ",".join(f"'a{i}': nn.Linear(4,4)" for i in range(1100)) + "}\nself.d = nn.ModuleDict(d)"
    )
    found["lambda default"] = net("f = lambda a=[0]*2000: a\nfor i in range(3000):\n    q = f()")
    found["starred"] = net("a = [0]*2000\nfor i in range(3000):\n    q = f(*a)")
    found["unpack"] = net("a = [0]*2000\nfor i in range(3000):\n    q, *r = a")
    found["kwargs"] = net(
        "d = {'a': 1}\nfor i in range(1900):\n    d[str(i)] = 1\nfor i in range(3000):\n    q = f(**d)"
    )
    found["aug"] = net("a = [0]\nfor i in range(3000):\n    a += [0]")
    found["mod list"] = net(
        "a = nn.ModuleList([nn.ReLU() for _ in range(1000)])\nfor i in range(1000):\n    q = a[3]; q = len(a); a.insert(0, q)"
    )
    found["mod truth"] = net(
        "a = nn.ModuleList([nn.ReLU() for _ in range(1000)])\nfor i in range(3000):\n    q = 'a' in a"
    )
    found["attr of instance"] = net(
        "for i in range(3000):\n    setattr(self, 'a' + str(i), nn.ReLU())\n    q = self.nothing"
    )
    found["long add"] = net(
        "a = 'a'*190\nb = [" + "'" + "b" * 20000 + "']\nfor i in range(4000):\n    q = b == b; q = f'{b}'"
    )
    found["text compare"] = net(
        "b = '" + "b" * 60000 + "'\nfor i in range(4000):\n    q = b == b; q = b in b; q = '" + "b" * 2000 + "c' in b"
    )
    found["text items"] = net("b = '" + "ab" * 30000 + "'\nfor i in range(4000):\n    q = b[::2]")
    found["text add"] = net("b = '" + "b" * 60000 + "'\nfor i in range(4000):\n    q = b + b; q = b * 3")
    found["text in text quadratic"] = net(
        "b = '"
        + "a" * 30000
        + "'\nc = '"
        + "a" * 15000
        + "b"
        + "a" * 15000
        + "'\nfor i in range(4000):\n    q = c in b"
    )
    found["text sorted"] = net(
        "b = '" + "b" * 60000 + "'\nfor i in range(4000):\n    q = sorted(b); q = max(b); q = len(b)"
    )
    found["int of text"] = net("b = '" + "1" * 4000 + "'\nfor i in range(4000):\n    q = float(b); q = str(b)")
    return found


def costly(rng: Random) -> str:
    """One of the programs with a part of its lines, twice or not at all, or a costly piece within it."""
    rows = rng.choice(list(programs().values())).split("\n")
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        place, count = rng.randrange(len(rows)), rng.choice((1, 1, 5, 200))
        part = rows[place : place + count]
        rows[place : place + count] = rng.choice(([], part * 2, [rng.choice(STARTS) + rng.choice(COSTLY) * 40]))
        rows = rows or [""]
    return "\n".join(rows)[: 65_536 if rng.random() < 0.9 else None]
