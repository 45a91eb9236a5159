"""What torch says of data that cannot become a tensor."""

import re

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word


def _type(*parts: str) -> Sign:
    """A sign that the type that was found has one of these in its name."""
    return lambda found: any(part in found["given"] for part in parts)


def _lies_elsewhere(found: Found) -> bool:
    return bool(found["place"])


def _records(found: Found) -> bool:
    return not _lies_elsewhere(found)


KINDS: dict[str, Kind] = {
    "numpy": kind(
        "A tensor that cannot become an array",
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        (
            r"Can't call numpy\(\) on (?:Tensor|Variable) that requires grad",
            r"can(?:'t|not) convert (?P<place>[\w:]{1,20}) (?:device type )?tensor to numpy",
            r"numpy conversion for (?:torch\.)?(?P<place>(?:cuda\.)?\w{1,20}Tensor) is not supported",
        ),
        fixed(
            "Only tensors on the processor without gradients can become NumPy arrays.",
            Usual(
                "The outputs or the loss still record gradients",
                "A NumPy array cannot keep their history.",
                "Write out.detach().cpu().numpy(); for a single number, such as a loss to plot, write loss.item().",
                _records,
            ),
            Usual(
                "Evaluation with gradients",
                "Without no_grad, all outputs record gradients.",
                "Write with torch.no_grad(): around the evaluation.",
                _records,
            ),
            Usual(
                "The tensor is on the graphics card",
                "NumPy and matplotlib work in the processor's memory.",
                "Write x.detach().cpu().numpy().",
                _lies_elsewhere,
            ),
            pieces={"place": "where the tensor is"},
        ),
    ),
    "not-numeric": kind(
        "Data that cannot become a tensor",
        "can't convert np.ndarray of type numpy.object_.",
        (
            r"can't convert np\.ndarray of type numpy\.(?P<given>\w{1,30})",
            r"could not determine the shape of object type '(?P<given>DataFrame|Series)'",
            r"expected np\.ndarray \(got (?P<given>\w{1,30})\)",
            rf"Could not infer dtype of {word('given')}",
            r"too many dimensions '(?P<given>str)'",
            r"new\(\): invalid data type '(?P<given>str)'",
            r"new\(\): data must be a sequence \(got (?P<given>\w{1,30})\)",
            r"Variable data has to be a tensor, but got (?P<given>\w{1,30})",
        ),
        fixed(
            "A tensor holds numbers, and PyTorch cannot make them of {given}.",
            Usual(
                "A pandas table",
                "torch.from_numpy and torch.tensor take its numbers, not the table itself.",
                "Write torch.tensor(table.to_numpy(dtype='float32')).",
                _type("DataFrame", "Series"),
            ),
            Usual(
                "A type of number that this PyTorch lacks",
                "The message lists those it has; int32 and float32 hold what these types are used for.",
                "Write array.astype('int32'), or array.astype('float32').",
                _type("uint16", "uint32", "uint64", "longdouble", "float128", "float16", "int16"),
                only=True,
            ),
            Usual(
                "A single number",
                "torch.Tensor and torch.FloatTensor take sizes or a list; torch.tensor takes a number too.",
                "Write torch.tensor(2.5).",
                _type("float", "int", "bool"),
                only=True,
            ),
            Usual(
                "An array of objects",
                "Text, missing values or rows of different lengths turn it into an array of Python objects.",
                "Write array.astype('float32'); if that fails, one entry is not a number.",
                _type("object", "str_"),
            ),
            Usual(
                "Text instead of numbers",
                "Class names and words must become numbers.",
                "Number them: names = sorted(set(labels)), then torch.tensor([names.index(label) for label in "
                "labels]).",
                _type("str"),
            ),
            Usual(
                "The environment returns a state and more",
                "Since Gym 0.26 reset returns the state and a dictionary, and step returns five values.",
                "Write state, _ = env.reset(seed=1).",
                lambda found: (
                    found["given"] == "tuple" and bool(re.search(r"(?i)\b(?:state|obs|observation|env)\b", found.line))
                ),
                only=True,
            ),
            Usual(
                "A list, or something else that is not an array",
                "torch.from_numpy takes only arrays; use torch.tensor for a list.",
                "Write torch.tensor(values), and print values if that fails: one of them may be missing.",
                lambda found: (
                    not _type("DataFrame", "Series", "object", "str")(found) and "numpy." not in found.message
                ),
            ),
            pieces={"given": "the type that was given"},
        ),
    ),
    "ragged": kind(
        "Rows of different lengths",
        "expected sequence of length 4 at dim 1 (got 3)",
        (rf"expected sequence of length {number('wanted')} at dim {number('axis')} \(got {number('got')}\)",),
        fixed(
            "All rows of a tensor have the same length; here the first has {wanted} values and another {got}.",
            Usual(
                "Sequences of different lengths",
                "Texts and series have different lengths.",
                "Pad them: nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True); a "
                "tokenizer does it with padding=True, truncation=True.",
            ),
            pieces={"wanted": "the length of the first row", "axis": "the axis", "got": "the length of another row"},
        ),
    ),
    "ragged-array": kind(
        "An array of rows with different lengths",
        "setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 dimensions.",
        (
            r"setting an array element with a sequence",
            r"The requested array has an inhomogeneous shape after \d{1,2} dimensions",
        ),
        fixed(
            "All rows of a NumPy array have the same length, and these differ.",
            Usual(
                "Sequences or images of different sizes",
                "Before NumPy 1.24 this made an array of objects, with a warning.",
                "Pad them: nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True); "
                "resize images.",
            ),
            Usual(
                "A list is enough",
                "A data set may hold its samples in a list.",
                "Keep the list, without np.array.",
            ),
        ),
    ),
    "assign-array": kind(
        "An array or a list assigned into a tensor",
        "can't assign a numpy.ndarray to a torch.FloatTensor",
        (rf"can't assign a {word('given', 40)} to a torch\.{word('type', 40)}",),
        fixed(
            "Only tensors and numbers can be written into a tensor, and this is a {given}.",
            Usual(
                "The values are not a tensor",
                "Arrays and lists are not converted automatically.",
                "Convert them: x[0] = torch.as_tensor(values).",
            ),
            pieces={"given": "the type of the values", "type": "the type of the tensor"},
        ),
    ),
    "negative-stride": kind(
        "An array in reverse order",
        "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently "
        "supported.",
        (r"(?:[Aa]t least one|[Ss]ome of the) strides? (?:in|of) the given numpy array (?:is|are) negative",),
        fixed(
            "NumPy can reverse an array without copying it; PyTorch cannot.",
            Usual(
                "An image that was flipped or converted from BGR",
                "array[::-1] and np.flip only reverse the direction of reading.",
                "Write torch.from_numpy(array.copy()).",
            ),
        ),
    ),
}
