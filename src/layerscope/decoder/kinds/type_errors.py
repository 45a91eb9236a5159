"""What torch says of numbers of different types, and of values that are not tensors."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word
from layerscope.decoder.known_names import LAYERS


def _types(found: Found) -> str:
    return f"{found['one']} {found['other']}".lower()


def _bytes(found: Found) -> bool:
    return any(sign in _types(found) for sign in ("byte", "char", "uint8"))


def _double(found: Found) -> bool:
    return any(sign in _types(found) for sign in ("double", "float64"))


def _is_long_wanted(found: Found) -> bool:
    if found["argument"] in _OF_LONG:
        return found["one"] == "Long"
    return "long" in _types(found) and "scalar type long but" in found.message.lower()


_OF_LONG = ("target", "index", "indices")
"""What old versions call the arguments that hold class numbers and indices."""


def _gathers(found: Found) -> bool:
    return ".gather(" in found.line or ".scatter" in found.line


def _of_table(found: Found) -> bool:
    """Whether the message goes on with what an Embedding calls its input."""
    return (
        found["argument"] in ("index", "indices") or "'indices'" in found.after[:80] or "embedding" in found.after[:200]
    )


def _of_weights(found: Found) -> bool:
    """Whether the loss may have multiplied its outputs by class weights of another type."""
    return found["one"] == "Float" and found["other"] in ("Double", "Long") and "scalar type" in found.message


def _labels(found: Found) -> bool:
    return _is_long_wanted(found) and not _of_table(found)


def _whole(found: Found) -> bool:
    return not _is_long_wanted(found) and any(sign in _types(found) for sign in ("long", "int"))


def _half(found: Found) -> bool:
    return any(sign in _types(found) for sign in ("half", "float16"))


BYTES = Usual(
    "Images as bytes",
    "Pictures have whole numbers from 0 to 255 (unsigned char, Byte); weights are float32.",
    "Write x.float() / 255, or use transforms.ToTensor(), which does both.",
    _bytes,
    only=True,
)


def _one_of(*names: str) -> Sign:
    """A sign that one of these was given."""
    return lambda found: found["given"] in names


_ARRAYS = ("list", "numpy.ndarray", "ndarray", "float", "int", "numpy.float32", "numpy.float64")
"""What people have instead of a tensor."""


def _of_picture(found: Found) -> bool:
    """Whether a picture is asked for its sizes, or nothing tells what is."""
    asked = found["name"] in ("shape", "astype", "copy", "size")
    return asked and ("picture" in found.line_calls or not found.line)


KINDS: dict[str, Kind] = {
    "dtype": kind(
        "Numbers of different types",
        "Input type (unsigned char) and bias type (float) should be the same",
        (
            r"Input type \((?!MPS)(?P<one>[\w.: ]{1,40})\) and (?:weight|bias) type \((?!MPS)(?P<other>[\w.: "
            r"]{1,40})\) should "
            r"be the same",
            rf"mat1 and mat2 must have the same dtype, but got {word('one', 20)} and {word('other', 20)}",
            r"expected m1 and m2 to have the same dtype, but got: (?P<one>[\w: ]{1,20}) != (?P<other>[\w: ]{1,20})",
            rf"[Ee]xpected (?:object of )?scalar type {word('one', 20)} but (?:found|got scalar type) "
            rf"{word('other', 20)}\b(?! for sequence)",
            r"mat1 and mat2 must have the same dtype",
            r"Expected object of type (?:Variable\[)?torch\.(?P<one>[A-Z]\w{1,12})Tensor\]? but found type "
            r"(?:Variable\[)?torch\.(?P<other>[A-Z]\w{1,12})Tensor\]? for argument #\d{1,3} '(?P<argument>\w{1,30})'",
            r"Expected object of type torch\.cuda\.(?P<one>\w{1,12})Tensor but found type "
            r"torch\.cuda\.(?P<other>\w{1,12})Tensor for argument #\d{1,3} '(?P<argument>\w{1,30})'",
            r"expected device [\w:]{1,12} and dtype (?P<one>\w{1,12}) but got device [\w:]{1,12} and dtype "
            r"(?P<other>\w{1,12})",
            r"expected dtype (?P<one>\w{1,12}) but got dtype (?P<other>\w{1,12})",
            r"but type torch\.cuda\.(?P<one>\w{1,12})Tensor does not equal torch\.cuda\.(?P<other>\w{1,12})Tensor",
            rf"RNN input dtype \({word('one', 20)}\) does not match weight dtype \({word('other', 20)}\)",
            rf"expected {word('one', 12)} tensor \(got {word('other', 12)} tensor\)",
            r"mixed dtype \(CPU\): (?:all inputs must share same datatype|expect \w{1,30} to have scalar type of "
            r"Float)",
        ),
        fixed(
            "Inputs and weights must be numbers of the same type.",
            BYTES,
            Usual(
                "Numbers from NumPy",
                "NumPy uses float64 (double), PyTorch's layers float32.",
                "Write x.float(), or torch.from_numpy(a.astype('float32')).",
                _double,
            ),
            Usual(
                "Class weights of a different type",
                "A loss multiplies the outputs, which are float32, by its weight; NumPy and scikit-learn compute "
                "float64 (Double), counts are int64 (Long).",
                "Write nn.CrossEntropyLoss(weight=weight.float()).",
                _of_weights,
                only=True,
                at=("loss",),
            ),
            Usual(
                "Labels of a different type",
                "Cross entropy expects class numbers as int64 (Long).",
                "Write labels.long().",
                _labels,
            ),
            Usual(
                "Indices of another type",
                "gather and scatter expect int64 (Long); on Windows NumPy 1 makes int32.",
                "Write index.long().",
                lambda found: _is_long_wanted(found) and _gathers(found),
                only=True,
            ),
            Usual(
                "Floats for an Embedding",
                "An Embedding looks up rows by number, so it expects int64 (Long).",
                "Write x.long() before the Embedding.",
                lambda found: _is_long_wanted(found) and not _gathers(found),
                only=True,
            ),
            Usual(
                "Whole numbers as inputs",
                "Weights are float32, and PyTorch does not multiply them by whole numbers.",
                "Write x.float().",
                _whole,
            ),
            Usual(
                "Only a part is in half precision",
                "float16 (Half) and float32 (Float) cannot be mixed.",
                "Convert one of them: x.half() or net.float(); or let torch.autocast do it.",
                _half,
            ),
            pieces={"one": "the type on one side", "other": "the type on the other"},
            alone=True,
        ),
    ),
    "none": kind(
        "forward returns nothing",
        "linear(): argument 'input' (position 1) must be Tensor, not NoneType",
        (
            r"argument '\w{1,30}' \(position \d{1,9}\) must be Tensor, not NoneType",
            r"received an invalid combination of arguments - got \(NoneType\b",
            r"'NoneType' object is not callable",
            rf"'NoneType' object has no attribute '{word('name')}'",
        ),
        fixed(
            "There is nothing (None) where a tensor or a layer is expected.",
            Usual(
                "OpenCV did not find the picture",
                "cv2.imread gives None, without an error, if the path is wrong or the file is not a picture.",
                "Print path and os.path.exists(path) before the line that reads it.",
                _of_picture,
                only=True,
            ),
            Usual(
                "forward returns nothing",
                "A function without a return statement returns None.",
                "Write return x as the last line of forward.",
            ),
            Usual(
                "A layer was set to None",
                "self.pool = None, or the result of a print, is not callable.",
                "Assign a layer: self.pool = nn.MaxPool2d(2).",
            ),
            Usual(
                "No gradient yet",
                "weight.grad is None until you call backward, and after optimizer.zero_grad().",
                "Call loss.backward() before you read weight.grad.",
                lambda found: found["name"] in ("data", "zero_", "abs", "norm"),
                at=("gradient",),
            ),
        ),
    ),
    "not-tensor": kind(
        "Not a tensor",
        "conv2d(): argument 'input' (position 1) must be Tensor, not numpy.ndarray",
        (
            rf"argument '{word('argument', 30)}' \(position \d{{1,9}}\) must be Tensor, not {word('given')}",
            r"received an invalid combination of arguments - got \((?P<given>(?!Tensor|NoneType)[\w.]{1,40}), "
            r"Parameter\b",
        ),
        fixed(
            "A layer expects a tensor but gets {given}.",
            Usual(
                "The parentheses are missing",
                "x.float is a method; x.float() is a tensor.",
                "Write x.float(), with parentheses.",
                _one_of("builtin_function_or_method", "method", "function"),
                only=True,
            ),
            Usual(
                "A layer that returns several values",
                "Some layers return a tuple, such as LSTM: (output, state).",
                "Take its first part: x, _ = layer(x).",
                _one_of("tuple"),
            ),
            Usual(
                "A dictionary taken apart gives its names",
                "Models from other libraries return dictionaries; x, y = model(...) puts their keys, which are texts, "
                "into x and y.",
                "Write out = model(...), then out.last_hidden_state or out['pooler_output'].",
                _one_of("str"),
                only=True,
            ),
            Usual(
                "The tokenizer's answer was not unpacked",
                "It is a dictionary: its entries are the arguments of the model, and input_ids are the numbers.",
                "Write model(**inputs), or layer(inputs['input_ids']).",
                _one_of("BatchEncoding"),
                only=True,
            ),
            Usual(
                "A comma at the end of a line",
                "x = self.conv(x), with a comma, makes a tuple.",
                "Look for a comma at the end of the lines before it.",
                _one_of("tuple"),
                only=True,
            ),
            Usual(
                "A packed sequence",
                "After pack_padded_sequence, a recurrent layer returns a packed sequence too.",
                "Write out, lengths = nn.utils.rnn.pad_packed_sequence(out, batch_first=True).",
                _one_of("PackedSequence"),
                only=True,
            ),
            Usual(
                "A layer instead of its output",
                "nn.ReLU() makes a layer; F.relu expects a tensor.",
                "Write F.relu(x), or nn.ReLU()(x).",
                lambda found: found["given"] in LAYERS,
                only=True,
            ),
            Usual(
                "An object that contains tensors",
                "Models from other libraries, and segmentation models, return several named outputs.",
                "Take one of them: out.logits, out.last_hidden_state, out['out'].",
                lambda found: "Output" in found["given"] or found["given"] in ("dict", "OrderedDict"),
                only=True,
            ),
            Usual(
                "Labels or indices in a list or an array",
                "Class numbers and the indices of an Embedding are whole numbers, in a tensor.",
                "Write torch.as_tensor(labels).long().",
                lambda found: found["argument"] in ("target", "indices", "index"),
                only=True,
            ),
            Usual(
                "An array or a list",
                "NumPy arrays and lists are not converted automatically.",
                "Write torch.as_tensor(x, dtype=torch.float32).",
                lambda found: _one_of(*_ARRAYS)(found) and found["argument"] not in ("target", "indices", "index"),
                only=True,
            ),
            Usual(
                "A picture",
                "A PIL image must be converted to a tensor.",
                "Use transforms.ToTensor().",
                lambda found: "Image" in found["given"] or "Jpeg" in found["given"],
            ),
            pieces={"given": "what was given"},
            alone=True,
        ),
    ),
    "scalar": kind(
        "Several numbers instead of one",
        "a Tensor with 3 elements cannot be converted to Scalar",
        (
            rf"a Tensor with {number('count')} elements cannot be converted to Scalar",
            r"only one element tensors can be converted to Python scalars",
            r"only one-element tensors can be converted to Python scalars",
            r"only (?:size-1|length-1|0-dimensional) arrays can be converted to Python scalars",
        ),
        fixed(
            "One number is expected, but the tensor has several values.",
            Usual(
                "One loss per sample",
                "reduction='none' keeps the loss of every sample, but item works only on one number.",
                "Write loss.mean().item().",
            ),
            Usual(
                "The outputs instead of the loss",
                "The network outputs one row per sample.",
                "Take one value, out[0, 3].item(), or all of them as a list: out.tolist().",
            ),
            Usual(
                "A list of tensors",
                "torch.tensor and NumPy turn each entry into one number.",
                "Write torch.stack(tensors).",
                at=("to tensor",),
            ),
            pieces={"count": "the number of values"},
        ),
    ),
}
