"""What torch.jit says of code that it cannot translate, and autograd of functions of one's own."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

TRACE = Usual(
    "A trace needs no translation",
    "torch.jit.trace runs the network once and records what torch computes. An if on values is recorded one way only.",
    "Write torch.jit.trace(net, torch.rand(1, 3, 224, 224)), with your input's size.",
)


def _what(*parts: str) -> Sign:
    """A sign that what is not supported has one of these in its name."""
    return lambda found: any(part in found.message for part in parts)


def _is_torch_s(found: Found) -> bool:
    """Whether the function is one of torch's own: since torch 1.10 their names end with a number."""
    name = found["name"]
    return bool(found["place"]) and (name[-1:].isdigit() or name.startswith(("Cudnn", "Thnn", "Mkldnn", "Native")))


def _said(found: Found) -> bool:
    return bool(found["name"])


KINDS: dict[str, Kind] = {
    "script-unsupported": kind(
        "torch.jit.script cannot translate this Python",
        "NotSupportedError: Compiled functions can't take variable number of arguments or use keyword-only arguments "
        "with defaults",
        (
            r"(?:torch\.jit\.frontend\.)?(?:NotSupported|UnsupportedNode)Error: ?(?P<what>Compiled functions "
            r"can't take variable number of arguments|[^:\n]{1,120}?(?=:| File|$))",
            r"Python builtin <built-in (?:method|function) (?P<what>\w{1,40})[^>]{0,80}> is currently not supported in "
            r"Torchscript",
        ),
        fixed(
            "torch.jit.script translates the code of forward, and knows only a part of Python.",
            Usual(
                "*args, **kwargs or keyword-only arguments",
                "Every argument of forward needs a name and a type; arguments without a hint are tensors.",
                "Write them out: def forward(self, x: torch.Tensor, scale: float = 1.0):",
                _what("variable number of arguments"),
            ),
            Usual(
                "A comprehension with an if, a lambda, try or import",
                "These words of Python do not exist in TorchScript.",
                "Write a plain loop with an if inside, and move the rest out of forward.",
                _what("omprehension", "Lambda", "try", "import", "with ", "yield"),
            ),
            Usual(
                "Only a helper is not translated",
                "A method that is not needed for the result can be left to Python, or left out.",
                "Put @torch.jit.unused or @torch.jit.ignore above the method.",
            ),
            TRACE,
            pieces={"what": "what is not supported"},
        ),
    ),
    "script-types": kind(
        "torch.jit.script takes a value for another type",
        "Expected a value of type 'Tensor (inferred)' for argument 'n' but instead found type 'int'.",
        (
            rf"Expected a value of type '(?P<wanted>[\w\[\], ().]{{1,60}})' for argument "
            rf"'(?:(?P<name>\w{{1,40}})|<\w{{1,20}}>)' but instead found type '{word('got', 60)}",
            r"Type mismatch: (?P<name>\w{1,40}) is set to type (?P<wanted>[\w\[\]., ]{1,40}?) in the true "
            r"branch and type "
            r"(?P<got>[\w\[\].]{1,40})",
            r"'Tensor \(inferred\)' object has no attribute or method '(?P<method>\w{1,40})'",
            r"failed to convert Python type: '(?P<got>\w{1,40})' to a TorchScript type",
            r"Expected integer literal for index but got a variable or non-integer",
        ),
        fixed(
            "In TorchScript every value has one type, and arguments without a hint count as tensors.",
            Usual(
                "A type hint is missing",
                "{name} counts as {wanted}, but is {got}.",
                "Write the type in the def line: def forward(self, x: torch.Tensor, n: int):",
                _said,
                only=True,
            ),
            Usual(
                "A division made a float",
                "In Python, / gives a float even when the result is whole, and sizes must be whole numbers.",
                "Write x.size(0) // 2, with two slashes, or int(n).",
                lambda found: found["got"] == "float" and not found["name"],
                only=True,
            ),
            Usual(
                "A method that TorchScript does not have",
                "numpy, and what packages add to tensors, exists only in Python.",
                "Do it outside forward, on the output.",
                lambda found: bool(found["method"]),
                only=True,
            ),
            Usual(
                "Layers in a plain Python list",
                "TorchScript must know them as layers.",
                "Write nn.ModuleList(layers) in __init__.",
                lambda found: found["got"] in ("list", "dict", "tuple") and not found["name"],
                only=True,
            ),
            Usual(
                "A ModuleList with a computed index",
                "Which layer runs must be known before.",
                "Write for layer in self.layers: x = layer(x).",
                _what("integer literal"),
                only=True,
            ),
            TRACE,
            pieces={
                "name": "the value",
                "wanted": "the expected type",
                "got": "the actual type",
                "method": "the method",
            },
        ),
    ),
    "legacy-function": kind(
        "An autograd function written for torch before 1.3",
        "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function "
        "with static forward method.",
        (r"Legacy autograd function(?:s)? (?:with|object) [\w -]{1,40}(?:is|are) deprecated",),
        fixed(
            "Since torch 1.3, forward and backward of a torch.autograd.Function are static methods.",
            Usual(
                "Code from an old repository",
                "The function gets ctx instead of self, and it is called with apply.",
                "Put @staticmethod above forward(ctx, x) and backward(ctx, grad), use ctx instead of self, and write "
                "Square.apply(x) instead of Square()(x).",
            ),
            Usual(
                "A package that is older than your torch",
                "A newer version of it has the new form.",
                "Update the package that the traceback names.",
            ),
        ),
    ),
    "function-saves": kind(
        "save_for_backward with something other than tensors",
        "save_for_backward can only save variables, but argument 0 is of type int",
        (
            rf"save_for_backward can only save variables, but argument {number('place')} is of type "
            rf"{word('given', 30)}",
            rf"save_for_backward can only save input or output tensors, but argument {number('place')} doesn't satisfy",
        ),
        fixed(
            "ctx.save_for_backward keeps only tensors, and argument {place} is none.",
            Usual(
                "A number or another value",
                "Other values than tensors need no care: they are plain attributes of ctx.",
                "Write ctx.n = n in forward, and read ctx.n in backward.",
            ),
            pieces={"place": "its position, counted from 0", "given": "its type"},
        ),
    ),
    "function-gradients": kind(
        "A backward of one's own with the wrong gradients",
        "function SquareBackward returned an incorrect number of gradients (expected 2, got 1)",
        (
            rf"[Ff]unction {word('name', 60)} returned an incorrect number of gradients \(expected "
            rf"{number('wanted')}, got "
            rf"{number('got')}\)",
            rf"[Ff]unction {word('name', 60)} returned an invalid gradient at index {number('place')}",
        ),
        fixed(
            "A backward has to return one gradient for each argument of its forward, of the same shape.",
            Usual(
                "A gradient is missing",
                "Arguments that need no gradient count too.",
                "Return one value per argument, such as return grad * 2, *[y * 0 for y in ctx.others].",
                lambda found: bool(found["wanted"]),
                only=True,
            ),
            Usual(
                "A tensor was replaced between forward and backward",
                "{name} belongs to PyTorch: the shape, type or device of a tensor that it used has changed since.",
                "Do not assign x.data, resize or move weights before backward; call net.to(device) before the forward "
                "pass. Some packages that save memory change the weights like that.",
                _is_torch_s,
                only=True,
            ),
            Usual(
                "A gradient of another shape",
                "Where forward repeated values by broadcasting, backward must sum over them.",
                "Write grad.sum_to_size(x.shape), with x saved in forward.",
                lambda found: bool(found["place"]) and not _is_torch_s(found),
                only=True,
            ),
            pieces={
                "name": "the function",
                "wanted": "the arguments of forward",
                "got": "the gradients returned",
                "place": "which gradient, counted from 0",
            },
        ),
    ),
    "symbolic-branch": kind(
        "torch.fx at a condition",
        "symbolically traced variables cannot be used as inputs to control flow",
        (r"symbolically traced variables cannot be used as inputs to control flow",),
        fixed(
            "torch.fx follows forward once, without numbers, so it cannot know which way a condition goes.",
            Usual(
                "A condition on the input",
                "An if on x, on its shape or on its values stops symbolic_trace.",
                "Move the condition into a module of its own and keep it whole, or use torch.export.export(net, (x,)).",
            ),
        ),
    ),
}
