"""The network's last activation and the loss in the code: a Softmax before CrossEntropyLoss, no LogSoftmax before
NLLLoss.

Both have to be seen, and what goes into the loss has to be what the network gives: nothing is said of a loss on
anything else.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from layerscope.source.python.classes import UserClass
from layerscope.source.reading import Flaw, Span
from layerscope.source.record import Row
from layerscope.source.remarks import single_outputs
from layerscope.source.remarks.case import Case
from layerscope.source.torch.containers import Group
from layerscope.source.torch.known_classes import is_module_class
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import Module, walked
from layerscope.source.torch.worlds import world_of

_LOSSES = {
    "CrossEntropyLoss": "CrossEntropyLoss", "cross_entropy": "CrossEntropyLoss", "NLLLoss": "NLLLoss",
    "nll_loss": "NLLLoss", "BCEWithLogitsLoss": "BCEWithLogitsLoss", "BCELoss": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss", "binary_cross_entropy": "BCELoss",
}  # fmt: skip
_SQUASHING = frozenset({"Softmax", "LogSoftmax", "Sigmoid", "LogSigmoid", "Softmin"})
_TURNING = _SQUASHING | {"softmax", "log_softmax", "sigmoid", "logsigmoid", "softmin", "log"}
_SHAPING = frozenset({
    "view", "reshape", "flatten", "transpose", "permute", "squeeze", "unsqueeze", "contiguous", "float", "double",
    "to", "cpu", "cuda",
})  # fmt: skip
"""Methods that leave the numbers as they are."""
_MOVING = frozenset({"to", "cuda", "cpu", "double", "float", "half", "train", "eval"})
"""Methods that give the module back."""
_AROUND = frozenset({"DataParallel", "DistributedDataParallel", "compile"})
"""What gives a module that does the same as the one inside."""
_HOMES = frozenset({"F", "functional", "nn", "torch"})
_OPEN_ENDED = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "BatchNorm1d", "BatchNorm2d"})
"""Layers that give numbers of any size; after others nothing is said of an activation that is missing."""
MOST_ROUNDS = 4
Changes = tuple[tuple[Span, str], ...]


class Loss(NamedTuple):
    """A loss of torch's as the code names it: its class's name, the word that stands there, and where."""

    kind: str
    word: str
    node: ast.expr


def remark(case: Case) -> Iterator[Flaw]:
    """What the last layer and the loss do to each other, if anything."""
    loss = _named(case)
    rows = case.followed.rows
    if loss is None or not rows or case.followed.fault is not None or case.followed.outputs:
        return
    if world_of(case.run).asked_for_mode or not _gets_the_output(case, loss):
        return
    row, last = rows[-1], rows[-1].type
    if row.outputs[:1] == ((1,),) and loss.kind in single_outputs.OVER_CLASSES:
        squashing = last if last in _SQUASHING else ""
        yield from single_outputs.told(case, loss.kind, loss.node, squashing, _without(case, row) if squashing else ())
        return
    told = _told(last, loss.kind)
    if told is None:
        return
    title, words, cure = told
    changes = _without(case, row) if cure == "remove" else _renamed(case, row, loss, cure)
    does = f"remove {last}" if cure == "remove" else f"write {changes[0][1]}" if changes else ""
    yield case.flaw(
        words, row.node if last in _SQUASHING else loss.node, kind="loss", title=title,
        label=f"Line {changes[0][0].line}: {does}" if changes else "", changes=changes,
    )  # fmt: skip


def _told(last: str, loss: str) -> tuple[str, str, str] | None:
    """A title, a sentence, and the cure: "remove" for the last layer, or what is written instead of one of both."""
    if loss in ("CrossEntropyLoss", "BCEWithLogitsLoss"):
        own = "log-softmax" if loss == "CrossEntropyLoss" else "sigmoid"
        if last in ("Softmax", "Sigmoid", "Softmin"):
            words = f"{loss} applies {own} itself, so it expects raw scores. After {last} all scores are between 0 "
            words += f"and 1, and the loss stays high however well the network learns. Remove {last}."
            return f"{last} before {loss}", words, "remove"
        return None
    if loss == "NLLLoss" and last in ("Softmax", "Sigmoid"):
        words = f"NLLLoss expects log-probabilities, but {last} gives values between 0 and 1, so the loss is negative. "
        words += "Use LogSoftmax instead." if last == "Softmax" else "Use raw scores and CrossEntropyLoss instead."
        return f"{last} before NLLLoss", words, "LogSoftmax" if last == "Softmax" else ""
    if loss == "NLLLoss" and last in _OPEN_ENDED:
        words = f"NLLLoss expects log-probabilities, but the network ends with {last}. Use CrossEntropyLoss, which "
        words += "applies log-softmax itself, or add LogSoftmax at the end."
        return "No LogSoftmax before NLLLoss", words, "CrossEntropyLoss"
    if loss == "BCELoss" and last in _OPEN_ENDED:
        words = f"BCELoss expects values between 0 and 1, but the network ends with {last}. Use BCEWithLogitsLoss, "
        words += "which applies sigmoid itself, or add Sigmoid at the end."
        return "No Sigmoid before BCELoss", words, "BCEWithLogitsLoss"
    return None


# Which loss, and on what


def _named(case: Case) -> Loss | None:
    """The loss that the code names; None where it names none, or several. The tree is walked only where the text has
    one."""
    if not any(name in case.paste.text for name in _LOSSES):
        return None
    nodes = case.code.nodes
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {_word(node) for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store)}
    pairs = ((node, _word(node)) for node in nodes if isinstance(node, ast.expr))
    found = [Loss(_LOSSES[word], word, node) for node, word in pairs if word in _LOSSES and word not in own]
    return found[0] if len({loss.kind for loss in found}) == 1 else None


def _gets_the_output(case: Case, loss: Loss) -> bool:
    """Whether all that goes into the loss is what the network gives; where the code never calls the loss, whether the
    network is the only one."""
    assigned = _assigned(case.code.nodes)
    made = (name for name, values in assigned.items() if any(_calls(each, {loss.word}) for each in values))
    holders = {loss.word, *made}
    calls = (node for node in case.code.nodes if isinstance(node, ast.Call) and node.args and not _makes(node))
    given = [node.args[0] for node in calls if _word(node.func) in holders or _makes(node.func)]
    if not given:
        return _is_alone(case) and not _is_turned_elsewhere(case)
    networks = _networks(case, assigned)
    outputs = {name for name, values in assigned.items() if values}
    outputs -= {node.arg for node in case.code.nodes if isinstance(node, ast.arg)}
    for _ in range(MOST_ROUNDS):
        kept = {name for name in outputs if all(_is_output(value, networks, outputs) for value in assigned[name])}
        if kept == outputs:
            break
        outputs = kept
    else:
        return False
    return all(_is_output(node, networks, outputs) for node in given)


def _is_turned_elsewhere(case: Case) -> bool:
    """Whether numbers are squashed, or their logarithm is taken, beside the network's own rows."""
    ours = {id(node) for row in case.followed.rows for node in (row.node, row.module and row.module.node)}
    calls = (node for node in case.code.nodes if isinstance(node, ast.Call) and id(node) not in ours)
    return any(_word(node.func) in _TURNING for node in calls)


