"""What one visitor has before them, and what each event makes of it. Knows no screen.

`Session` holds the network, the view, and the past and future of the network. A gesture (one drag of a slider, one
held key) previews many networks and becomes one step of undo.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from layerscope import blocks
from layerscope.assignment import Assignment
from layerscope.link import View
from layerscope.network import Network, NetworkError
from layerscope.presets import DEFAULT, PRESETS
from layerscope.renaming import renamed_as, renames
from layerscope.targets import Target
from layerscope.task import Task, task_for
from layerscope.tracing import trace
from layerscope.ui import selecting
from layerscope.ui.history import MOST_STEPS, History, Moment
from layerscope.ui.looking import Looking, linked


@dataclass
class Session:
    """`before` is what stood before the last change: what the ripple is told against, unless that is the beginning."""

    network: Network = PRESETS[DEFAULT]
    view: View = field(default_factory=View)
    before: Network = PRESETS[DEFAULT]
    beginning: Network = PRESETS[DEFAULT]
    """What was loaded or opened last: reset goes back to it, and undo beyond it to the one before."""
    history: History = field(default_factory=History)
    """Where undo and redo lead."""
    gesture: Network | None = None
    """The network at the beginning of a drag that is still going on."""
    typed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What was typed into a field and cannot be taken, with the sentence that says why."""
    narrow: bool = False
    """Whether the stage is as narrow as on a phone; the browser says so."""
    stepped: str = ""
    """"Undone" or "Redone" while that is what led to the network."""
    notice: str = ""
    """A sentence about something that could not be done; gone with the next change."""

    asked: Network | None = None
    """In prediction mode: the network that stays on the screen until a guess about the newer one is typed."""
    guess: str = ""
    """What was guessed about the last change; shown beside the result."""
    guessed: bool = False
    """Whether a guess was made since the teacher's link was followed."""
    shown: dict[Network, None] = field(default_factory=dict)
    """In prediction mode: networks whose results were on the screen. Going back to one of them opens no question."""

    looking: Looking = field(default_factory=Looking)
    """Which image, weights and filter are looked at inside the network."""
    task: Task | None = field(default_factory=lambda: task_for(PRESETS[DEFAULT]))
    """What the visitor is invited to do with the network that was loaded last; None with a teacher's link."""
    achieved: bool = False
    """Whether that was done."""
    greeted: bool = False
    """Whether the introduction was closed."""

    assignment: Assignment | None = None
    """What a teacher's link holds and locks."""

    @property
    def home(self) -> Network:
        """What an address without a network means, and where reset ends: the default network, or the teacher's."""
        return PRESETS[DEFAULT] if self.assignment is None else self.beginning

    @property
    def fixes_layers(self) -> bool:
        """Whether a teacher's link keeps layers, input and classes as they are."""
        return self.assignment is not None and self.assignment.fixes_layers

    @property
    def opened(self) -> Network:
        """What was loaded or opened last, with the names that its layers have now."""
        return renamed_as(self.beginning, self.network)

    @property
    def current_task(self) -> Task | None:
        """The task, with the names that its layers have now."""
        return self.task and self.task.following(renames(self.beginning, self.network))

    @property
    def on_screen(self) -> Network:
        """The network whose results may be seen: while a guess is awaited, the one before the change."""
        return self.asked or self.network

    @property
    def target(self) -> Target:
        """What a guess is about."""
        return self.assignment.asks if self.assignment is not None and self.assignment.predict else Target()

    @property
    def is_set_a_question(self) -> bool:
        """Whether a teacher's link asks something: then nothing that we say by ourselves may answer it."""
        given = self.assignment
        return given is not None and bool(given.question or given.predict)

    @property
    def awaits_first_guess(self) -> bool:
        """Whether a teacher's link asks for guesses and none was made yet, though there is something to change."""
        given = self.assignment
        can_change = given is not None and (not given.fixes_layers or bool(given.movable))
        return given is not None and given.predict and can_change and not self.guessed

    @property
    def is_silent(self) -> bool:
        """Whether a teacher's link keeps the answers of lessons and quiz back."""
        return self.assignment is not None and self.assignment.silent

    def adopt(self, assignment: Assignment) -> None:
        """Begin with what a teacher's link holds."""
        self.assignment = assignment
        self.network = self.before = self.beginning = assignment.network
        self.history, self.shown, self.gesture, self.notice = History(), {}, None, ""
        self.guessed = False
        self._forget_guess()
        self.task = None
        self.typed.clear()
        size = "large" if assignment.large else self.view.type_size
        self.view = replace(self.view, selected=assignment.opens, type_size=size)
        self.with_view()

    def _check_locks(self, network: Network) -> None:
        """Raise NetworkError where a value differs that the teacher's link locks."""
        different = list(self.assignment.differences(network)) if self.assignment is not None else []
        if different:
            more = f" and {len(different) - 1} more" if len(different) > 1 else ""
            raise NetworkError(f"Locked by your teacher: {different[0]}{more}. Nothing was changed.")

    def allows(self, network: Network) -> bool:
        """Whether a teacher's link leaves room for that network."""
        return self.assignment is None or not any(self.assignment.differences(network))

    def preview(self, network: Network) -> None:
        """Show `network` while a hand is still moving. Raises NetworkError for what is locked."""
        self._check_locks(network)
        if self.gesture is None:
            self.gesture = self.network
        if network != self.network:
            self._ask(self.gesture)
            self.stepped = ""
        self.network, self.before, self.notice = network, self.gesture, ""

    def commit(self, network: Network, select: str = "") -> None:
        """Make `network` the current one, as one step of undo; `select` is the row or block in it to be selected then.
        Raises NetworkError for what is locked."""
        self._check_locks(network)
        selected = self.selected
        start = self.network if self.gesture is None else self.gesture
        self.gesture, self.notice = None, ""
        self.network = network
        if network != start:
            self.before, self.stepped = start, ""
            self._ask(start)
        if network == self.asked:  # back by hand: what was between is told by nothing
            self.asked, self.before = None, network
        if self.asked is None:
            self._achieve()
        self.view = selecting.kept(self.view, start, self.network)
        self.select(select)
        if network != start:
            self.history.add(Moment(start, self.beginning, selected, self.selected))

    def rename(self, name: str, new: str) -> None:
        """Give a layer or a block another name: one step of undo, of which there is nothing to guess."""
        network = self.network.rename(name, new)
        names = {name: new} | renames(self.network, network)
        is_asked = self.asked is not None
        self.commit(network, new)
        if not is_asked:
            self._forget_guess()

        def called(path: str) -> str:
            return names.get(path) or (new + path.removeprefix(name) if path.startswith(f"{name}.") else path)

        self.looking = self.looking.renamed(called)
        self.view = linked(selecting.renamed(self.view, called), self.looking)

    def begin_with(self, network: Network) -> None:
        """Load another network: one step of undo, but a beginning and not a change of the one before."""
        self.commit(network)
        self._begin(network)
        self._forget_guess()

    def return_to(self, network: Network) -> None:
        """Show a network that an address asks for, as one step of undo; what was opened then counts again."""
        beginning = self.history.beginning_of(network) or self.beginning
        self.commit(network)
        self._begin_again(beginning)

    def commit_from(self, base: Network, network: Network) -> None:
        """Make `network` the current one, which another page made of `base`: one step of undo.

        It is a change of what `base` came from: where that was opened earlier in this visit it counts again, with its
        task; where it never was, `base` is what was opened.
        """
        beginning = self.beginning_of(base)
        self.commit(network)
        if self.assignment is None:
            self._begin_again(beginning)

    def beginning_of(self, network: Network) -> Network:
        """What a network came from in this visit; itself where it was not there."""
        return self.beginning if network == self.network else self.history.beginning_of(network) or network

    def open(self, network: Network) -> None:
        """Show the network of a link as what the visit begins with; nothing was there to be undone."""
        self.network = network
        self._begin(network)

    def _begin(self, network: Network) -> None:
        self.before = self.beginning = network
        self.stepped = ""
        self.task, self.achieved = task_for(network) if self.assignment is None else None, False

    def _begin_again(self, beginning: Network) -> None:
        """What was opened before counts again, with its task."""
        if beginning != self.beginning:
            before = self.before
            self._begin(beginning)
            self.before = before

    def _achieve(self) -> None:
        """Note that the task is done, once it is."""
        task = self.current_task
        self.achieved = self.achieved or (task is not None and task.is_done(trace(self.network)))

    def undo(self) -> None:
        """Back to the network before the last change."""
        self._end_gesture()
        self._step(self.history.past, self.history.future, "Undone")

    def redo(self) -> None:
        """Forward again after an undo."""
        self._end_gesture()
        self._step(self.history.future, self.history.past, "Redone")

    def _end_gesture(self) -> None:
        """What a drag has reached becomes a step of its own."""
        if self.gesture is not None:
            self.commit(self.network)

    def _step(self, source: list[Moment], target: list[Moment], word: str) -> None:
        if source:
            was_asked, start, beginning, selected = self.asked, self.network, self.beginning, self.selected
            moment = source.pop()
            self.before, self.network = was_asked or start, moment.network
            self._begin_again(moment.beginning)
            self._forget_guess()
            if was_asked is None:
                self._note_shown(start)
            if self.network not in self.shown:
                self._ask(self.before)
            self.notice, self.stepped = "", word
            self.typed.clear()
            self._select_again(moment, selected)
            self.view = selecting.kept(self.view, start, self.network)
            target.append(Moment(start, beginning, selected, self.selected))

    def _select_again(self, moment: Moment, selected: str) -> None:
        """Give back the selection of that moment, unless another layer was selected since, which is there still."""
        stays = selected != moment.left and selecting.is_there(self.network, selected)
        if not stays and selected != moment.selected:
            self.select(moment.selected)

    def _ask(self, start: Network) -> None:
        """The first change after the last guess opens a question; further ones belong to it."""
        self.guess = ""
        if self.view.predict == "on" and self.asked is None:
            self._note_shown(start)
            self.asked = start

    def reveal(self, guess: str) -> None:
        """A guess was typed: show it, and all that changed since the question was opened."""
        if self.asked is not None:
            self.before, self.asked, self.guess = self.asked, None, guess
            self.guessed = self.guessed or bool(guess)
            self._achieve()

    def _note_shown(self, network: Network) -> None:
        if self.view.predict == "on":
            self.shown[network] = None
            while len(self.shown) > 2 * MOST_STEPS:
                del self.shown[next(iter(self.shown))]

    def _forget_guess(self) -> None:
        self.asked, self.guess = None, ""

    def select(self, name: str) -> None:
        """Open a layer's controls, or what is to be said of a block."""
        self.view = selecting.with_selected(self.view, self.network, name)

    def open_block(self, path: str) -> None:
        """Show the rows of a block in the list and the picture."""
        self.view = selecting.with_open(self.view, self.network, path)

    def close_block(self, path: str) -> None:
        """Show a block as one. Of a row in it the block is selected, as the row is seen no more."""
        self.view = selecting.with_closed(self.view, self.network, path)

    @property
    def told_against(self) -> Network:
        """The network that the ripple begins with: the one on the screen while a guess is awaited."""
        return self.asked or self.compared

    @property
    def compared(self) -> Network:
        """What the network is compared with: the one before the last change, or the one that was opened."""
        return self.beginning if self.view.against == "start" else self.before

    @property
    def selected(self) -> str:
        """The layer whose controls are open, or the block that is selected; the first layer while none was chosen."""
        return selecting.selected(self.view, self.network)

    @property
    def row(self) -> str:
        """The selected layer, or the last one of the selected block; "" where there is no layer."""
        return next(reversed(blocks.rows_of(self.network, self.selected)), "")

    def with_view(self, **changes: Any) -> None:
        """Change how the network is looked at. Without prediction mode nothing stays hidden."""
        if self.view.predict == "off":
            self.shown = dict.fromkeys([*(moment.network for moment in self.history), self.network])
        self.view = replace(self.view, **changes)
        if self.assignment is not None and self.assignment.predict:
            self.view = replace(self.view, predict="on")
        if self.view.predict == "off":
            self.reveal("")
