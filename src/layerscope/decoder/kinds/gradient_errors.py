"""What torch says of backward."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word


def _of_leaf(found: Found) -> bool:
    return bool(found["leaf"])


def _of_weights(found: Found) -> bool:
    """Whether a weight was changed: a Linear layer's is turned before it is used, others belong to no step, and each
    step of an optimizer counts."""
    steps = found["version"] != "" and len(found["version"]) > len("99")
    return found["maker"].startswith(("AsStrided", "TBackward")) or (steps and not found["maker"])


def _of_value(found: Found) -> bool:
    return not _of_leaf(found) and not _of_weights(found)


KINDS: dict[str, Kind] = {
    "no-grad": kind(
        "Nothing to train",
        "element 0 of tensors does not require grad and does not have a grad_fn",
        (r"element \d{1,9} of (?:tensors|variables) does not require grad",),
        fixed(
            "The loss does not depend on any trainable weight.",
            Usual(
                "Computed under no_grad",
                "Under torch.no_grad() nothing is recorded.",
                "Use it only for evaluation, not for training.",
            ),
            Usual(
                "Frozen weights",
                "requires_grad=False was set for all of them.",
                "Keep at least the last layer trainable.",
            ),
            Usual(
                "The path to the weights was cut",
                "No gradient flows through detach, item, numpy and argmax.",
                "Compute the loss directly from the network's outputs.",
            ),
        ),
    ),
    "backward-twice": kind(
        "backward called twice",
        "Trying to backward through the graph a second time",
        (r"Trying to backward through the graph a second time",),
        fixed(
            "backward frees the graph it goes through, so a second call finds nothing.",
            Usual(
                "The same loss twice",
                "Each batch needs its own forward pass.",
                "Compute outputs and loss inside the loop, then call backward once.",
            ),
            Usual(
                "A state carried over between batches",
                "A tensor kept from the previous batch brings its whole history.",
                "Write state = state.detach() between batches; total += loss.item() for a sum.",
            ),
        ),
    ),
    "out-gradient": kind(
        "A function that writes into a tensor that is trained",
        "add(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
        "requires grad.",
        (r"functions with out=\.\.\. arguments don't support automatic differentiation",),
        fixed(
            "out= writes into a tensor that exists, and gradients cannot flow through that.",
            Usual(
                "out= in code that trains",
                "The result of a function is a new tensor, through which gradients flow.",
                "Leave out out=: y = torch.add(x, 1).",
            ),
            Usual(
                "No gradients are needed",
                "For a computation outside training nothing has to be recorded.",
                "Write with torch.no_grad(): around it.",
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
                "A loss with reduction='none', or the outputs themselves, have many values.",
                "Write loss.mean().backward().",
            ),
        ),
    ),
    "in-place": kind(
        "A value that was overwritten before backward",
        "one of the variables needed for gradient computation has been modified by an inplace operation",
        (
            r"one of the variables needed for gradient computation has been modified by an inplace operation"
            rf"(?:: \[[\w.]{{1,40}} \[[\d, ]{{0,60}}\]\](?:, which is output \d{{1,9}} of {word('maker')},)? is at "
            rf"version {number('version')}; expected version {number('expected')})?",
            r"a (?:view of a )?(?P<leaf>leaf) Variable that requires grad is being used in an in-place operation",
            r"(?P<leaf>leaf) variable has been moved into the graph interior",
        ),
        fixed(
            "backward needs values of the forward pass, and one of them has been overwritten.",
            Usual(
                "A value changed in place",
                "x += y, x[0] = y, relu_ and inplace=True overwrite a value that the layer before needs.",
                "Write x = x + y, and nn.ReLU() without inplace=True.",
                _of_value,
            ),
            Usual(
                "The weights changed before backward",
                "optimizer.step() ran between the forward pass and backward, as can happen with two losses.",
                "Call backward for all losses, then step; or compute the outputs again after step.",
                _of_weights,
            ),
            Usual(
                "A state carried over between batches",
                "A tensor kept from the previous batch belongs to weights that have changed since.",
                "Write state = state.detach() between batches.",
            ),
            Usual(
                "A weight changed by hand",
                "A tensor with requires_grad=True cannot be overwritten while gradients are recorded.",
                "Write with torch.no_grad(): around it, as for w -= lr * w.grad.",
                _of_leaf,
            ),
            pieces={
                "maker": "the step that made the value",
                "version": "how often it was changed",
                "expected": "how often it had been changed when it was used",
            },
        ),
    ),
}
