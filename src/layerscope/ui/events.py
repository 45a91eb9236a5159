"""What an event from the stage does to the session."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from layerscope import blocks, insertion, limits
from layerscope.catalogue import CATALOGUE
from layerscope.guesses import complaint
from layerscope.layers.base import Layer
from layerscope.link import CHOICES, View
from layerscope.network import Network, NetworkError
from layerscope.parameter import Parameter
from layerscope.repair import flatten_before
from layerscope.source.attributes import attribute
from layerscope.text import cleaned, on_one_line
from layerscope.tracing import trace
from layerscope.ui import inside
from layerscope.ui.controls import WrongValueError, effective, parse, split, unsplit, values_of
from layerscope.ui.insides.calculating import is_written_out
from layerscope.ui.insides.ways_out import SMALLER, smaller_input
from layerscope.ui.looking import crossed, linked
from layerscope.ui.outline import beside
from layerscope.ui.session import Session

GUESSES = {"runs": "it runs", "fails": "it does not run"}


def apply(session: Session, key: str, value: Any, phase: str) -> None:
    """Carry out one event. What is not possible leaves the network as it is and a sentence in its place."""
    shown = _shown(session)
    try:
        _apply(session, key, value, phase)
    except NetworkError as error:
        session.notice = str(error)
    if session.looking.cell and _shown(session) != shown:
        session.looking = replace(session.looking, cell=())
        session.view = linked(session.view, session.looking)


def _shown(session: Session) -> tuple[str, str]:
    """What a cell that was chosen in the look inside is one of: the maps of a row, which two views show, or others."""
    lens = session.view.lens
    return ("" if lens == "class" else session.row, "maps" if lens == "window" else lens)


def _apply(session: Session, key: str, value: Any, phase: str) -> None:
    verb, _, rest = key.partition(":")
    if key in CHOICES and value in CHOICES[key]:
        session.with_view(**{key: value})
        if key == "lens":
            session.looking = crossed(session.looking, value)
            session.view = linked(session.view, session.looking)
    elif key in _COMMANDS:
        _COMMANDS[key](session)
    elif key in _LAYER_COMMANDS and session.selected:
        _LAYER_COMMANDS[key](session)
    elif key == "narrow":
        session.narrow = value is True
    elif key == "greeted":
        session.greeted = True
    elif key == "guess":
        _guess(session, on_one_line(cleaned(str(value))).strip()[: limits.GUESS.most])
    elif verb == "guess" and rest in GUESSES:
        _guess(session, GUESSES[rest])
    elif key == "select":
        session.select(str(value))
    elif verb == "inside" and rest:
        session.looking = inside.event(session.network, session.row, session.looking, rest, value)
        session.view = linked(session.view, session.looking)
    elif verb == "repair":
        _repair(session, rest)
    elif verb == "flatten":
        if (repair := flatten_before(session.network, rest)) is not None:
            session.commit(repair.network)
    elif verb in ("split", "same", "none"):
        _switch_form(session, verb, rest)
    elif verb == "open":
        session.open_block(rest)
    elif verb == "close":
        session.close_block(rest)
    elif verb in ("reads", "unread"):
        _read(session, rest, str(value) if verb == "reads" else None)
    elif verb == "add" and rest in CATALOGUE:
        _add(session, rest)
    elif verb == "rename":
        _rename(session, rest, on_one_line(cleaned(str(value))).strip())
    elif verb == "alike":
        _change_alike(session)
    elif "." in key:
        _set_argument(session, key, value, phase)


def _guess(session: Session, text: str) -> None:
    session.typed.pop("guess", None)
    seen = {session.on_screen, session.network}
    if wrong := complaint(text, session.target, *map(trace, seen)) if text else "":
        session.typed["guess"] = (text, wrong)
    elif text:
        session.reveal(text)


def _set_argument(session: Session, key: str, value: Any, phase: str) -> None:
    """`key` is "conv1.kernel_size", or "conv1.kernel_size.0" for one axis of it."""
    name, parameter, *axis = _parts(key)
    layer, meaning = _found(session, name, parameter)
    axes = split(layer, parameter, session.network) if axis else ()
    if axis and axis[0] not in map(str, range(len(axes))):
        return
    session.typed.pop(key, None)
    try:
        parsed = parse(meaning, parameter, value, values_of(layer, session.network))
        if axis and isinstance(parsed, tuple):
            raise WrongValueError(f"{parameter} takes one number for each axis.")
    except WrongValueError as problem:
        session.typed[key] = (str(value)[:80], str(problem))
        if session.gesture is not None:
            session.commit(session.network)
        return
    if axis:
        place = int(axis[0])
        parsed = (*axes[:place], parsed, *axes[place + 1 :])
    changed = session.network.with_argument(name, parameter, parsed)
    if phase == "input":
        session.preview(changed)
    else:
        session.commit(changed)
    if session.view.selected != name:
        session.select(name)


def _switch_form(session: Session, verb: str, key: str) -> None:
    """Change how a value is given: one for all axes or one each, a number or a word, a value or none."""
    name, parameter, *_ = _parts(key)
    layer, meaning = _found(session, name, parameter)
    current = getattr(layer, parameter)
    if verb == "split":
        value = unsplit(current) if isinstance(current, tuple) else split(layer, parameter, session.network)
    elif verb == "same":
        value = 0 if current == "same" else "same"
    else:
        stands_for = effective(layer, parameter) if parameter == "stride" else (meaning.comfortable or (1, 1))[0]
        value = stands_for if current is None else None
    for typed in [typed for typed in session.typed if typed.startswith(key)]:
        del session.typed[typed]
    session.commit(session.network.with_argument(name, parameter, value))


def _parts(key: str) -> list[str]:
    """A layer's name, which may have dots itself, a parameter, and the axis where there is one."""
    path, _, last = key.rpartition(".")
    return [*path.rsplit(".", 1), last] if last.isdigit() else [path, last]


