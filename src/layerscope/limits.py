"""Every limit that a visitor can meet, in one table: what is bounded, the number, and the sentence that is read there.

The code takes its numbers and sentences from here. `tests/test_limits.py` goes to each limit and beyond it at the way
in, and `scripts/operations.py` writes the table in docs/operations.md, so that the three cannot disagree. A new limit
is one entry here and one case in that test.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limit:
    """At most `most` of what `bounds` names.

    `says` is the sentence for a visitor: `{most}` is the limit, other names in braces are given where it is met. It is
    empty where nothing is refused: the work is only done in another way, or shown in part, which `bounds` then says.
    """

    where: str
    bounds: str
    most: int
    says: str = ""

    def sentence(self, **values: Any) -> str:
        """What the visitor reads; whole numbers get their thousands separated."""
        return self.says.format(most=f"{self.most:,}", **{key: _text(value) for key, value in values.items()})


def _text(value: Any) -> str:
    return f"{value:,}" if type(value) is int else str(value)


def table() -> dict[str, Limit]:
    """All limits by name, in the order in which they stand here."""
    return {name: value for name, value in globals().items() if isinstance(value, Limit)}


# Networks, wherever they come from.
LAYERS = Limit("a network", "layers", 1_024, "This network has {found} layers; the limit is {most}.")
NAME = Limit(
    "a network",
    "characters of a layer's name, with those of its blocks",
    120,
    "A layer's name has {found} characters; the limit is {most}.",
)
WORD = Limit(
    "a network",
    "characters of a word among the arguments",
    40,
    "A value is a number, a word, True, False or None, or a short tuple of those such as (3, 3).",
)
INPUTS = Limit("a network", "inputs of the network", 16, "This network has {found} inputs; the limit is {most}.")
OUTPUTS = Limit("a network", "outputs of the network", 64, "This network has {found} outputs; the limit is {most}.")
EDGES = Limit(
    "a network",
    "inputs that the layers name, all together",
    8_192,
    "The layers of this network name {found} inputs in all; the limit is {most}.",
)
JOINED = Limit("a network", "inputs of one layer", 128, "{type} has {found} inputs; the limit is {most}.")
ENTRIES = Limit("a network", "entries that an index may name", 2**24, "{name} is {found}; the limit is {most}.")
WIDTH = Limit("a network", "channels, features, classes", 65_536, "{name} is {found}; the limit is {most}.")
KERNEL = Limit(
    "a network",
    "kernel, stride, padding, dilation",
    1_024,
    "{name} is {found}; the limit is {most}.",
)
REPEATS = Limit(
    "a network",
    "layers inside one row (num_layers)",
    96,
    "{name} is {found}; the limit is {most}.",
)
IMAGE = Limit(
    "a network", "cells along an axis of the input", 65_536, "An input size is {found}; {expected} would work."
)
PORTS = Limit(
    "a network",
    "outputs of one layer",
    64,
    "{type} would have {found} outputs; the limit is {most}.",
)
RANK = Limit(
    "a network",
    "axes of a layer's output, with the batch axis",
    8,
    "With the batch the output would have {found} axes; the limit is {most}.",
)
MEASURED = Limit(
    "a network", "parameters, or multiply-accumulates, of a row that was measured", 2**50,
    "{name} is {found}; the limit is {most}.",
)  # fmt: skip
VALUES = Limit("a network", "values in one argument", 16, "{name} has {found} values; the limit is {most}.")

# Asking torch: the size of things is known from the closed formulas before anything is computed.
AXIS = Limit(
    "asking PyTorch",
    "cells along an axis of a feature map",
    2**24,
    "The {quantity} would be {found}; Layerscope follows at most {most} cells along an axis.",
)
RESIZED = Limit(
    "asking PyTorch",
    "cells along an axis that Upsample makes (torch fills tables of them, even for an empty batch)",
    2**18,
    "The {axis} would be {found}; Layerscope upsamples to at most {most} cells along an axis.",
)
REAL_WEIGHT = Limit("asking PyTorch", "weights that a module reserves; beyond that, they are stand-ins", 2**28)
KEPT_WEIGHT = Limit("asking PyTorch", "weights and table cells of a module that is kept for other inputs", 2**16)
TABLES = Limit(
    "asking PyTorch", "cells that PyTorch fills whatever the batch: running averages, tables of places", 2**21
)
SAMPLE = Limit(
    "asking PyTorch", "cells of the largest tensor when one real sample is run for PyTorch's own words", 2**20
)
REFUSED = Limit("asking PyTorch", "cells of a sample that PyTorch is known to refuse", 2**22)
OPERATIONS = Limit(
    "asking PyTorch", "multiply-accumulates or reads when one real sample is run for PyTorch's own words", 2**22
)
FOLLOWED = Limit("asking PyTorch", "cells along an axis up to which unread cells are searched", 2**15)
READS = Limit(
    "asking PyTorch", "cells looked up along an axis for a receptive field; beyond that, it is unknown", 20_000
)
BOXES = Limit("asking PyTorch", "boxes that together are what a map sees; beyond that, one box around them all", 32)
REPAIR_STEPS = Limit("asking PyTorch", "layers walked to find repairs; those found by then are offered", 5_000)
TASK_STEPS = Limit("asking PyTorch", "layers walked to find a task for a network; beyond that, there is none", 2_000)
CAUSE_STEPS = Limit(
    "comparing two networks", "layers walked to find what causes a difference; causes found by then are told", 2_000
)  # fmt: skip

# Links.
LINK = Limit("a link", "characters", 8_000, "This link is damaged or too large.")
LINK_TEXT = Limit("a link", "bytes once unpacked", 65_536, "This link is damaged or too large.")
FOLDS = Limit("a link", "blocks opened or closed by hand; beyond that, the newest", 48)
CLASS_LINK = Limit("a class link", "characters", 8_000, "This class link is damaged or was changed.")
CLASS_TEXT = Limit("a class link", "bytes once unpacked", 32_768, "This class link is damaged or was changed.")
QUESTION = Limit("a class link", "characters of a question", 300, "This class link is damaged or was changed.")
CONTROLS = Limit("a class link", "controls that students may change", 200, "This class link is damaged or was changed.")
GUESS = Limit("a guess", "characters; the rest is cut off", 120)
SEED = Limit("a class link", "the seed of its quiz", 9_999, "This class link is damaged or was changed.")
CHECKS = Limit(
    "a class link", "check words worked out at a time", 1, "not worked out yet, as the server is busy; reload the page"
)
CHECKS_KEPT = Limit("a class link", "links whose check words are kept", 256)

# Pasted code.
CODE = Limit("pasted code", "characters", 65_536, "The code is {found} characters long; the limit is {most}.")
CODE_LINES = Limit("pasted code", "lines", 2_000, "The code has {found} lines; the limit is {most}.")
BRACKETS = Limit("pasted code", "nested brackets", 40, "Brackets are nested {found} deep here; the limit is {most}.")
INDENTATION = Limit(
    "pasted code", "levels of indentation", 40, "Lines are indented {found} levels deep here; the limit is {most}."
)
OPERATORS = Limit(
    "pasted code",
    "operators in one expression",
    200,
    "One expression has more than {most} operators, which is the limit.",
)
LAMBDAS = Limit(
    "pasted code", "lambdas in one statement", 20, "One statement has more than {most} lambdas, which is the limit."
)
WORDS = Limit(
    "pasted code",
    "words and signs",
    13_000,
    "The code has more than {most} words and signs, which is the limit. Paste only the class.",
)
NODES = Limit(
    "pasted code",
    "parts of the syntax tree",
    9_000,
    "The code has more than {most} parts, which is the limit. Paste only the class.",
)
NESTING = Limit(
    "pasted code",
    "depth of the syntax tree",
    100,
    "Expressions are nested more than {most} deep here, which is the limit.",
)
STEPS = Limit(
    "pasted code",
    "steps that are followed, once at module level and once in its networks; a question to PyTorch is worth 15, and "
    "each tensor in it 5",
    20_000,
    "Reading this takes more than {most} steps, which is the limit. Unroll less, or paste less.",
)  # fmt: skip
ROW_STEPS = Limit("pasted code", "further steps for each layer and row so far, up to the layers of a network", 50)
TENSOR_NUMBER = Limit(
    "pasted code", "a number that PyTorch is asked about", 65_536, "{text} gives PyTorch {found}; the limit is {most}."
)
TENSOR_CELLS = Limit(
    "pasted code",
    "cells of one sample's tensor",
    2**36,
    "{text} makes a tensor of {found} cells for one sample; the limit is {most}.",
)
BASES = Limit(
    "pasted code", "classes that one is built on", 40,
    "{name} inherits from a chain of {found} classes of this code; the limit is {most}.",
)  # fmt: skip
SIZES = Limit(
    "pasted code", "comments, transforms, datasets and names that give an input size, of each; the first ones count", 64
)
PROSE = Limit("pasted code", "characters of a line of text around the code that are searched for an input size", 2_000)

# JSON.
JSON = Limit("JSON", "bytes", 262_144, "The JSON is {found} bytes long; the limit is {most}.")
JSON_DEPTH = Limit("JSON", "nested lists and objects", 8, "Lists and objects are nested more than {most} deep.")
JSON_VALUES = Limit(
    "JSON",
    "values, with those in lists and objects",
    10_000,
    "The JSON has more than {most} values, which is the limit.",
)
JSON_NUMBER = Limit("JSON", "characters of a number", 32, "A number has {found} characters; the limit is {most}.")

# Any text.
WHAT_TO_PASTE = "Paste only the class of the network; your text stays in its box."
HALF_A_CHARACTER = "The text contains half a character (a lone surrogate), which cannot be shown. Copy it again."
DRAWN = Limit("code on the page", "lines that are drawn", 2_000, "Only the first {shown} of {found} lines are shown.")
EDITED = Limit(
    "code on the page", "characters that the editor takes", 262_144,
    "This box takes {most} characters; your text has {found}. Paste only the class of the network.",
)  # fmt: skip
CORRECTIONS = Limit("code on the page", 'corrections with their own button; "Correct all" makes the others too', 12)
NAMES_SEEN = Limit("code on the page", "names around a layer's call that a correction may use", 64)
PROOFS = Limit("code on the page", "times that changed code is read again to find corrections", 24)
PROOF_STEPS = Limit("code on the page", "steps in changed code that are followed to find corrections", 25_000)
CHANGED = Limit(
    "code on the page", "lines of a correction that are shown", 12, "{shown} of {found} changed lines are shown."
)
CHANGED_LINE = Limit("code on the page", "characters shown of a line that a correction changes", 200)
COMPARED = Limit("code on the page", "lines between a correction's first and last, compared line by line", 400)
PLACES = Limit("code on the page", "stretches of code in which a click selects a layer", 4_096)

# An error's text.
ERROR = Limit("an error's text", "characters from its end; the text before them is not read", 20_000)

# Watching the server, and its log.
SLOW = Limit("a run or an answer", "milliseconds until it is logged as slow", 2_000)
SLOW_LINK = Limit("the log", "characters of a slow network's link; a longer one is left out", 1_500)
STANDSTILL = Limit(
    "the event loop",
    "milliseconds that it may be blocked before the health check fails",
    5_000,
    "The server was blocked for {found} seconds. Restart it if this happens again.",
)
UNHEALTHY = Limit("the event loop", "seconds that the health check fails after it was blocked", 30)
LOG = Limit("the log", "bytes per clock minute, so that no minute reaches a megabyte; more is only counted", 500_000)
LOG_ALIKE = Limit("the log", "bytes per minute from one place in the code; more is only counted", 100_000)
LOG_ENTRY = Limit("the log", "characters of one message or traceback; the middle of a longer one is left out", 8_000)

# What reaches the server, whoever sends it.
SESSIONS = Limit(
    "the server", "pages open at once", 300, "The server is full ({found} of {most}). Try again in a minute."
)
CONNECTIONS = Limit(
    "the server", "connections at once", 4_096, "The server has too many connections. Try again in a minute."
)
HANDSHAKE = Limit(
    "the server",
    "seconds until a connection's request arrives, or a page's first message",
    10,
    "The connection was closed.",
)
EXCHANGE = Limit("the server", "seconds for a request and its answer", 300, "The connection was closed.")
MESSAGE = Limit("the server", "bytes of one message on a page's web socket", 4_000_000, "The connection was closed.")
SHORT_MESSAGE = Limit(
    "the server", "bytes of one message on any other web socket", 262_144, "The connection was closed."
)
PIECES = Limit("the server", "pieces of one message, and pings before it", 256, "The connection was closed.")
UNFINISHED = Limit("the server", "bytes of all incomplete messages", 64_000_000, "The connection was closed.")
RUNS = Limit("the server", "runs that one page may ask for in a second; more wait", 20)
RUNS_AT_ONCE = Limit("the server", "runs that one page may ask for at once, before they wait", 40)
FILE_NAMES = Limit("an upload", "files announced at once", 8, "The request is dropped.")
FILE = Limit("an upload", "megabytes of one file", 1, "File must be {most}.0MB or smaller.")
UPLOADS = Limit(
    "an upload", "bytes of one page's files together, where its box takes no larger one", 4_194_304,
    "These files are too large together. Remove one, or choose a smaller one.",
)  # fmt: skip
ALL_UPLOADS = Limit(
    "an upload", "bytes of all visitors' files together", 67_108_864,
    "The server has too many files at the moment. Try again in a minute, or paste the code.",
)  # fmt: skip
FRAMES = Limit(
    "the operator's settings", "sites that may show the app in a frame", 16,
    "LAYERSCOPE_FRAME_ANCESTORS names {found} sites; the limit is {most}.",
)  # fmt: skip

# Previews of a slider that moves.
QUESTION_TEXT = Limit("a preview", "characters of a question", 65_536, "A question has at most {most} characters.")
BROKEN_QUESTIONS = Limit(
    "a preview", "messages that are not questions", 20, "Too many messages that are not a question."
)
QUESTIONS_WAITING = Limit("a preview", "questions of a socket that are read ahead", 4)
LINES_OF_SESSION = Limit("a preview", "sockets of a session", 2, "This page has opened another socket.")
LINES_OF_ADDRESS = Limit("a preview", "sockets of an address", 1_024, "This address has more than {most} sockets.")
ACCOUNTS = Limit("a preview", "visitors whose time is counted", 4_096)
TICKETS = Limit("a preview", "sessions whose sockets count for themselves", 1_024)

# Looking inside a network: what a forward pass of one sample takes is known before it is made.
INSIDE_VALUES = Limit(
    "looking inside", "values of weights, inputs and maps up to the layer, four bytes each", 2**25,
    "Up to {name}, this network has {found} values for one sample; this server computes at most {most}.",
)  # fmt: skip
INSIDE_OPERATIONS = Limit(
    "looking inside", "multiply-accumulates or reads up to the layer", 2**31,
    "Up to {name}, one sample takes {found} operations; this server computes at most {most}.",
)  # fmt: skip
INSIDE_MOVING = Limit(
    "looking inside", "values and operations while a slider moves; beyond that, the view waits until it stops", 2**22
)
INSIDE_CELLS = Limit(
    "looking inside", "cells that the view draws: the input's and the map's, with padding", 2**18,
    "{name} moves over {found} cells; this view draws at most {most}. Choose smaller images, or a later layer.",
)  # fmt: skip
INSIDE_CHANNELS = Limit(
    "looking inside", "cells of all input channels together; beyond that, only the chosen channel is sent", 2**13
)
INSIDE_KERNEL = Limit(
    "looking inside", "cells of a kernel along an axis", 11,
    "The kernel of {name} has {found} cells along an axis; this view shows up to {most}.",
)  # fmt: skip
INSIDE_HANDS = Limit("looking inside", "kernels set by hand; beyond that, the newest", 32)
INSIDE_WEIGHT = Limit("looking inside", "size of a weight set by hand; a larger one is refused", 1_000)
INSIDE_LINKED = Limit(
    "looking inside", "cells along an axis of a kernel set by hand that a link holds", 7,
    "A link leaves out the kernel set by hand in {name}: it has {found} cells along an axis; the limit is {most}.",
)  # fmt: skip
INSIDE_LINKED_TEXT = Limit(
    "looking inside", "characters of kernels set by hand in a link", 2_000,
    "A link leaves out the kernel set by hand in {name}: it holds only the newest kernels, up to {most} characters.",
)  # fmt: skip
INSIDE_SEED = Limit("looking inside", "seeds of random weights; then they start again", 9_999)
INSIDE_SHEET = Limit(
    "looking inside", "cells that a sheet of maps or weights sends; larger maps are sent as means of their cells", 2**16
)
INSIDE_MAPS = Limit("looking inside", "maps, or filters, on one sheet; beyond that, the first", 64)
INSIDE_KERNELS = Limit("looking inside", "kernels of each filter on one sheet; beyond that, the first", 32)
INSIDE_MATRIX = Limit("looking inside", "rows, and columns, of a matrix on a sheet; beyond that, the first", 256)
INSIDE_FOLLOWED = Limit(
    "looking inside", "cells along an axis of a map whose receptive fields are sent; of larger maps none are", 256
)
INSIDE_TENSORS = Limit("looking inside", "weight tensors of one layer that are offered; beyond that, the first", 24)
INSIDE_SET = Limit(
    "looking inside", "operations to find the images that excite a map most; the first images count", 2**33,
    "One image takes {found} operations up to {name}; this server computes at most {most} to compare images.",
)  # fmt: skip
INSIDE_SECONDS = Limit("looking inside", "seconds to find them; the images seen by then count", 3)
INSIDE_EXCITED = Limit("looking inside", "maps of a layer that are compared for a set; beyond that, the first", 2_048)
INSIDE_COVERED = Limit(
    "looking inside", "operations to cover an image square by square; larger squares where it would be more", 2**32,
    "One pass takes {found} operations; this server computes at most {most} to cover an image square by square.",
)  # fmt: skip
INSIDE_SQUARES = Limit("looking inside", "squares along an axis of an image that is covered", 14)
SET_IMAGES = Limit(
    "looking inside", "images of a set", 70_000, "{name} has {found} images; this app reads at most {most}."
)
SET_BYTES = Limit(
    "looking inside", "bytes of a set's images, unpacked", 2**26,
    "{name} has more than {most} bytes once unpacked, which is the limit.",
)  # fmt: skip
WEIGHTS_FILE = Limit(
    "looking inside", "bytes of a file with weights", 2**21,
    "The file has {found} bytes; this view takes at most {most}.",
)  # fmt: skip
WEIGHTS_FILES = Limit("looking inside", "visitors' files with weights that are kept; beyond that, the newest", 32)
PICTURE_SIDE = Limit("looking inside", "pixels along a side of your own image; the browser scales it", 224)
PICTURE_FILE = Limit(
    "looking inside", "megabytes of an image file, which the browser decodes itself", 20,
    "This file is larger than {most} MB. Choose a smaller image.",
)  # fmt: skip
PICTURES = Limit("looking inside", "visitors' own images that are kept; beyond that, the newest", 128)

# Sweeping: how many networks a sweep makes is known before the first is asked about.
SWEEP = Limit(
    "a sweep", "networks", 10_000,
    "This sweep has {found} networks; the limit is {most}. Choose fewer values, or a larger step.",
)  # fmt: skip
SWEEP_ROWS = Limit(
    "a sweep", "layers of all its networks together", 1_000_000,
    "This sweep has {networks} networks of {layers} layers, {found} layers in all; the limit is {most}. Choose fewer "
    "values.",
)  # fmt: skip
SWEEP_KEY = Limit("a sweep", "characters of what is swept, such as conv1.kernel_size", 1_000)
SWEEP_KEPT = Limit(
    "a sweep", "answers of PyTorch that are kept while it runs; beyond that, they are asked for again", 50_000
)
SWEEP_AT_ONCE = Limit("a sweep", "layers of all its networks that are swept before a button is pressed", 40_000)
SWEEPS_KEPT = Limit("a sweep", "sweeps that the server keeps, whoever asked for them; beyond that, the newest", 8)
SWEEP_BRUSHES = Limit("a sweep", "brushes of the parallel coordinates", 8)
SWEEP_LINES = Limit(
    "a sweep", "settings drawn as parallel lines", 500, "{shown} of {found} settings are drawn, evenly chosen."
)
SWEEP_TABLE = Limit("a sweep", "rows of its table on the page", 25, "The first {shown} of {found} rows are shown.")
SWEEP_FILE = Limit("a sweep", "rows of its table as Markdown or LaTeX; as CSV it has all", 1_000)
CONDITION = Limit("a condition", "characters", 300, "This condition has {found} characters; the limit is {most}.")
CONDITION_DEPTH = Limit(
    "a condition", "nested parentheses and operators", 20, "This condition is nested more than {most} deep."
)
CONDITION_NUMBER = Limit(
    "a condition", "size of a number", 10**18, "{found} is too large a number; the limit is {most}."
)

# Estimating the memory that training takes.
MEMORY_BATCH = Limit(
    "memory", "samples of a batch", 2**20, "The batch is {found}; a whole number from 1 to {most} would work."
)
MEMORY_CARD = Limit(
    "memory", "GiB of a card", 10_000, "A card of {found} GiB; a number above 0 and up to {most} would work."
)
MEMORY_ASKED = Limit(
    "memory", "rows that PyTorch is asked about, as no formula tells what they keep", 600,
    "Of more than {most} layers of this network no formula tells what they keep; this server asks PyTorch of at most "
    "{most}.",
)  # fmt: skip
MEMORY_REAL = Limit(
    "memory", "parameters, or multiply-accumulates, of an LSTM that is really run to see its workspace", 2**26
)
MEMORY_STEPPED = Limit(
    "memory", "rows of a network that is really trained for two steps, on fake tensors", 450,
    "This network has {found} rows; this server trains at most {most} of them on fake tensors (no data allocated).",
)  # fmt: skip

# Training: what a step takes is known from the closed formulas before anything is allocated.
TRAIN_LR = Limit("training", "learning rate", 100)
TRAIN_DECAY = Limit("training", "weight decay", 10)
TRAIN_BATCH = Limit("training", "images of a batch", 4_096)
TRAIN_EPOCHS = Limit("training", "epochs", 200)
TRAIN_SEED = Limit("training", "the seed", 9_999)
TRAIN_PLAN = Limit(
    "training",
    "characters of its settings as JSON",
    1_000,
    "The settings have {found} characters; the limit is {most}.",
)
TRAIN_MEMORY = Limit(
    "training", "bytes of one training step, with the optimizer's state", 2**28,
    "A training step of this network needs {found}; this server trains with at most {limit}.",
)  # fmt: skip
TRAIN_STEP = Limit(
    "training", "multiply-accumulates or reads of one batch, forward and back", 2**34,
    "One batch of this network takes {found} operations; this server computes at most {most}.",
)  # fmt: skip
TRAIN_STEP_SECONDS = Limit(
    "training", "seconds of processor time of one batch, so that a stop is soon obeyed", 2,
    "It was stopped because one batch of this network takes more than {most} seconds on this server. Choose a smaller "
    "batch, a smaller input, or smaller kernels.",
)  # fmt: skip
TRAIN_WATCHED = Limit(
    "training", "held-out images that are measured while it trains; at the end all of them are", 2_000
)
TRAIN_WATCHING = Limit(
    "training", "operations to measure held-out images while it trains; beyond that, fewer images", 2**33
)
TRAIN_READY = Limit(
    "training", "values of images that are brought to the input's size ahead; beyond that, batch by batch", 2**24
)
TRAININGS = Limit("training", "training runs that the server computes at the same time; more wait for their turn", 2)
TRAIN_WAITING = Limit(
    "training", "training runs under way, waiting or paused", 20,
    "{found} training runs are under way or waiting on this server, which is the limit. Try again in a few minutes.",
)  # fmt: skip
TRAIN_OF_ADDRESS = Limit(
    "training", "training runs of an address under way, waiting or paused", 16,
    "Your address has {found} training runs under way or waiting, which is the limit. Try again in a few minutes.",
)  # fmt: skip
TRAIN_BEGUN = Limit("training", "training runs in memory, paused ones too; more wait for their turn", 6)
TRAIN_PAUSED = Limit(
    "training", "seconds that one may pause", 600, "It was stopped after {most} seconds of pause, which is the limit."
)
TRAIN_SECONDS = Limit(
    "training", "seconds of one training run", 1_200,
    "It was stopped after {most} seconds, which is the limit here. Its script has none.",
)  # fmt: skip
TRAIN_AWAY = Limit(
    "training", "seconds that it goes on after the last page that shows it was closed", 120,
    "The training was stopped because no open page had shown it for {most} seconds.",
)  # fmt: skip
TRAIN_WATCHERS = Limit("training", "pages of one training run that are remembered; beyond that, the newest", 64)
TRAIN_KEPT = Limit("training", "finished training runs that are kept; beyond that, the newest", 16)
TRAIN_KEPT_SECONDS = Limit(
    "training", "seconds that a finished training is kept after the last visit", 3_600,
    "The training in this link is no longer on the server, which keeps a finished training for {most} seconds after "
    "the last visit, or less when newer ones need the space.",
)  # fmt: skip
TRAIN_KEPT_BYTES = Limit(
    "training", "bytes of weights, optimizer states and images of those that are kept; beyond that, the newest", 2**28
)
TRAIN_POINTS = Limit("training", "points of a curve that are drawn; of longer ones, each is the mean of several", 400)
TRAIN_SHOWN = Limit("training", "images of one cell of the confusion matrix that are shown; beyond that, the first", 24)
LESSON_TRAINED = Limit(
    "training", "operations for one image of a network that a lesson trains; a larger one is not used", 2_000_000
)
FETCH_BYTES = Limit(
    "a set that is fetched", "bytes of all its files", 200_000_000,
    "The download of {name} was stopped, as it has more than {most} bytes, which is the limit.",
)  # fmt: skip
FETCH_SECONDS = Limit(
    "a set that is fetched", "seconds of a download", 3_600,
    "The download of {name} was stopped after {most} seconds, which is the limit.",
)  # fmt: skip
FETCH_LEFT = Limit("a set that is fetched", "seconds without a look after which a page no longer counts as waiting", 10)
OWN_KEPT = Limit("your own images", "visitors' sets that are kept; beyond that, the newest", 4)
OWN_FILE = Limit(
    "your own images", "bytes of the ZIP", 2**24,
    "The ZIP has {found} bytes; the limit is {most}. Choose fewer or smaller images.",
)  # fmt: skip
OWN_ENTRIES = Limit("your own images", "entries of the ZIP", 4_000, "The ZIP has {found} entries; the limit is {most}.")
OWN_BYTES = Limit(
    "your own images", "bytes of all images, unpacked", 2**25,
    "Unpacked, the images have more than {most} bytes, which is the limit. Choose fewer or smaller images.",
)  # fmt: skip
OWN_PIXELS = Limit("your own images", "pixels of one image", 2**24, "{name} has {found} pixels; the limit is {most}.")
OWN_ALL_PIXELS = Limit(
    "your own images", "pixels of all images together", 2**28,
    "Together the images have more than {most} pixels, which is the limit. Shrink them first; Layerscope reduces "
    "each to {side}×{side} anyway.",
)  # fmt: skip
OWN_CLASSES = Limit("your own images", "classes", 100, "The ZIP has {found} classes; the limit is {most}.")

# Trials: training runs of one network with many settings.
TRIALS = Limit("trials", "settings", 200, "There would be {found} trials; the limit is {most}. Choose fewer values.")
TRIAL_KEYS = Limit(
    "trials", "hyperparameters that are tried together", 8, "{found} hyperparameters are tried; the limit is {most}."
)
TRIAL_TEXT = Limit(
    "trials", "characters of a list of values", 400, "The list has {found} characters; the limit is {most}."
)
STUDIES_OF_SESSION = Limit(
    "trials", "sets of trials of a page that run at once", 1,
    "Your trials are still running. Stop them, or wait until they are done.",
)  # fmt: skip
STUDIES_OF_ADDRESS = Limit(
    "trials", "sets of trials of an address that run at once", 48,
    "Your address runs {most} sets of trials, which is the limit. Try again in a minute.",
)  # fmt: skip
STUDIES = Limit(
    "trials", "sets of trials that run at once", 64,
    "The server runs {most} sets of trials, which is the limit. Try again in a minute.",
)  # fmt: skip
STUDIES_KNOWN = Limit("trials", "sets of trials in the server's memory; others are read from its file", 64)
KEPT = Limit("trials", "sets of trials in the server's file; beyond that, the newest", 500)
KEPT_BYTES = Limit("trials", "characters of all trials in the server's file; beyond that, the newest", 50_000_000)
FORETOLD = Limit("trials", "layers of all settings together that are looked at before a run; beyond that, none", 4_000)
IMPORTANCES = Limit("trials", "sets of trials of which it is kept what matters; beyond that, the newest", 64)
KEPT_DAYS = Limit("trials", "days that trials stay in the server's file", 30)
TRIAL_STATE = Limit(
    "trials", "bytes of the weights and optimizer state of one trial that are kept, so that it can be continued", 2**22,
    "the weights and the optimizer state take more than {most} bytes, which is the limit",
)  # fmt: skip
STATES_OF_STUDY = Limit(
    "trials", "bytes of all that is kept to continue the trials of one set; beyond that, the most accurate", 2**25
)
STATES_OF_SESSION = Limit(
    "trials", "bytes of all that is kept to continue the trials of one page; beyond that, the newest set first", 2**26
)
STATES = Limit("trials", "bytes of all that is kept to continue trials; beyond that, the newest set first", 2**28)

# Jobs: work for the workers beside the server.
JOBS_OF_SESSION = Limit(
    "jobs", "jobs of a page that wait or run", 72,
    "You have {most} jobs waiting or running, which is the limit. Wait for one, or stop one.",
)  # fmt: skip
JOBS_OF_ADDRESS = Limit(
    "jobs", "jobs of an address that wait or run", 128,
    "Your address has {most} jobs waiting or running, which is the limit. Try again in a minute.",
)  # fmt: skip
JOBS = Limit(
    "jobs", "jobs that wait or run", 192,
    "The server has {most} jobs waiting or running, which is the limit. Try again in a minute.",
)  # fmt: skip
JOBS_KEPT = Limit("jobs", "jobs that are over and whose results are kept; beyond that, the newest", 256)
JOB_TEXT = Limit("jobs", "characters of a job", 300_000, "The job has more than {most} characters, which is the limit.")
JOB_RESULT = Limit(
    "jobs", "characters of a job's result", 2**25, "The result has more than {most} characters, which is the limit."
)
JOB_SECONDS = Limit("jobs", "seconds that a job may run", 120, "Stopped after {most} seconds, which is the limit.")
JOB_TOLD = Limit("jobs", "messages about its progress that a job sends in a second", 5)
RUNNING = Limit("jobs", "jobs that run at once on a cluster; the workers of this computer are fewer", 64)
WORKERS = Limit("jobs", "worker processes of this computer", 2)
WORKERS_IDLE = Limit("jobs", "seconds without a job until the workers of this computer end", 600)
WORKER_MEMORY = Limit("jobs", "bytes of memory of a worker of this computer; beyond that, it is ended", 1_500_000_000)
DRILL_STEPS = Limit("jobs", "steps of a drill", 10_000, "{name} of a drill is a whole number from 0 to {most}.")
DRILL_MILLISECONDS = Limit(
    "jobs", "milliseconds of a step of a drill", 10_000, "{name} of a drill is a whole number from 0 to {most}."
)

# What the stage sends.
EARLIER = Limit("an event", "earlier events that come with it", 50)
EVENT_KEY = Limit("an event", "characters of its key", 200)
EVENT_TEXT = Limit("an event", "characters of its text, digits of its number", 200)
