"""What torch says of backward."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word


def _of_leaf(found: Found) -> bool:
    return bool(found["leaf"])


def _of_weights(found: Found) -> bool:
    """Whether a Linear layer's weight was changed, which is turned before it is used."""
    return found["maker"].startswith(("AsStrided", "TBackward"))


def _of_value(found: Found) -> bool:
    return not _of_leaf(found) and not _of_weights(found)


KINDS: dict[str, Kind] = {
    "no-grad": kind(
        "Nothing to train",
        "element 0 of tensors does not require grad and does not have a grad_fn",
        (r"element \d{1,9} of (?:tensors|variables) does not require grad",),
        fixed(
            "The loss does not depend on any weight that is to be trained.",
            Usual(
                "Computed under no_grad",
                "torch.no_grad() records nothing.",
                "Train outside of it; it is for evaluation.",
            ),
            Usual(
                "Frozen weights", "requires_grad=False was set for all of them.", "Leave at least the last layer free."
            ),
            Usual(
                "The way was cut",
                "detach, item, numpy and argmax end the gradient's way.",
                "Compute the loss from the network's outputs themselves.",
            ),
        ),
    ),
    "backward-twice": kind(
        "backward called twice",
        "Trying to backward through the graph a second time",
        (r"Trying to backward through the graph a second time",),
        fixed(
            "backward throws away what it went through; a second time nothing is left.",
            Usual(
                "The same loss twice",
                "Each batch needs a forward pass of its own.",
                "Compute outputs and loss inside the loop, then call backward once.",
            ),
            Usual(
                "A state that is carried along",
                "A tensor kept from the batch before brings its whole history.",
                "Write state = state.detach() between batches; total += loss.item() for a sum.",
            ),
        ),
    ),
    "not-scalar": kind(
        "backward of more than one number",
        "grad can be implicitly created only for scalar outputs",
        (r"grad can be implicitly created only for scalar outputs",),
        fixed(
            "backward starts from one number, the loss; here there are several.",
            Usual(
                "No mean taken",
                "A loss with reduction='none', or the outputs themselves.",
                "Write loss.mean().backward().",
            ),
        ),
    ),
    "in-place": kind(
        "A value that was overwritten before backward",
        "one of the variables needed for gradient computation has been modified by an inplace operation",
        (
            r"one of the variables needed for gradient computation has been modified by an inplace operation"
            rf"(?:: \[[\w.]{{1,40}} \[[\d, ]{{0,60}}\]\], which is output \d{{1,9}} of {word('maker')}, is at version "
            rf"{number('version')}; expected version {number('expected')})?",
            r"a (?:view of a )?(?P<leaf>leaf) Variable that requires grad is being used in an in-place operation",
        ),
        fixed(
            "backward needs values of the forward pass, and one of them was overwritten meanwhile.",
            Usual(
                "A value that was changed in place",
                "x += y, x[0] = y, relu_ and inplace=True write over a value that the layer before needs.",
                "Write x = x + y, and nn.ReLU() without inplace=True.",
                _of_value,
            ),
            Usual(
                "The weights changed before backward",
                "optimizer.step() came between the forward pass and backward, as with two losses or two networks.",
                "Call backward for all losses, then step; or compute the outputs anew after step.",
                _of_weights,
            ),
            Usual(
                "A state that is carried along",
                "A tensor kept from the batch before belongs to weights that have changed since.",
                "Write state = state.detach() between batches.",
            ),
            Usual(
                "A weight changed by hand",
                "A tensor with requires_grad=True may not be written over while gradients are recorded.",
                "Do it within with torch.no_grad():, as in w -= lr * w.grad.",
                _of_leaf,
            ),
            pieces={
                "maker": "what made the value",
                "version": "how often it was changed",
                "expected": "how often it was changed when it was used",
            },
        ),
    ),
}