def _found(session: Session, name: str, parameter: str) -> tuple[Layer, Parameter]:
    layer = session.network[name]
    if layer.origin or parameter not in layer.parameters():
        raise NetworkError(f"{layer.type} has no parameter of that name to choose.")
    return layer, layer.parameters()[parameter]


def _repair(session: Session, number: str) -> None:
    error = trace(session.on_screen).error
    offered = {str(place): repair for place, repair in enumerate(error.repairs)} if error is not None else {}
    if number in offered:
        session.typed.clear()
        session.commit(offered[number].network)


def _read(session: Session, rest: str, reference: str | None) -> None:
    """Let an input of a row ("1:add1") be another value, one input more, or, with None, one less."""
    number, _, name = rest.partition(":")
    read = list(session.network.before(name))
    if not number.isdecimal() or not (place := int(number)) <= len(read) or reference == "":
        return
    read[place : place + 1] = [] if reference is None else [reference]
    session.commit(session.network.with_inputs(name, read))
    session.select(name)


def _add(session: Session, kind: str) -> None:
    """Put a fresh layer after the selected row, or at the beginning of an empty network."""
    session.commit(*insertion.with_layer(session.network, session.row or session.network.inputs[0].name, kind))


def _rename(session: Session, name: str, new: str) -> None:
    """Give a layer or a block the name that was typed; one that cannot be taken stays in its field, with the reason."""
    key = f"rename:{name}"
    session.typed.pop(key, None)
    if new == name:
        return
    try:
        if torchs := next((part for part in new.split(".") if attribute(part) != part), None):
            raise NetworkError(f"PyTorch modules already use the name {torchs}; choose another one.")
        session.rename(name, new)
    except NetworkError as problem:
        session.typed[key] = (new[: limits.EVENT_TEXT.most], str(problem))


def _change_alike(session: Session) -> None:
    """Do the last change to every block that was equal to the changed one before; it is told with that change."""
    before = session.before
    if changes := blocks.changes_alike(before, session.network):
        session.commit(blocks.changed_alike(session.network, changes))
        session.before = before


def _move(step: int) -> Callable[[Session], None]:
    def move(session: Session) -> None:
        name, network = session.selected, session.network
        if other := beside(session, step):
            session.select(name)
            if {name, other} <= {*network.names}:
                session.commit(network.move(name, network.index(other)))
            else:
                session.commit(blocks.swapped(network, *((other, name) if step < 0 else (name, other))))

    return move


def _duplicate(session: Session) -> None:
    name = session.selected
    if name in session.network.names:
        changed = session.network.duplicate(name)
        session.commit(changed, changed.names[changed.index(name) + 1])
    else:
        session.commit(*blocks.duplicated(session.network, name))


def _remove(session: Session) -> None:
    session.select(session.selected)
    session.commit(blocks.without(session.network, session.selected))


def _insertion(edit: Callable[[Network, str], tuple[Network, str]]) -> Callable[[Session], None]:
    """An edit that puts rows after the selected row or block, and selects one of them."""

    def insert(session: Session) -> None:
        session.commit(*edit(session.network, session.selected))

    return insert


def _look_inside(session: Session) -> None:
    """Open the view of the selected layer's window, or close it. Of a layer whose arithmetic is not written out it
    begins with what the layer outputs."""
    if session.view.chart == "inside":
        session.with_view(chart=View().chart)
        return
    has_window = not session.row or is_written_out(session.network[session.row])
    is_lacking = session.view.lens == "window" and not has_window
    session.with_view(chart="inside", **({"lens": "maps"} if is_lacking else {}))


def _smaller_input(session: Session) -> None:
    """The largest smaller input with which there is something to see inside."""
    if found := smaller_input(session.network, session.row, session.view.lens):
        session.commit(found)


def _reset(session: Session) -> None:
    """Back to the network as it was loaded, from there to the default one; undo brings the other back."""
    session.typed.clear()
    session.begin_with(session.home if session.network == session.beginning else session.beginning)


_COMMANDS: dict[str, Callable[[Session], None]] = {
    "inside": _look_inside,
    SMALLER: _smaller_input,
    "undo": Session.undo,
    "redo": Session.redo,
    "reset": _reset,
}
_LAYER_COMMANDS: dict[str, Callable[[Session], None]] = {
    "move_up": _move(-1),
    "move_down": _move(1),
    "duplicate": _duplicate,
    "remove": _remove,
    "branch": _insertion(insertion.with_branch),
    "skip": _insertion(insertion.with_skip),
}
