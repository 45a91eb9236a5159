"""What torch.nn.init says of tensors that it cannot fill."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
    "init-axes": kind(
        "An initialization for weights with more axes",
        "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        (
            r"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
            r"Only tensors with (?P<axes>2 or more|2|3, 4, or 5) dimensions are supported",
        ),
        fixed(
            "Xavier, Kaiming and orthogonal initialization count the inputs of each unit, which takes a weight with at "
            "least 2 axes.",
            Usual(
                "A bias, or the weight of a norm, was filled too",
                "They have one axis. In a loop over net.parameters() they come as well.",
                "Fill only the others: if p.dim() > 1: nn.init.xavier_uniform_(p).",
            ),
            Usual(
                "An initialization for another kind of layer",
                "nn.init.eye_ and nn.init.sparse_ fill a Linear's weight, nn.init.dirac_ that of a convolution.",
                "Look for the layer's type: if isinstance(m, nn.Linear): nn.init.eye_(m.weight).",
                lambda found: found["axes"] in ("2", "3, 4, or 5"),
            ),
            pieces={"axes": "the axes that it takes"},
        ),
    ),
    "init-gain": kind(
        "An activation that the initialization does not know",
        "Unsupported nonlinearity swish",
        (rf"Unsupported nonlinearity {word('name')}",),
        fixed(
            "nn.init knows the gain of relu, leaky_relu, tanh, sigmoid, selu and linear; {name} is none of them.",
            Usual(
                "A newer activation",
                "GELU, SiLU and Swish behave much like ReLU, so its gain serves for them.",
                "Write nonlinearity='relu'.",
            ),
            pieces={"name": "the activation"},
        ),
    ),
    "module-name": kind(
        "A name that every module has already",
        "KeyError: \"attribute 'keys' already exists\"",
        (r"KeyError: [\"']?attribute '(?P<name>\w{1,60})' already exists[\"']?",),
        fixed(
            "A module cannot have a layer, parameter or buffer with the name {name}: it is a method or attribute "
            "of every "
            "module.",
            Usual(
                "The name means something to PyTorch",
                "keys, items, forward, training and others are taken.",
                "Choose another name, such as {name}_layer.",
            ),
            pieces={"name": "the name"},
        ),
    ),
}
