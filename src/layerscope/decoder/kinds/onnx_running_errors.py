"""What onnxruntime says of inputs that an exported network does not take."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, word

KINDS: dict[str, Kind] = {
    "onnx-sizes": kind(
        "An exported network for inputs of another size",
        "Got invalid dimensions for input: input for the following indices index: 0 Got: 4 Expected: 1",
        (
            rf"Got invalid dimensions for input: {word('input', 60)} for the following indices index: "
            rf"{number('axis')} Got: {number('given')} Expected: {number('wanted')}",
            rf"Invalid rank for input: {word('input', 60)} Got: {number('rank')} Expected: {number('ranks')}",
        ),
        fixed(
            "The file of the network fixes the shape of {input}: the one of the example that it was exported with.",
            Usual(
                "Another size of batch",
                "Axis 0 is the batch, and the export wrote down {wanted}.",
                'Export it with dynamic_axes={{"{input}": {{0: "batch"}}}}, and with input_names=["{input}"].',
                lambda found: found["axis"] == "0",
                only=True,
            ),
            Usual(
                "Another size of image or text",
                "Axis {axis} is {given}, and the export wrote down {wanted}.",
                "Resize the input to that size, or name axis {axis} in dynamic_axes when you export.",
                lambda found: bool(found["axis"]) and found["axis"] != "0",
                only=True,
            ),
            Usual(
                "An axis is missing or left over",
                "It has {rank} axes, and the network was exported with {ranks}.",
                "For one sample write x[numpy.newaxis], which adds the batch.",
                lambda found: bool(found["rank"]),
                only=True,
            ),
            pieces={
                "axis": "the axis",
                "given": "its size",
                "wanted": "the size in the file",
                "rank": "axes of the input",
                "ranks": "axes in the file",
            },
            alone=True,
        ),
    ),
    "onnx-names": kind(
        "An exported network whose inputs have other names",
        "Invalid Feed Input Name:input",
        (
            rf"Invalid Feed Input Name: ?{word('input', 60)}",
            r"Required inputs \(\[[^\]\n]{1,200}\]\) are missing from input feed",
        ),
        fixed(
            "run takes a dictionary, whose keys are the names of the inputs in the file.",
            Usual(
                "The names were not given when it was exported",
                "Without input_names the export makes names such as input.1.",
                "Write session.run([], {{session.get_inputs()[0].name: x}}), or export with input_names.",
            ),
            Usual(
                "An input that the network does not use",
                "The export leaves it out of the file.",
                "Print [i.name for i in session.get_inputs()].",
            ),
            pieces={"input": "the name that you gave"},
        ),
    ),
    "onnx-types": kind(
        "An exported network for inputs of another type",
        "Unexpected input data type. Actual: (tensor(double)) , expected: (tensor(float))",
        (
            r"Unexpected input data type\. Actual: \(?tensor\((?P<given>\w{1,20})\)\)? ?, expected: "
            r"\(?tensor\((?P<wanted>\w{1,20})\)",
        ),
        fixed(
            "The file expects values of type {wanted} and gets {given}.",
            Usual(
                "NumPy's numbers are float64",
                "NumPy calls the type of the weights float32; double is float64.",
                "Write x.astype(numpy.float32).",
                lambda found: found["wanted"] == "float",
            ),
            Usual(
                "Token numbers or flags of another type",
                "Numbers of words are int64 in PyTorch; on Windows NumPy 1 makes int32.",
                "Write x.astype(numpy.int64) where the file expects int64.",
                lambda found: found["wanted"].startswith(("int", "bool")),
            ),
            pieces={"given": "the type of the input", "wanted": "the type in the file"},
            alone=True,
        ),
    ),
}
