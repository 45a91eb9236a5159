"""Sizes that a recurrent layer or attention cannot have, and what is handed to it in a form that it does not take."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word

_SIZES = r"(?P<name>input_size|hidden_size|num_layers|embed_dim and num_heads)"

KINDS: dict[str, Kind] = {
    "size-zero": kind(
        "A size of a recurrent layer or of attention that is 0 or less",
        "hidden_size must be greater than zero",
        (rf"{_SIZES} must be greater than (?:zero|0)",),
        fixed(
            "{name} must be at least 1.",
            Usual(
                "A division that gives 0",
                "hidden // 2 is 0 for hidden=1, and width // 64 is 0 for a width below 64.",
                "Write max(1, width // 64), or check the width.",
            ),
            Usual(
                "Arguments in the wrong order",
                "The order is nn.LSTM(input_size, hidden_size, num_layers): a 0 meant for dropout in third place "
                "becomes num_layers.",
                "Name the arguments: nn.LSTM(input_size=10, hidden_size=20, dropout=0.0).",
            ),
            pieces={"name": "the argument"},
        ),
    ),
    "size-type": kind(
        "A size of a recurrent layer that is not a whole number",
        "hidden_size should be of type int, got: float",
        (rf"{first_word('name')} should be of type (?P<wanted>int|bool), got: {word('got')}",),
        fixed(
            "{name} has the type {got}; PyTorch expects {wanted}.",
            Usual(
                "A division with /",
                "n / 2 gives a float even where nothing is left over.",
                "Write hidden // 2.",
                lambda found: found["got"] == "float",
            ),
            Usual(
                "A value from a file or the command line",
                "Values from argparse, JSON or an entry field are often text.",
                "Write int(hidden), or type=int in add_argument.",
                lambda found: found["got"] == "str",
            ),
            Usual(
                "A flag that is something else",
                "bias and batch_first are True or False.",
                "Write bias=True or bias=False.",
                lambda found: found["wanted"] == "bool",
                only=True,
            ),
            pieces={"name": "the argument", "got": "its type"},
        ),
    ),
    "projection": kind(
        "proj_size for a layer that is not an LSTM",
        "proj_size argument is only supported for LSTM, not RNN or GRU",
        (r"proj_size argument is only supported for LSTM, not RNN or GRU",),
        fixed(
            "Only nn.LSTM has proj_size, which makes its output smaller.",
            Usual(
                "A smaller output for a GRU or RNN",
                "A Linear after the layer does the same.",
                "Write out, h = gru(x), then fc(out) with fc a Linear.",
            ),
        ),
    ),
    "two-states": kind(
        "An LSTM that is not given two states",
        "lstm expects two hidden states",
        (r"lstm expects two hidden states",),
        fixed(
            "The state of an LSTM is a tuple of exactly two tensors, the hidden state and the cell state.",
            Usual(
                "A list of the states of several layers",
                "All layers share one pair: its tensors have the layers on axis 0.",
                "Stack them: lstm(x, (torch.stack(hs), torch.stack(cs))).",
            ),
        ),
    ),
    "no-steps": kind(
        "A sequence without steps",
        "Expected sequence length to be larger than 0 in RNN",
        (r"Expected sequence length to be larger than 0 in RNN",),
        fixed(
            "The sequence is empty: a recurrent layer needs at least one step.",
            Usual(
                "An empty text or an empty cut",
                "A sentence without known words, or x[start:stop] with start at the end, has no steps.",
                "Leave such samples out of the data: [s for s in samples if len(s) > 0].",
            ),
            Usual(
                "The axes are in another order",
                "Without batch_first=True axis 0 is the steps: an empty batch then counts as no steps.",
                "Print x.shape before this line.",
            ),
        ),
    ),
    "total-length": kind(
        "A total_length shorter than the longest sequence",
        "Expected total_length to be at least the length of the longest sequence in input, but got total_length=3 and "
        "max sequence length being 5",
        (
            r"Expected total_length to be at least the length of the longest sequence in input, but got total_length="
            rf"{number('given')} and max sequence length being {number('longest')}",
        ),
        fixed(
            "total_length is {given}, but the longest sequence in the batch has {longest} steps.",
            Usual(
                "A length of another batch",
                "total_length only adds padding, so that all batches have one length. It cuts nothing off.",
                "Use the length before packing: pad_packed_sequence(packed, batch_first=True, total_length=x.size(1)).",
            ),
            pieces={"given": "total_length", "longest": "steps of the longest sequence"},
        ),
    ),
    "pad-numbers": kind(
        "pad_sequence of numbers in place of sequences",
        "ArrayRef: invalid slice, N = 1; size = 0",
        (r"ArrayRef: invalid slice, N = \d{1,6}; size = \d{1,6}",),
        fixed(
            "pad_sequence takes a list of tensors with at least one axis each; these are single numbers.",
            Usual(
                "One sequence in place of a list",
                "A tensor is looped over along its first axis, so one sequence becomes a list of numbers.",
                "Put it into a list: pad_sequence([x], batch_first=True).",
            ),
        ),
    ),
}
