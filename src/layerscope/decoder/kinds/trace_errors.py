"""What torch.jit says of values that it cannot record, and of code that it cannot find."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "trace-warning": kind(
        "A trace that keeps a decision",
        "TracerWarning: Converting a tensor to a Python boolean might cause the trace to be incorrect.",
        (r"TracerWarning: Converting a tensor to a (?:Python|NumPy) (?P<what>\w{1,12})",),
        fixed(
            "A trace keeps what happened for the example. Here the code turned a tensor into a {what} of Python, so "
            "whatever follows from it is fixed.",
            Usual(
                "It depends on sizes that never change",
                "An if on x.shape is harmless where each input has the example's shape.",
                "Nothing is wrong then; compare the traced network with the original on a few inputs.",
            ),
            Usual(
                "It depends on the values, or on sizes that change",
                "A script keeps if and for as they are.",
                "Write torch.jit.script(net) instead of the trace, or do without if: torch.where(x > 0, x, y).",
            ),
            pieces={"what": "what the tensor became"},
        ),
    ),
    "trace-output": kind(
        "torch.jit.trace cannot record the output",
        "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from traced functions",
        (
            r"Only tensors or tuples of tensors can be output from traced functions",
            r"Only tensors, lists,? (?:or )?tuples of tensors(?:,? or dictionary of tensors)? can be output "
            r"from traced "
            r"functions",
            r"Tracer cannot infer type of (?P<given>.{1,60}?) ?: ?Only tensors",
            r"Encountering a dict at the output of the tracer might cause the trace to be incorrect",
        ),
        fixed(
            "A trace can only return tensors, and tuples, lists or dicts of them.",
            Usual(
                "forward returns something else",
                "Models from other libraries return an object or a dict; text cannot be recorded either.",
                "Return tensors: return out.logits, or a tuple. For a dict, write torch.jit.trace(net, x, "
                "strict=False).",
            ),
            pieces={"given": "what forward returns"},
        ),
    ),
    "trace-input": kind(
        "torch.jit.trace with inputs that are not tensors",
        "Type 'Tuple[Tuple[Tensor, int, bool]]' cannot be traced. Only Tensors and (possibly nested) Lists, Dicts, and "
        "Tuples of Tensors can be traced",
        (r"Type '(?P<given>[\w\[\], .]{1,160})' cannot be traced\. Only Tensors and",),
        fixed(
            "A trace records what happens to tensors, so every input must be one, alone or in a tuple, list or dict.",
            Usual(
                "A number, a flag or a text among the inputs",
                "It is written into the trace as it is, so it cannot be an input.",
                "Leave it out of the example, and fix it in a function: torch.jit.trace(lambda x: net(x, True), "
                "torch.rand(1, 3)).",
            ),
            Usual(
                "add_graph and export record a trace as well",
                "They get the inputs as one tensor, or as a tuple of tensors.",
                "Write writer.add_graph(net, x), or writer.add_graph(net, (x, y)).",
            ),
            pieces={"given": "the type of the inputs"},
        ),
    ),
    "trace-constant": kind(
        "An output that does not come from the input",
        "output 1 (3 [ CPULongType{} ]) of traced region did not have observable data dependence with trace inputs",
        (
            rf"output {number('place')} \(.{{1,200}}?\) of traced region did not have observable data dependence",
            r"of traced region did not have observable data dependence with trace inputs",
        ),
        fixed(
            "The trace of torch 1.0 and 1.1 found an output that no recorded step computes from the inputs.",
            Usual(
                "A number that was computed outside torch",
                "item(), NumPy and len() leave the trace; what is made from them is a constant.",
                "Return only what torch computes from x, and make such numbers outside forward.",
            ),
            Usual(
                "An old version of torch",
                "Since torch 1.2 such an output is recorded as a constant.",
                "Update it: python -m pip install --upgrade torch.",
            ),
            pieces={"place": "which output"},
        ),
    ),
    "source-missing": kind(
        "torch.jit.script without the source",
        "Can't get source for <function f at 0x7f>. TorchScript requires source access in order to carry out "
        "compilation, make sure original .py files are available.",
        (
            r"Can't get source for <(?P<what>[^>\n]{1,120})>",
            r"OSError: could not get source code",
            r"InternalTorchDynamoError: (?:source code not available|could not get source code)",
            r"Could not get name of python class object",
        ),
        fixed(
            "PyTorch reads the code of forward from its file, and there is none that belongs to it.",
            Usual(
                "Typed in, made by exec, or changed since",
                "A class from a prompt, from text, or from a notebook's cell that ran before has no file.",
                "Put the class into a file, such as net.py, and write from net import Net.",
                lambda found: "name of python" not in found.message,
            ),
            Usual(
                "An object that is neither a function nor a module",
                "torch.jit.script takes an nn.Module or a function.",
                "Write torch.jit.script(net) with an nn.Module.",
                lambda found: "name of python" in found.message,
                only=True,
            ),
            Usual(
                "A trace needs no source",
                "torch.jit.trace runs the network once and records what torch computes.",
                "Write torch.jit.trace(net, torch.rand(1, 3, 224, 224)), with your input's size.",
                lambda found: "Dynamo" not in found.message,
            ),
            Usual(
                "An old version of torch.compile",
                "torch 2.0 and 2.1 could not read classes from a notebook.",
                "Update it: python -m pip install --upgrade torch; until then, run without torch.compile.",
                lambda found: "Dynamo" in found.message,
                only=True,
            ),
            pieces={"what": "what it is about"},
            alone=True,
        ),
    ),
}
