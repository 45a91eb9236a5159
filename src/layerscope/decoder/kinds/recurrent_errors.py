"""What recurrent layers say of their input, their hidden state, and of sequences that are packed."""

from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word
from layerscope.explain import written_count
from layerscope.formatting import shape_text
from layerscope.network import Network

BATCH_FIRST = "Write batch_first=True in the layer; then the input is (batch, length, features)."

BATCHES = 8
"""Batch sizes are usually a multiple of it, except for the last batch; lengths need not be."""


def explain_input(found: Found, _network: Network | None) -> Explanation:
    """input.size(-1) must be equal to input_size. Expected 10, got 8."""
    wanted, got = found.number("wanted"), found.number("got")
    meanings = ((f"{wanted}", "the layer's input_size"), (f"{got}", "the last axis of the input"))
    causes = []
    if wanted == 1:
        why = f"Even one number per step needs its own axis; {got} seems to be the length of the sequences."
        causes.append(Cause("The feature axis is missing", why, "Write x.unsqueeze(-1) before the layer."))
    causes += [
        Cause(
            "input_size is not the number of features",
            f"At each step the layer expects {written_count(wanted, 'value')} but gets {got}, from the "
            f"Embedding or "
            "layer before it, or the columns of your data.",
            f"Write input_size={got} in this layer, or give the layer before it {written_count(wanted, 'output')}.",
        ),
        Cause(
            "The features are not the last axis",
            "batch_first=True swaps only batch and length; the features are always last. A Conv1d has "
            "its channels on axis 1.",
            "Write x.transpose(1, 2) before the layer.",
        ),
    ]
    says = f"The recurrent layer expects {written_count(wanted, 'feature')} at each step but gets {got:,}."
    return Explanation(says, meanings, tuple(causes))


def explain_hidden(found: Found, _network: Network | None) -> Explanation:
    """Expected hidden[0] size (1, 3, 16), got [1, 8, 16]: layers × directions, the batch, hidden_size."""
    wanted, got = found.sizes("wanted"), found.sizes("got")
    axes = "layers × directions, then the batch, then hidden_size"
    meanings = ((found["wanted"], f"the state that fits the layer and the input: {axes}"), (found["got"], "your state"))
    causes = list(_hidden(wanted, got)) if len(wanted) == len(got) == 3 else []
    if len(got) == 2 and got == wanted[1:]:
        why = f"A state is {axes}; yours is only {shape_text(got)}, as a cell's is."
        causes.append(Cause("The state lacks the layer axis", why, "Write h.unsqueeze(0); for an LSTM both, h and c."))
    general = Cause(
        "A state made by hand",
        "Without a state, the layer starts from zeros of the right shape.",
        "Leave it out: out, state = layer(x).",
    )
    says = f"The hidden state must be {shape_text(wanted)}, but is {shape_text(got)}."
    return Explanation(says, meanings, in_order([*causes, general]))


def _hidden(wanted: tuple[int, ...], got: tuple[int, ...]) -> Iterator[Cause]:
    if wanted[0] != got[0]:
        why = f"A state has one part per layer and direction: {wanted[0]} here, but yours has {got[0]}."
        yield Cause("Layers or directions were miscounted", why, f"Write {wanted[0]} for the first size of the state.")
    if wanted[2] != got[2]:
        why = f"The layer's hidden_size is {wanted[2]}, but your state has {got[2]}."
        yield Cause("A different hidden_size", why, f"Write {wanted[2]} for the last size of the state.")
    if wanted[1] == got[1]:
        return
    last = Cause(
        "The last batch is smaller",
        f"The state was made for a batch of {got[1]}, but this one has {wanted[1]}.",
        f"Make it for each batch: torch.zeros({got[0]}, x.size(0), {got[2]}), with x.size(1) unless batch_first=True; "
        "or give the DataLoader drop_last=True.",
    )
    first = Cause(
        "batch_first=True is missing",
        f"Without it, axis 1 counts as the batch, here {wanted[1]}, though that may be the length of the sequences.",
        BATCH_FIRST,
    )
    length = Cause(
        "The state is made for the length, not for the batch",
        f"Without batch_first=True the input is (length, batch, features), so x.size(0) is the length: {got[1]}?",
        "Write x.size(1) for the second size of the state, or batch_first=True in the layer with the batch first.",
    )
    if wanted[1] > got[1]:
        yield from (first, length, last)
    elif got[1] % BATCHES:
        yield from (length, last, first)
    else:
        yield from (last, first, length)


