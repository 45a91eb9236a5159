"""What reading code gives: the network, where each layer stands in the code, what was written, and what was refused."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerscope.layers.base import Layer, Shape
from layerscope.network import Network

if TYPE_CHECKING:
    from layerscope.source.making import Made


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of the source. Lines and columns count from 1, in characters; `end_column` is the column after it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Written:
    """A value in the code that is not a choice: the input's shape decides it.

    `parameter` is torch's name ("in_features"), or "features" for the number in a `view`. `text` is the expression as
    it stands there ("16 * 4 * 4"), `span` its place, `places` how many of the network's values come from that place.
    `rows` is the other number in a `view`: -1, a number, or None for the batch's own size.
    """

    layer: str
    parameter: str
    text: str
    value: Any
    span: Span
    places: int = 1
    rows: int | None = None


@dataclass(frozen=True)
class Argument:
    """An argument of a call that makes a layer, as it is written. `origin` is where its number stands, if that is an
    argument of a call of the paste's own function."""

    text: str
    span: Span
    value: Any
    origin: Span | None = None

    @property
    def is_literal(self) -> bool:
        """Whether numbers alone stand there: 3, (1, 2), 16 * 5 * 5."""
        return not any(letter.isalpha() for letter in self.text.replace("True", "").replace("False", ""))


@dataclass(frozen=True)
class Note:
    """A sentence about something that is read differently from how it is written; `line` is None where it has none."""

    line: int | None
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}" if self.line else self.sentence


@dataclass(frozen=True)
class Assumed(Note):
    """A `name` that is never imported, and the `path` that is meant by it: nn, torch.nn."""

    name: str = ""
    path: str = ""

    @property
    def statement(self) -> str:
        """The import as people write it."""
        package, _, last = self.path.rpartition(".")
        if self.path == self.name:
            return f"import {self.path}"
        if last == self.name and self.path != "torch.nn":
            return f"from {package} import {last}"
        return f"import {self.path} as {self.name}"


@dataclass(frozen=True, order=True)
class Measured(Note):
    """An operation, `text`, that no layer type says: its row tells sizes and nothing else."""

    text: str = ""


@dataclass(frozen=True, order=True)
class Offer(Note):
    """Something that was taken to be meant, and the change that writes it down: `label` says that in words."""

    label: str = ""
    changes: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, order=True)
class Idle(Offer):
    """Layers that are never used, and the change that takes them away: of interest once all else is right. `ways` are
    the change for each of them, with its label: one may be left over, and another one forgotten."""

    ways: tuple[tuple[str, tuple[tuple[Span, str], ...]], ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question for torch: what it says of `layer`, as the code writes it, on `batch` rows of that shape.

    A batch of 0 stands for one row without a batch axis.
    """

    layer: str
    shape: Shape
    batch: int


@dataclass(frozen=True, order=True)
class Change:
    """What belongs at a place, and that in words: "write x.size(1)"."""

    place: Span
    text: str
    words: str


@dataclass(frozen=True)
class Flaw(Note):
    """Something that torch refuses (`tone` "error") or that may surprise ("warning"), and the code put right.

    `quote` is what torch says, where that is known without asking; `asks` is what to ask it. `changes` are the texts
    that belong at some places, `label` says that in words; both are empty where no simple change helps. `kind` is what
    the flaw is about, in one word for code. `ways` are changes that may be meant, the likeliest first; the first that
    makes the network run is offered. `explains`: whether it says why the reading stops at its line, so that nothing
    else need be said of that.
    """

    kind: str = ""
    tone: str = "warning"
    title: str = ""
    quote: str = ""
    asks: Asked | None = None
    label: str = ""
    changes: tuple[tuple[Span, str], ...] = ()
    ways: tuple[tuple[Change, ...], ...] = ()
    explains: bool = False


class SourceError(ValueError):
    """Code that is not a network. `reason` is a sentence; `line` and `column` count from 1, None where unknown.

    `reading` holds what was readable before, None where nothing was. `ways` are changes after which it may be one.
    `is_error` says whether Python or PyTorch would refuse it too, not the reader alone.
    """

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        ways: tuple[tuple[Change, ...], ...] = (),
        is_error: bool = False,
    ) -> None:
        place = f"Line {line}, column {column}: " if line and column else f"Line {line}: " if line else ""
        super().__init__(place + reason)
        self.reason, self.line, self.column = reason, line, column
        self.ways, self.is_error = ways, is_error
        self.reading: Reading | None = None


@dataclass(frozen=True)
class Choice:
    """An input size to choose: `label` says it in words, `shapes` as it would be typed, `;` between several inputs."""

    label: str
    shapes: str


@dataclass(frozen=True)
class Size:
    """How the input's size is known.

    `words` follow the size in a sentence ("from MNIST in line 5"), `span` is that place. `against` says which
    layer is written for another size; `changes` make the place say that one, which `label` says in words. `choices` are
    the likely sizes where nothing tells it.
    """

    words: str = ""
    span: Span | None = None
    against: str = ""
    label: str = ""
    changes: tuple[tuple[Span, str], ...] = ()
    choices: tuple[Choice, ...] = ()


NOT_SAID = Size()


@dataclass(frozen=True)
class Reading:
    """Everything known about a paste.

    `network` is None where the input shape has to be asked (`needs_input_shape`) or nothing was readable; after a
    refusal it holds the layers before it. `layers` is there without a shape too. `spans` gives, for a layer's name,
    where it is constructed and where it is called. `shape_told` says how the input shape was known: "docstring",
    "given", "example call", "code" (a reshape of the input), a kind of `sizes.evidence.KINDS`, "error" (one below the
    code), "layers", "guess", or "" where it was not; `size` says more of it. `batch` is how many samples the example
    call or that error has, 0 where there is none.
    `doubt` says why another input size might be meant, "" where there is no doubt. `flattens` gives, for a Linear's
    name, the change of the code that would put a flatten before it. `inputs` are the names of what the network takes.
    """

    source: str
    network: Network | None = None
    layers: tuple[Layer, ...] = ()
    class_name: str | None = None
    class_names: tuple[str, ...] = ()
    spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    written: tuple[Written, ...] = ()
    notes: tuple[Note, ...] = ()
    refusal: SourceError | None = None
    shape_told: str = ""
    needs_input_shape: bool = False
    batch: int = 0
    flattens: dict[str, tuple[Span, str]] = field(default_factory=dict)
    doubt: str = ""
    inputs: tuple[str, ...] = ("input",)
    error: str = ""
    """The error that stood below the code, with its traceback."""
    is_order_guessed: bool = False
    """Whether no forward says what is between the layers, so that written sizes cannot be compared."""
    size: Size = NOT_SAID
    steps: int = 0
    """How much work it was to read."""
    made: "dict[str, Made]" = field(default_factory=dict)
    """How each layer was made that a call in the code makes."""
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each row that puts several inputs together, how the code writes those."""
    puts_batch: bool = False
    """Whether the batch is known to stand where each layer reads it: the code moves it there, or says so in words."""
    imports: tuple[tuple[Span, str], ...] = ()
    """What would add the imports that are missing."""

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What was taken to be meant, where a change writes it down."""
        return tuple(note for note in self.notes if isinstance(note, Offer) and note.changes)

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """Those of the notes that a correction goes with, the grave ones first."""
        found = [note for note in self.notes if isinstance(note, Flaw)]
        return tuple(sorted(found, key=lambda flaw: flaw.tone != "error"))
