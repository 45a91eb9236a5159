"""What torch.vmap and the other function transforms of torch.func say: they run a function once for a whole batch."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, signed

KINDS: dict[str, Kind] = {
    "vmap-value": kind(
        "A single value asked for inside vmap",
        "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
        "Tensor",
        (
            r"vmap: It looks like you're (?P<what>calling \.item\(\) on a Tensor|attempting to use a Tensor in some "
            r"data-dependent control flow)",
            r"Cannot access data pointer of Tensor that doesn't have storage",
        ),
        fixed(
            "vmap runs the function once for all samples, so inside it a tensor has no single value that Python could "
            "read.",
            Usual(
                "item(), float(), int() or tolist()",
                "They turn a tensor into a Python number, and here there is one for each sample.",
                "Keep the tensor: write x.sum() instead of float(x.sum()), and call item() outside of vmap.",
            ),
            Usual(
                "An if or while on a tensor",
                "Each sample would need its own way through the function.",
                "Compute both and choose by value: torch.where(x > 0, x, -x).",
                lambda found: "control" in found["what"],
            ),
        ),
    ),
    "vmap-random": kind(
        "Random numbers inside vmap",
        "vmap: called random operation while in randomness error mode.",
        (r"vmap: called random operation while in randomness error mode",),
        fixed(
            "vmap must know whether all samples get the same random numbers or each its own.",
            Usual(
                "A Dropout, or noise, in the function",
                "By default vmap refuses to choose.",
                'Write torch.vmap(f, randomness="different"); or call net.eval() first, if it is a Dropout.',
            ),
        ),
    ),
    "vmap-sizes": kind(
        "Inputs of different lengths for vmap",
        "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [3, 4] for the mapped "
        "dimension",
        (
            r"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            r"\[(?P<sizes>[\d, ]{1,60})\]",
        ),
        fixed(
            "vmap goes along one axis of each input together, so these must be equally long: they are {sizes}.",
            Usual(
                "One input is shared by all samples",
                "Weights or a matrix for all samples have no axis to go along.",
                "Keep it out of the inputs: torch.vmap(lambda x: f(x, shared))(xs).",
            ),
            Usual(
                "The batch is on another axis",
                "in_dims names the axis for each input; without it that is axis 0.",
                "Name it: torch.vmap(f, in_dims=(0, 1)).",
            ),
            pieces={"sizes": "the sizes along the axes that vmap goes along"},
        ),
    ),
    "vmap-axis": kind(
        "in_dims that does not fit the inputs of vmap",
        "vmap(f, in_dims=1, ...)(<inputs>): Got in_dim=1 for some input, but that input is a Tensor of dimensionality "
        "1 so expected in_dim to satisfy -1 <= in_dim < 1.",
        (
            rf"Got in_dim={signed('axis')} for some input, but that input is a Tensor of dimensionality "
            rf"{number('axes')}",
            rf"Got in_dim={signed('axis')} for an input but the input is of type <class '(?P<kind>[\w.]{{1,60}})'>",
            r"in_dims is not compatible with the structure of `inputs`",
        ),
        fixed(
            "in_dims names an axis for each input of the function, the one along which its samples lie.",
            Usual(
                "A number among the inputs",
                "Only tensors have an axis to go along; the input is of the type {kind}.",
                "Keep it out of the inputs: torch.vmap(lambda x: f(x, number))(xs).",
                lambda found: bool(found["kind"]),
                only=True,
            ),
            Usual(
                "An axis that the input does not have",
                "The input has {axes} axes, counted from 0.",
                "Write the axis of the batch: torch.vmap(f, in_dims=0).",
                lambda found: bool(found["axes"]),
                only=True,
            ),
            Usual(
                "One entry for each argument is needed",
                "in_dims as a tuple must be as long as the function has arguments.",
                "For two arguments write torch.vmap(f, in_dims=(0, 0)).",
            ),
            pieces={"axis": "the axis in in_dims", "axes": "how many axes the input has", "kind": "its type"},
        ),
    ),
    "vmap-inputs": kind(
        "vmap of a function without inputs",
        "vmap(f)(<inputs>): got no inputs.",
        (r"vmap\([\w<>.]{1,60}\)\(<inputs>\): got no inputs",),
        fixed(
            "vmap goes along an axis of the inputs, and there are none.",
            Usual(
                "The inputs were not passed",
                "torch.vmap(f) gives a new function, which still has to be called.",
                "Write torch.vmap(f)(x).",
            ),
        ),
    ),
    "vmap-result": kind(
        "A result of vmap that is not a tensor",
        "vmap(f, ...): `f` must only return Tensors, got type <class 'int'>.",
        (r"` must only return Tensors, got type <class '(?P<kind>[\w.]{1,60})'>",),
        fixed(
            "vmap puts the results of all samples together into tensors, so the function may return only tensors.",
            Usual(
                "A number, a text or nothing is returned",
                "It returns a value of the type {kind}.",
                "Return a tensor, such as torch.as_tensor(value), or leave it out of the return.",
            ),
            pieces={"kind": "the type of what is returned"},
        ),
    ),
    "vmap-shapes": kind(
        "Results of different sizes inside vmap",
        "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
        "aten::nonzero.",
        (
            r"vmap: We do not support batching operators that can (?:output|support) dynamic shape"
            r"(?:\. Attempted to vmap over aten::(?P<name>\w{1,40}))?",
        ),
        fixed(
            "How many values come out would differ from sample to sample, and vmap keeps all results in one tensor.",
            Usual(
                "x[mask], nonzero or unique",
                "Each sample has another number of values that are picked.",
                "Keep the size, and put a value in place of the others: torch.where(mask, x, 0.0).",
            ),
            pieces={"name": "the function"},
        ),
    ),
    "vmap-batchnorm": kind(
        "BatchNorm inside vmap",
        "Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in "
        "place, were not batched.",
        (r"Batch norm got a batched tensor as input while the running_mean or running_var",),
        fixed(
            "BatchNorm updates its running averages from the whole batch, which one sample inside vmap cannot do.",
            Usual(
                "Gradients for each sample need another norm",
                "With BatchNorm the samples depend on each other, so there is no gradient of one alone.",
                "Use nn.GroupNorm, or nn.BatchNorm2d(channels, track_running_stats=False).",
            ),
            Usual(
                "The network is in training mode",
                "In evaluation mode nothing is updated.",
                "Call net.eval() first.",
            ),
        ),
    ),
    "grad-scalar": kind(
        "The gradient of more than one number",
        "grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor, got tensor with 1 dims.",
        (
            rf"grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a scalar tensor, got tensor with "
            rf"{number('axes')} dims",
            rf"grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a scalar Tensor, got tensor with "
            rf"{number('axes')} dims",
            r"grad_and_value\(f\)\(\*args\): Expected f\(\*args\) to return a (?:T|t)ensor, got <class "
            r"'(?P<kind>[\w.]{1,60})'>",
        ),
        fixed(
            "torch.func.grad takes the gradient of one number, so the function must return a tensor without axes.",
            Usual(
                "Something else than a tensor is returned",
                "It returns a value of the type {kind}.",
                "Return the loss alone; for more values write torch.func.grad(f, has_aux=True) and return loss, more.",
                lambda found: bool(found["kind"]),
                only=True,
            ),
            Usual(
                "A loss for each sample",
                "The result has {axes} axes.",
                "Return loss.mean(); for all values at once use torch.func.jacrev(f).",
                lambda found: bool(found["axes"]),
                only=True,
            ),
            pieces={"axes": "how many axes the result has", "kind": "its type"},
        ),
    ),
    "stack-models": kind(
        "No models to stack",
        "stack_module_state: Expected at least one model, got 0.",
        (r"stack_module_state: Expected at least one model, got 0",),
        fixed(
            "stack_module_state puts the weights of several models together, and its list is empty.",
            Usual(
                "The list is filled later, or not at all",
                "It is read once, when the function is called.",
                "Make the models first: models = [Net() for _ in range(5)].",
            ),
        ),
    ),
}
