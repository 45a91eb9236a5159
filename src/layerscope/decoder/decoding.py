"""The decoder's front door."""

from dataclasses import replace

from layerscope.decoder.answer import Decoded, in_order
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.decoder.pointing import called, failing_line, where
from layerscope.decoder.recognising import LONGEST_MESSAGE, lasting, recognise
from layerscope.network import Network
from layerscope.source.reading import Written


def decode(text: str, network: Network | None = None, written: tuple[Written, ...] | None = None) -> Decoded | None:
    """The last torch error in `text`, explained for `network` where one is given.

    `text` is a message, a line or a whole traceback; of a long paste the last 20,000 characters are read. None if it
    has no error that we know (`all_kinds.KINDS` lists those with a name and an example). `written` is what a `Reading`
    says of the code; without it some causes can be listed but not said to fit.
    """
    found = recognise(text)
    if found is None:
        return None
    whole = lasting(text)
    found = replace(found, written=written, calls=called(whole), line=failing_line(whole))
    explained = KINDS[found.kind].explain(found, network)
    message = found.message[:LONGEST_MESSAGE]
    return Decoded(
        found.kind,
        message,
        explained.says,
        explained.meanings,
        in_order(explained.causes, line=found.line_calls),
        where(found.before),
        found.then,
    )