def _makes(node: ast.expr) -> bool:
    """Whether a call makes a loss, as nn.NLLLoss() does, and computes none."""
    word = _word(node.func) if isinstance(node, ast.Call) else ""
    return word in _LOSSES and word.endswith("Loss")


def _assigned(nodes: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    """What each name is given, those of attributes too; a name that a loop or a function gives has None known."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                for part in parts:
                    found.setdefault(_word(part), []).append(node.value)
        elif isinstance(node, ast.AugAssign):
            found.setdefault(_word(node.target), []).append(node.value)
    found.pop("", None)
    return found


def _networks(case: Case, assigned: dict[str, list[ast.expr]]) -> set[str]:
    """The names that stand for the network; "self" in a class that is called in its own methods."""
    followed = case.followed
    known = {
        name for name, value in case.run.globals.names.items()
        if value is followed.network or value is followed.instance
        or (isinstance(value, ModuleObject) and value.cls is followed.network)
    } - {followed.name}  # fmt: skip
    if followed.name is not None:
        known |= {name for name, values in assigned.items() if any(_calls(each, {followed.name}) for each in values)}
        known.add("self")
    return known


def _calls(node: ast.expr, names: set[str]) -> bool:
    """Whether a value is made by calling one of these, whatever is done to it then: Net(10).to(device)."""
    for _ in range(MOST_ROUNDS):
        if not isinstance(node, ast.Call):
            return False
        word = _word(node.func)
        if word in names:
            return True
        if word in _AROUND and node.args:
            node = node.args[0]
        elif word in _MOVING and isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            return False
    return False


def _is_output(node: ast.expr, networks: set[str], outputs: set[str]) -> bool:
    """Whether a value is what the network gives, in whatever shape."""
    for _ in range(MOST_ROUNDS * 2):
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SHAPING:
            node = node.func.value
        else:
            break
    if isinstance(node, ast.Name):
        return node.id in outputs
    if not isinstance(node, ast.Call):
        return False
    called = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "forward" else node.func
    return isinstance(called, ast.Name) and called.id in networks


def _is_alone(case: Case) -> bool:
    """Whether the paste has no other network."""
    followed = case.followed
    inside = [each for _, each in walked(followed.instance)] if isinstance(followed.instance, Module) else []
    own = {cls for each in inside if isinstance(each, ModuleObject) for cls in each.cls.line}
    values = case.run.globals.names.values()
    return all(value in own for value in values if isinstance(value, UserClass) and is_module_class(value))


def _word(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


# The code put right


def _without(case: Case, row: Row) -> Changes:
    """The code without its last activation, where that is one call, or one layer of a Sequential."""
    paste, node, module = case.paste, row.node, row.module
    group = module.owner if module is not None else None
    if isinstance(group, Group) and isinstance(group.node, ast.Call) and module.node in group.node.args[1:]:
        before = group.node.args[group.node.args.index(module.node) - 1]
        start, end = paste.after(before), paste.after(module.node)
        return ((Span(start.line, start.column, end.line, end.column), ""),)
    if not isinstance(node, ast.Call) or isinstance(group, Group):
        return ()
    of = node.func.value if isinstance(node.func, ast.Attribute) and module is None else None
    is_method = of is not None and _word(of) not in _HOMES  # x.softmax(1), not F.softmax(x, 1)
    inner = of if is_method else node.args[0] if node.args else None
    return () if inner is None else ((paste.span(node), paste.segment(inner)),)


def _renamed(case: Case, row: Row, loss: Loss, cure: str) -> Changes:
    """Another word for the loss, or for the last activation."""
    if not cure:
        return ()
    if cure != "LogSoftmax":
        lower = {"CrossEntropyLoss": "cross_entropy", "BCEWithLogitsLoss": "binary_cross_entropy_with_logits"}
        return ((_last(case, loss.node), lower[cure] if loss.word.islower() else cure),)
    node = row.module.node if row.module is not None else row.node
    func = node.func if isinstance(node, ast.Call) else None
    if isinstance(func, ast.Attribute | ast.Name):
        return ((_last(case, func), "LogSoftmax" if row.module is not None else "log_softmax"),)
    return ()


def _last(case: Case, node: ast.expr) -> Span:
    return case.paste.last_name(node) if isinstance(node, ast.Attribute) else case.paste.span(node)