KINDS: dict[str, Kind] = {
    "rnn-backward": kind(
        "backward through a recurrent layer after eval()",
        "cudnn RNN backward can only be called in training mode",
        (r"(?:cudnn RNN backward|backward_(?:input|weight)) can only be called in training mode",),
        fixed(
            "After net.eval() the graphics card keeps nothing of a recurrent layer for backward.",
            Usual(
                "eval() before backward",
                "A validation step often calls net.eval(), and nobody calls net.train() after it.",
                "Write net.train() at the beginning of each epoch.",
            ),
            Usual(
                "Gradients are wanted in evaluation",
                "Attacks and saliency maps need gradients of a network that does not train.",
                "Write with torch.backends.cudnn.flags(enabled=False): around the forward pass.",
            ),
        ),
    ),
    "rnn-input": kind(
        "A recurrent layer for a different number of features",
        "input.size(-1) must be equal to input_size. Expected 10, got 8",
        (
            rf"input\.size\(-1\) must be equal to input_size\. Expected {number('wanted')}, got {number('got')}",
            rf"input has inconsistent input_size: got {number('got')},? expected {number('wanted')}",
        ),
        explain_input,
    ),
    "rnn-axes": kind(
        "Too few or too many axes for a recurrent layer",
        "LSTM: Expected input to be 2D or 3D, got 4D instead",
        (
            r"(?P<layer>LSTM|GRU|RNN|LSTMCell|GRUCell|RNNCell): Expected input to be (?P<axes>\dD or \dD), "
            rf"(?:but )?got {number('given')}D(?: tensor)? instead",
            r"(?P<layer>LSTM|GRU|RNN|LSTMCell|GRUCell|RNNCell): Expected input to be (?P<axes>\d-D or \d-D) but "
            rf"received {number('given')}-D tensor",
            rf"input must have (?P<axes>\d) dimensions, got {number('given')}",
        ),
        fixed(
            "A recurrent layer reads sequences: (length, batch, features), or (batch, length, features) with "
            "batch_first=True. A cell reads one step: (batch, features).",
            Usual(
                "Maps instead of a sequence",
                "A convolution outputs (batch, channels, height, width); the layer expects one row of features per "
                "step.",
                "Make the columns the steps: x.permute(0, 3, 1, 2).flatten(2), of shape (batch, width, channels × "
                "height).",
                lambda found: found["given"] == "4",
            ),
            Usual(
                "The feature axis is missing",
                "Even one number per step needs its own axis.",
                "Write x.unsqueeze(-1), with input_size=1.",
                lambda found: found["given"] in ("1", "2"),
            ),
            Usual(
                "A whole sequence for a cell",
                "LSTMCell, GRUCell and RNNCell take one step at a time.",
                "Write a loop over the steps: for step in x.unbind(1): state = cell(step, state).",
                lambda found: found["layer"].endswith("Cell"),
            ),
            pieces={"layer": "the layer", "axes": "the axes that it takes"},
        ),
    ),
    "rnn-hidden": kind(
        "A hidden state of the wrong size",
        "Expected hidden[0] size (1, 3, 16), got [1, 8, 16]",
        (
            r"Expected hidden(?:\[[01]\])? size (?P<wanted>\(\d{1,9}, \d{1,9}, \d{1,9}\)), "
            r"got (?P<got>[\[(]\d{1,9}(?:, \d{1,9}){0,4}[\])])",
        ),
        explain_hidden,
    ),
    "rnn-hidden-axes": kind(
        "A hidden state with an axis too few or too many",
        "For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors",
        (
            rf"For (?:un)?batched (?P<input>\d)-D input, hx (?:and cx )?should also be \d-D but got "
            rf"\(?{number('given')}"
            r"-D(?:, \d-D\))? tensors?",
        ),
        fixed(
            "Input and hidden state must both have a batch axis, or neither.",
            Usual(
                "The state lacks the layer axis",
                "A state is (layers × directions, batch, hidden_size), even for one layer.",
                "Write h.unsqueeze(0) for each part of the state.",
                lambda found: found["input"] == "3",
            ),
            Usual(
                "The input lacks its batch axis",
                "A single sequence is (length, features); with a state of 3 axes it must be a batch of one.",
                "Write x.unsqueeze(0) with batch_first=True, x.unsqueeze(1) without.",
                lambda found: found["input"] == "2",
            ),
            pieces={"input": "the axes of the input"},
        ),
    ),
    "cell-state": kind(
        "An LSTM state that is not a pair",
        "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor",
        (
            rf"{first_word('function', 30)}\(\): argument 'hx' \(position \d\) must be tuple of Tensors, not "
            rf"{word('given', 30)}",
        ),
        fixed(
            "The state of an LSTM is two tensors, (h, c), but it gets {given}.",
            Usual(
                "Only h was given",
                "A GRU or RNN has one state; an LSTM has two: h, which is also its output, and its memory c.",
                "Pass both as a tuple (h, c), such as (torch.zeros_like(h), torch.zeros_like(h)).",
            ),
            Usual(
                "The output instead of the state",
                "LSTMCell returns (h, c), and the next step needs both.",
                "Write state = cell(x, state), and use state[0] as the output.",
            ),
            pieces={"function": "PyTorch's function for the layer", "given": "what was given"},
        ),
    ),
    "cell-batch": kind(
        "A cell's state with the wrong batch or width",
        "Input batch size 3 doesn't match hidden0 batch size 2",
        (
            rf"Input batch size {number('input')} doesn't match hidden[01]?(?:\[[01]\])? batch size {number('given')}",
            rf"hidden[01]?(?:\[[01]\])? has inconsistent hidden_size: got {number('given')}, expected "
            rf"{number('input')}",
        ),
        fixed(
            "A cell's state is (batch, hidden_size): the batch of the input and the layer's hidden_size.",
            Usual(
                "A state made for another batch",
                "The last batch of a DataLoader is smaller.",
                "Make it for each batch: torch.zeros(x.size(0), cell.hidden_size).",
            ),
            pieces={"input": "what the layer expects", "given": "what the state has"},
        ),
    ),
}
