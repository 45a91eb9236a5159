"""From the text in the box to what the page knows of it: read, traced, compared, and what would mend it."""

from dataclasses import replace
from functools import lru_cache

from layerscope import limits
from layerscope.interchange import InterchangeError, from_json
from layerscope.network import Network
from layerscope.repair import flatten_before
from layerscope.source import repairing
from layerscope.source.corrections import mismatches
from layerscope.source.expressing import Told
from layerscope.source.labels import label_of
from layerscope.source.reader import SourceError, read_all
from layerscope.source.repairing import Correction
from layerscope.source.rereading import Reader
from layerscope.source.text import scan
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace
from layerscope.ui.misplaced import is_error
from layerscope.ui.pasted import Pasted
from layerscope.ui.typed_shapes import misfit, typed_shapes
from layerscope.ui.understood import Understood

ERROR_ALONE = (
    "It is explained below. Paste the code of your network above it too: then you see which layer fails, and how to "
    "correct it."
)
QUICK = 12
"""What part of the steps that proofs may take is nothing to speak of."""


def understood(here: Pasted) -> Understood | None:
    """What the paste means; None while the box is empty."""
    if not here.text or here.text.isspace():
        return None
    if told := _too_long(here.text):  # not kept: the text is as long as somebody likes
        hint = "" if _is_json(here.text) else f" {limits.WHAT_TO_PASTE}"
        return Understood(None, None, None, problem=f"{told}{hint}", is_too_long=True)
    return _understood(here.text, here.shape, here.class_name)


def _too_long(text: str) -> str:
    if not _is_json(text):
        return scan.too_long(text)
    return limits.JSON.sentence(found=len(text)) if len(text) > limits.JSON.most else ""


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


@lru_cache(maxsize=16)
def _understood(text: str, shape: str, class_name: str) -> Understood:
    if _is_json(text):
        try:
            network = from_json(text)
        except InterchangeError as error:
            return Understood(None, None, None, problem=str(error))
        return Understood(None, network, trace(network))
    try:
        given = typed_shapes(shape)
    except SourceError as error:
        return Understood(read_all(text), None, None, problem=error.reason)
    reading = read_all(text, given, class_name or None)
    if reading.network is None and is_error(text):
        alone = replace(reading, refusal=None, error=reading.error or text)
        return Understood(alone, None, None, problem=ERROR_ALONE, is_error=True)
    if class_name and class_name not in reading.class_names:
        reading = read_all(text, given)
    if told := misfit(reading, given or ()):
        return Understood(reading, None, None, problem=told)
    seen = trace(reading.network) if reading.network is not None else None
    chosen = class_name if class_name in reading.class_names else None
    wrong = mismatches(reading, seen) if seen is not None else ()
    reader = Reader(reading, given, chosen)
    wrong = repairing.at_origins(reader, wrong)
    repaired = repairing.corrections(reader, seen)
    refusal = reading.refusal
    found = Understood(
        reading, reading.network, seen, wrong,
        str(refusal) if refusal else "", refusal.line if refusal else None, repaired=repaired,
    )  # fmt: skip
    warned = found.warned
    if warned is None or reading.network is None or warned.name not in reading.flattens:
        return found
    return replace(found, flattened=_flattened(reader, reading.network, warned.name))


def _flattened(reader: Reader, network: Network, layer: str) -> Correction | None:
    """The code with a flatten before that layer, and with what follows where reading it is quick; None where the
    network does not run so."""
    flattened, reading = flatten_before(network, layer), reader.reading
    if flattened is None or not flattened.complete:
        return None
    edit = reading.flattens[layer]
    text, follows = replaced(reading.source, dict([edit])), list[Told]()
    if reading.steps * QUICK <= limits.PROOF_STEPS.most:
        running = reader.running(text)
        if running is None:
            return None
        text, follows = running
    label = label_of([(edit, f"flatten before {layer}")], follows)
    return Correction(label, text, (edit[0].line,), follows=bool(follows))
