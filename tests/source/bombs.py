# ruff: noqa: E501 - a program is one line, as it is one thing
"""Pastes within the limits that mean no good: loops without an end, values that double, hold or call themselves, huge
numbers, what reaches for files, devices and processes, notebooks and errors of one thing many times.

Each was an attack that was tried; `tests/fuzz` reads them in a child process, as one that hangs must be seen.
"""

from random import Random

from tests.source.hostile import mutated
from tests.source.programs import HEAD, fit, net


def bombs() -> dict[str, str]:
    """All of them, by what they do."""
    found: dict[str, str] = {}
    found["range huge"] = net(fwd="for i in range(10**18):\n    x = x + i")
    found["arange huge"] = net(fwd="x = x + torch.arange(10**12)[:4]")
    found["arange 65536"] = net(fwd="for i in range(2000):\n    y = torch.arange(65536)")
    found["numbers many"] = net(fwd="l = [torch.arange(4096) for i in range(1900)]")
    found["numbers growing"] = net(fwd="l = torch.arange(4096)\nfor i in range(3000):\n    l = l * 2 + 1")
    found["tolist"] = net(fwd="l = torch.arange(4096)\nfor i in range(3000):\n    y = l.tolist()")
    found["tolist iterate"] = net(
        fwd="for i in torch.arange(4096).tolist():\n    for j in torch.arange(4096).tolist():\n        y = i"
    )
    found["iterate tensor"] = net(
        fwd="for i in torch.arange(64):\n    for j in torch.arange(64):\n        for k in torch.arange(64):\n            y = i"
    )
    found["cat doubling const"] = net(fwd="l = torch.arange(64.)\nfor i in range(60):\n    l = torch.cat([l, l])")
    found["cat doubling"] = net(fwd="for i in range(60):\n    x = torch.cat([x, x], 1)")
    found["stack doubling"] = net(fwd="for i in range(60):\n    x = torch.stack([x, x], 1)")
    found["kron doubling"] = net(fwd="l = torch.ones(8, 8)\nfor i in range(60):\n    l = torch.kron(l, l)")
    found["pow"] = net("a = 2 ** 10 ** 10 ** 10")
    found["pow loop"] = net("a = 3\nfor i in range(3000):\n    a = a ** 3")
    found["mul loop"] = net("a = 3\nfor i in range(3000):\n    a = a * a")
    found["list mul"] = net("a = [0] * 10**10\nb = [[0] * 2000] * 2000\nfor r in b:\n    for c in r:\n        d = c")
    found["list mul loop"] = net("a = [0]\nfor i in range(3000):\n    a = a * 2")
    found["list extend self"] = net("a = [0]\nfor i in range(3000):\n    a.extend(a)")
    found["list self append"] = net(
        "a = []\na.append(a)\nb = str(a)\nc = a == a\nfor i in range(100):\n    a.append(a)\nself.z = nn.Sequential(*a)",
        "x = torch.cat(l)",
    )
    found["list in itself to torch"] = net(fwd="a = [x]\na.append(a)\nx = torch.cat(a)\nx = torch.zeros(a)")
    found["dict in itself"] = net("d = {}\nd['a'] = d\nself.z = nn.ModuleDict(d)\nb = d == d\nf(**d)")
    found["str mul"] = net(
        "a = 'a' * 10**10\nb = 'a' * 200\nc = b.replace('a', b).replace('a', b)\nd = b.join([b] * 1000)"
    )
    found["str mul loop"] = net("b = 'a' * 199\nfor i in range(3000):\n    d = b.join([b] * 2000)")
    found["replace loop"] = net(
        "b = 'a' * 199\nc = b.replace('a', b)\nfor i in range(3000):\n    d = b.replace('', c); d = b.replace('a', c)"
    )
    found["format width"] = net(
        "a = '{:>1000000000}'.format(1)\nb = '%1000000000d' % 1\nc = f'{1:>1000000000}'\nd = '{0:{1}}'.format(1, 10**9)\ne = 'a'.ljust(10**9)\nf = 'a'.zfill(10**9)\ng = 'a'.center(10**9)\nh = format(1, '>1000000000')"
    )
    found["format many"] = net("a = '{0}' * 60\nb = 'b' * 199\nfor i in range(3000):\n    c = a.format(b)")
    found["recursion"] = net("def f(n):\n    return f(n + 1) + f(n + 2)\nf(0)", "x = self.forward(x)")
    found["recursion nested"] = net("def f(n):\n    return " + "(" * 36 + "f(n + 1)" + ")" * 36 + "\nf(0)")
    found["recursion nested lists"] = net(
        "def f(n):\n    return "
        + "[" * 38
        + "f(n + 1)"
        + "]" * 38
        + "\na = f(0)\nself.b = nn.Sequential(*a)\nb = a == a\nc = str(a)"
    )
    found["recursion nested calls"] = net(
        "def g(n): return n\ndef f(n):\n    return " + "g(" * 38 + "f(n + 1)" + ")" * 38 + "\na = f(0)"
    )
    found["recursion attr"] = net("def f(n):\n    return f(n + 1)" + ".a" * 60 + "\na = f(0)")
    found["recursion binop"] = net("def f(n):\n    return f(n + 1)" + " + 1" * 90 + "\na = f(0)")
    found["recursion lambda"] = net("f = lambda n: f(n)\nf(0)\ng = (lambda h: h(h))(lambda h: h(h))")
    found["recursion generators"] = net("def f(n):\n    yield from f(n)\n    yield from f(n)\nfor i in f(1): pass")
    found["recursion classes"] = (
        HEAD
        + "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = A()\n        self.b = A()\n    def forward(self, x):\n        return self.a(self.b(x))\nA()(torch.randn(1, 3))"
    )
    found["recursion modules"] = (
        HEAD
        + "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = self\n    def forward(self, x):\n        return self.a(self.a(x))\nA()(torch.randn(1, 3))"
    )
    found["module of itself"] = net(
        "self.me = self\nself.l = nn.ModuleList([self])\nself.l.append(self.l)\nself.s = nn.Sequential(self)",
        "x = self.s(x)\nfor m in self.modules():\n    x = m(x)",
    )
    found["sequential of itself"] = net("s = nn.Sequential()\ns.append(s)\nself.s = s", "x = self.s(x)")
    found["modules loop"] = net(
        "self.l = nn.ModuleList([nn.ReLU() for _ in range(900)])",
        "for m in self.modules():\n    for n in self.modules():\n        y = n",
    )
    found["modules calls"] = net(
        "self.l = nn.ModuleList([nn.ReLU() for _ in range(900)])",
        "for i in range(3000):\n    y = list(self.modules()); y = list(self.named_modules()); y = list(self.parameters()); y = self.state_dict()",
    )
    found["parameters sum"] = net(
        "self.l = nn.ModuleList([nn.Linear(4,4) for _ in range(900)])\nfor i in range(900):\n    n = sum(p.numel() for p in self.parameters())"
    )
    found["apply"] = net("self.l = nn.ModuleList([nn.ReLU() for _ in range(900)])\ndef f(m): m.apply(f)\nself.apply(f)")
    found["generator endless"] = net("def g():\n    while True:\n        yield 1\nfor i in g(): pass\na = next(g())")
    found["while True"] = net("while True:\n    pass")
    found["while True forward"] = net(fwd="while True:\n    x = x + 1")
    found["while module level"] = HEAD + "while True:\n    a = 1\n"
    found["comprehension bomb"] = net("a = [0 for a in range(2000) for b in range(2000) for c in range(2000)]")
    found["comprehension nested"] = net("a = [[[0 for a in range(2000)] for b in range(2000)] for c in range(2000)]")
    found["comprehension dict"] = net(
        "a = {i: [0] * 2000 for i in range(2000)}\nfor i in range(100):\n    b = {**a, **a}"
    )
    found["star bomb"] = net("def f(*a): return f(*a, *a)\nf(1)")
    found["star bomb list"] = net("a = [1]\nfor i in range(60):\n    a = [*a, *a]")
    found["tuple bomb"] = net("a = (1,)\nfor i in range(60):\n    a = (*a, *a)")
    found["nested bomb"] = net(
        "a = 1\nfor i in range(60):\n    a = (a, a)\nb = a == a\nc = str(a)\nd = {a: 1}\ne = hash(a)\nf = torch.zeros(a)\ng = isinstance(1, a)\nself.h = nn.Conv2d(1, 1, a)\nsuper().__init__(a)"
    )
    found["nested bomb tensor"] = net(
        fwd="a = x\nfor i in range(60):\n    a = (a, a)\nx = torch.cat(a)\nx = torch.stack(a)\nx = x + a\nreturn a"
    )
    found["nested bomb forward"] = net(fwd="a = x\nfor i in range(60):\n    a = (a, a)\nreturn a")
    found["nested bomb return dict"] = net(fwd="a = x\nfor i in range(60):\n    a = {'a': a, 'b': a}\nreturn a")
    found["nested bomb module"] = net("self.c = nn.ReLU()", "a = x\nfor i in range(60):\n    a = (a, a)\nx = self.c(a)")
    found["nested bomb input"] = net(after="a = torch.randn(1, 4)\nfor i in range(60):\n    a = (a, a)\nNet()(a)\n")
    found["nested bomb tick"] = net(fwd="a = x\n" + "a = (a, a)\n" * 60 + "for i in range(1000):\n    torch.stack(a)")
    found["kwargs many"] = net(
        "d = {str(i): i for i in range(1900)}\ndef f(**k): pass\nfor i in range(3000):\n    f(**d)"
    )
    found["kwargs partial"] = net(
        "from functools import partial\nd = {str(i): i for i in range(1900)}\ndef f(**k): pass\np = partial(f, **d)\nfor i in range(3000):\n    p()"
    )
    found["partial chain"] = net(
        "from functools import partial\nf = nn.ReLU\nfor i in range(1900):\n    f = partial(f)\nself.a = f()"
    )
    found["partial chain args"] = net(
        "from functools import partial\nf = nn.ReLU\nfor i in range(1900):\n    f = partial(f, i)\nself.a = f()"
    )
    found["closure chain"] = net(
        "def wrap(f):\n    return lambda a: f(a)\nf = nn.ReLU()\nfor i in range(1900):\n    f = wrap(f)\nself.a = f",
        "x = self.a(x)",
    )
    found["scope chain"] = net(
        "def f(n):\n    def g(n):\n        return n\n    return g\nfor i in range(1900):\n    f(i)(i)"
    )
    found["getattr loop"] = net("self.x = 1", "y = self.nothing").replace(
        "    def forward",
        "    def __getattr__(self, name):\n        return getattr(self, name)\n    def __getattribute__(self, name):\n        return self.name\n    def forward",
    )
    found["property loop"] = net("pass", "x = self.a").replace(
        "    def forward",
        "    @property\n    def a(self):\n        return self.b + self.b\n    @property\n    def b(self):\n        return self.a + self.a\n    def forward",
    )
    found["iter loop"] = (
        HEAD
        + "class A:\n    def __iter__(self):\n        return self\n    def __getitem__(self, i):\n        return self[i]\n    def __call__(self):\n        return self()\n    def __len__(self):\n        return len(self)\n"
        + net("a = A()\nfor i in a: pass\na[0]; a(); len(a)\nb = [*a]\nself.s = nn.Sequential(*a)")
    )
    found["iter loop two"] = (
        HEAD + "class A:\n    def __iter__(self):\n        return A()\n" + net("for i in A(): pass")
    )
    found["diamond classes"] = (
        HEAD
        + "class A0(nn.Module): pass\n"
        + "".join(f"class A{i}(A{i - 1}, A{max(i - 2, 0)}, A{max(i - 3, 0)}): pass\n" for i in range(1, 40))
        + "A39()(torch.randn(1,3))"
    )
    found["class attr chain"] = HEAD + fit([f"class A{i}:\n    a = A{i - 1}\n    b = A{i - 1}" for i in range(1, 600)])
    found["super loop"] = (
        HEAD
        + "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n    def forward(self, x):\n        return super().forward(x)\nclass B(A):\n    def forward(self, x):\n        return A.forward(self, x)\nB()(torch.randn(1,3))"
    )
    found["einsum long"] = net(
        fwd="x = torch.einsum('" + ",".join("ab" for _ in range(60)) + "->a', " + ", ".join(["x"] * 60) + ")"
    )
    found["einsum letters"] = net(
        fwd="y = torch.randn(1, 1, 1, 1, 1, 1, 1, 1)\nx = torch.einsum('"
        + ",".join("abcdefgh" for _ in range(20))
        + "->', "
        + ", ".join(["y"] * 20)
        + ")"
    )
    found["einsum eight"] = net(
        fwd="for i in range(20):\n    y = torch.einsum('ab,ab,ab,ab,ab,ab,ab,ab->a', x, x, x, x, x, x, x, x)"
    )
    found["einsum distinct"] = net(
        fwd="x = torch.einsum('"
        + ",".join(c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[:26])
        + "->', "
        + ", ".join(["torch.arange(2.)"] * 26)
        + ")"
    )
    found["einsum repeated"] = net(
        fwd="for i in range(900):\n    y = torch.einsum('ab,ab,ab,ab,ab,ab,ab,ab->a', x, x, x, x, x, x, x, x)"
    )
    found["meshgrid"] = net(
        fwd="y = torch.meshgrid(*[torch.arange(4096)] * 8)\nz = torch.meshgrid([torch.arange(64)] * 60)"
    )
    found["combinations"] = net(
        fwd="y = torch.combinations(torch.arange(4096), 60)\nz = torch.cartesian_prod(*[torch.arange(4096)] * 8)"
    )
    found["repeat_interleave"] = net(
        fwd="y = torch.arange(64).repeat_interleave(torch.full((64,), 65536))\nz = x.repeat_interleave(torch.tensor([65536] * 4), 1)\nw = torch.repeat_interleave(torch.tensor([65536] * 64))"
    )
    found["repeat"] = net(
        fwd="y = torch.arange(4096).repeat(65536, 65536)\nz = x.repeat(65536, 65536)\nz = x.repeat(*[65536] * 8)"
    )
    found["one_hot"] = net(fwd="y = F.one_hot(torch.arange(4096))\nz = F.one_hot(x.long(), 65536)")
    found["split many"] = net(
        fwd="y = torch.randn(65536, 4).split(1)\nz = torch.randn(65536, 4).unbind()\nw = torch.randn(65536, 4).chunk(65536)\nv = torch.randn(65536, 4).tensor_split(65536)"
    )
    found["split many live"] = net(fwd="y = x.unsqueeze(1).expand(-1, 65536, -1)\nz = y.split(1, 1)")
    found["unbind loop"] = net(
        fwd="y = torch.zeros(65536, 2)\nfor i in range(900):\n    try:\n        z = y.unbind()\n    except: pass"
    )
    found["unbind loop2"] = net(after="y = torch.zeros(65536, 2)\n" + fit(["z = y.unbind(); z = y.split(1)"] * 900))
    found["tensor literal"] = net(fwd="y = torch.tensor([[0] * 2000] * 2000)")
    found["tensor literal deep"] = net(fwd="a = [0]\nfor i in range(60):\n    a = [a, a]\ny = torch.tensor(a)")
    found["size arithmetic"] = net(fwd="n = x.size(0)\nfor i in range(3000):\n    n = n * n")
    found["numel"] = net(fwd="n = x.numel()\nfor i in range(60):\n    n = n * 65536\nx = x.view(n, -1)")
    found["quote huge"] = net(fwd="x = foo(x, " + "1" * 4000 + ")\n")
    found["quote huge str"] = net(fwd="x = foo(x, '" + "a" * 60000 + "')\n")
    found["huge kwarg value"] = net(
        "self.c = nn.Conv2d(3, 10 ** 38, 3)\nself.d = nn.Linear("
        + "9" * 38
        + ", 4)\nself.e = nn.Linear('"
        + "a" * 199
        + "', 4)"
    )
    found["huge float"] = net(
        "self.c = nn.Dropout(1e308 * 10)\nself.d = nn.LeakyReLU(float('nan'))\na = round(float('inf'))\nb = int(float('nan'))\nc = 1e308 ** 2\nd = 0.0 ** -1\ne = (-1) ** 0.5\nf = 5 % 0.0\nself.g = nn.Dropout(e)"
    )
    found["assign globals"] = (
        HEAD
        + "import os, sys, subprocess, socket\nos.system('touch pwned')\nopen('pwned', 'w').write('x')\nsubprocess.run(['touch', 'pwned'])\neval('1'); exec('import os'); __import__('os').system('touch pwned')\ntorch.load('/etc/passwd'); torch.save(1, 'pwned'); torch.hub.load('a/b', 'c'); torch.jit.load('a')\n"
        + net(
            fwd="x = torch.from_file('/etc/passwd', size=10)\nx = torch.ops.aten.add(x, x)\nx = x.apply_(lambda a: open('pwned', 'w'))\nx = torch.classes.load_library('x')\nx = torch.utils.cpp_extension.load('a')"
        )
    )
    found["dunder walk"] = net(
        fwd="a = x.__class__.__mro__[1].__subclasses__()\nb = ().__class__.__bases__\nc = self.forward.__globals__['os']\nd = torch.__dict__['load']\ne = getattr(torch, 'load')('a')\nf = nn.Linear.__init__.__globals__"
    )
    found["device"] = net(
        fwd="x = x.to('cuda:99').cuda().cpu().to(device='meta')\nx = torch.zeros(4, device='cuda') + x\ntorch.set_default_device('cuda')\ntorch.set_num_threads(100)\ntorch.manual_seed(0)\ntorch.set_default_dtype(torch.float64)\nwith torch.device('cuda'):\n    x = x + torch.zeros(4)\nwith torch.autocast('cuda'):\n    x = x * 2"
    )
    found["out"] = net(fwd="y = torch.zeros(4)\nx = torch.add(x, x, out=y)\nx = torch.relu(x, out=x)")
    found["notebook nesting"] = '{"cells": ' + "[" * 60000
    found["notebook nesting2"] = '{"cells": ' + '{"cells":' * 7000
    found["notebook huge strings"] = '{"cells": [{"cell_type": "code", "source": ["' + "a" * 65000 + '"]}]}'
    found["notebook many cells"] = '{"cells": [' + '{"cell_type":"code","source":""},' * 1900 + '{"cell_type":"code"}]}'
    found["notebook many lines"] = '{"cells": [{"cell_type": "code", "source": ["' + "\\n" * 32000 + '"]}]}'
    found["notebook newlines code"] = '{"cells": [{"cell_type": "code", "source": "' + "x=1\\n" * 12000 + '"}]}'
    found["notebook surrogate"] = '{"cells": [{"cell_type": "code", "source": "x = \\"\\ud800\\""}]}'
    found["notebook nul"] = '{"cells": [{"cell_type": "code", "source": "x = 1\\u0000"}]}'
    found["notebook int"] = '{"cells": [{"cell_type": "code", "source": [' + "9" * 5000 + "]}]}"
    found["tracebacks"] = "class A: pass\n" + "Traceback (most recent call last):\n" * 1900 + "x" * 2000
    found["tracebacks dashes"] = "class A: pass\n" + ("-" * 31 + "\n") * 1990
    found["tracebacks errors"] = "class A: pass\n" + ("XError: \n") * 1990
    found["traceback long"] = net(
        after="Traceback (most recent call last):\n"
        + fit(['  File "a.py", line 3, in forward'] * 900)
        + "\nRuntimeError: "
        + "mat1 " * 1000
    )
    found["diff"] = "@@ -1 +1 @@\n" + fit(["+x = 1", "-x = 2"] * 990)
    found["line numbers"] = fit([f"{i} x = {i}" for i in range(1900)])
    found["quoted"] = fit(["> x = 1"] * 1900)
    found["named attr"] = net("x = 1\n" + fit([f"self.a{i} = x.a" + ".b" * 20 for i in range(900)]))
    found["isinstance many"] = net("k = tuple([int] * 1900)\nfor i in range(3000):\n    b = isinstance(1.5, k)")
    found["isinstance nested"] = net("k = (int,)\nfor i in range(40):\n    k = (k, k)\nb = isinstance(1, k)")
    found["zip"] = net("a = range(2000)\nfor i in range(3000):\n    b = zip(a, a, a, a, a, a, a, a)")
    found["zip star"] = net("a = [range(2000)] * 2000\nb = list(zip(*a))")
    found["map"] = net("a = range(2000)\nb = map(lambda i: list(map(lambda j: list(map(lambda k: k, a)), a)), a)")
    found["sorted key"] = net(
        "a = list(range(2000))\nfor i in range(900):\n    b = sorted(a, key=lambda i: -i); b = max(a, key=lambda i: i)"
    )
    found["enumerate big"] = net("for i in range(900):\n    b = list(enumerate(range(2000), 10**38))")
    found["slices big"] = net("a = list(range(2000))\nfor i in range(3000):\n    b = a[::1][::1]; 'abc'[10**30:]")
    found["slice assign"] = net("a = [0] * 2000\nfor i in range(3000):\n    a[:] = a; a[0:0] = a")
    found["del"] = net("a = [0] * 2000\nfor i in range(3000):\n    del a[:]")
    found["forward many inputs"] = (
        HEAD
        + "class A(nn.Module):\n    def forward(self, "
        + ", ".join(f"a{i}" for i in range(200))
        + "):\n        return "
        + " + ".join(f"a{i}" for i in range(190))
        + "\n"
    )
    found["outputs many"] = net(fwd="return [x] * 2000")
    found["outputs many distinct"] = net(fwd="return [x + i for i in range(900)]")
    found["rows many"] = net(fwd="for i in range(900):\n    x = x + x.flip(1) * x.roll(1, 1)")
    found["rows many asked"] = net(fwd="for i in range(900):\n    x = torch.addcmul(x, x, x)")
    found["rows many trace"] = net("pass", "y = x\nfor i in range(500):\n    x = torch.cat([x, y], 1)\nreturn x")
    found["rows many conv"] = net(
        "self.l = nn.ModuleList([nn.Conv2d(3 + i, 3 + i + 1, 3, padding=1) for i in range(500)])",
        "for m in self.l:\n    x = m(x)\nreturn x",
        "Net()(torch.randn(1, 3, 99, 99))",
    )
    found["rows wide"] = net(
        "self.l = nn.ModuleList([nn.Linear(4, 4) for i in range(500)])", "return torch.cat([m(x) for m in self.l], 1)"
    )
    found["no example open"] = net(
        "self.l = nn.ModuleList([nn.Conv2d(3 + i, 3 + i + 1, 3) for i in range(300)])",
        "for m in self.l:\n    x = m(x)\nx = x.view(-1, 77777)\nreturn x",
    )
    found["many classes forward"] = HEAD + fit(
        [
            f"class N{i}(nn.Module):\n def __init__(self):\n  super().__init__()\n  self.c = nn.Conv2d(3, {i + 1}, 3)\n def forward(self, x):\n  return self.c(x)"
            for i in range(300)
        ]
    )
    found["many classes nested"] = (
        HEAD
        + "class N0(nn.Module):\n def forward(self, x): return x + 1\n"
        + fit(
            [
                f"class N{i}(nn.Module):\n def __init__(self):\n  super().__init__()\n  self.a = N{i - 1}()\n  self.b = N{i - 1}()\n def forward(self, x):\n  return self.a(x) + self.b(x)"
                for i in range(1, 30)
            ]
        )
        + "\nN29()(torch.randn(1, 3))"
    )
    found["many instances"] = (
        HEAD
        + "class N(nn.Module):\n def __init__(self):\n  super().__init__()\n  self.a = nn.Linear(4, 4)\n def forward(self, x): return self.a(x)\nnets = [N() for i in range(2000)]\n"
        + fit(["N()(torch.randn(1, 4))"] * 900)
    )
    found["torchvision many"] = (
        "import torchvision\n" + HEAD + fit([f"m{i} = torchvision.models.densenet121()" for i in range(900)])
    )
    found["torchvision in loop"] = "import torchvision\n" + net(
        "for i in range(900):\n    self.m = torchvision.models.resnet152()"
    )
    found["lstm layers"] = net(
        "self.l = nn.LSTM(4, 65536, 96)\nself.t = nn.TransformerEncoder(nn.TransformerEncoderLayer(65536, 1, 65536), 96)",
        "x = self.t(x)\nx = self.l(x)[0]",
    )
    found["transformer"] = net("self.t = nn.Transformer(65536, 1, 96, 96, 65536)", "x = self.t(x, x)")
    found["deep Sequential"] = net(
        "s = nn.ReLU()\nfor i in range(900):\n    s = nn.Sequential(s)\nself.s = s", "x = self.s(x)"
    )
    found["deep module names"] = net(
        "s = nn.Module()\nfor i in range(900):\n    t = nn.Module()\n    t.a = s\n    s = t\nself.s = s\nprint(self)",
        "x = x + 1",
    )
    found["checkpoint"] = net(
        fwd="from torch.utils.checkpoint import checkpoint\nf = lambda x: checkpoint(f, x)\nx = f(x)"
    )
    found["decorator"] = HEAD + "def d(f): return d(f)\n@d\ndef g(): pass\ng()\n" + net("g()")
    found["asserts"] = net(fwd="assert x.shape[0] == 10**10\nif x.shape[0] > 1:\n    raise ValueError('a' * 10**9)\n")
    found["surrogates"] = net(
        "a = '\\ud800'\nself.b = nn.Linear(4, 4)\nsetattr(self, a, nn.ReLU())\nself.add_module(a, nn.ReLU())\nself.d = nn.ModuleDict({a: nn.ReLU(), '': nn.ReLU(), 'a.b': nn.ReLU(), 'class': nn.ReLU(), 'x' * 199: nn.ReLU()})",
        "x = getattr(self, a)(x)\nx = self.d['x' * 199](x)",
    )
    found["leaves bomb"] = net(
        fwd="a = [0] * 2000\nb = [a] * 2000\nc = [b] * 2000\nx = torch.cat(c)\nx = torch.stack([c, c])\nself.fc(x, c)"
    )
    found["leaves bomb loop"] = net(
        fwd="a = [0] * 2000\nb = [a] * 2000\nc = [b] * 2000\nfor i in range(1900):\n    y = nn.ReLU(c); z = torch.relu(c)"
    )
    found["leaves bomb distinct"] = net(
        fwd="a = [[0] * 20 for i in range(1000)]\nc = [a] * 2000\nfor i in range(1900):\n    y = nn.ReLU(c); z = torch.relu(c)"
    )
    found["leaves set item"] = net(
        fwd="a = [0] * 2000\nb = [a] * 2000\nc = torch.zeros(4)\nfor i in range(2900):\n    c[i] = b; c[i] = a"
    )
    found["namespace of itself"] = "from types import SimpleNamespace\n" + net(
        "a = SimpleNamespace(b=1)\na.a = a\na.l = [a]\nb = torch.relu(a)\nfoo(a)\nself.a = a\nnn.Linear(a, a)",
        "foo(self.a, x)\ntorch.cat(self.a)",
    )
    found["deep list to torch"] = net(
        fwd="a = [0]\nfor i in range(1900):\n    a = [a]\ny = torch.tensor(a)\nx = x.permute(a)\nx = torch.roll(x, a, a)\nx = x.mean(a)\nx[a]\nx = torch.zeros(a)"
    )
    found["set attr chain"] = (
        HEAD
        + net()
        + "n = Net()\nfor i in range(2500):\n    n.a = nn.Sequential()\n    n = n.a\nfor i in range(2500):\n    n.a = nn.ReLU()\n"
    )
    found["set attr chain no loop"] = (
        HEAD
        + "n = nn.Sequential()\nm = n\n"
        + fit(["n.a = nn.Sequential(); n = n.a"] * 1200)
        + "\n"
        + "m"
        + ".a" * 90
        + ".b = nn.ReLU()\nm(torch.randn(1, 4))"
    )

    return found


BOMBS = list(bombs().values())


def bomb(number: int) -> str:
    """One after the other; after the last they begin again, each with something lost, doubled or exchanged."""
    text = BOMBS[number % len(BOMBS)]
    return text if number < len(BOMBS) else mutated(Random(number), text)
