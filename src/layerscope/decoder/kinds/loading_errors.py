"""What torch.load, load_state_dict and optimizers say of files."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _web_page(found: Found) -> bool:
    return found["key"] == "<" or ("nvalid load key" in found.message and not found["key"])


DOWNLOAD = Usual(
    "The file is not complete",
    "A download or a save was cut short, or two programs wrote it at once.",
    "Download it again and compare its size; or save it again with torch.save(net.state_dict(), path).",
)
OTHER_FILE = Usual(
    "The file is something else",
    "A page of the web, a pointer of Git LFS or weights of another library were saved under this name.",
    "Look at its beginning: open(path, 'rb').read(40). Of Git LFS git lfs pull brings the real file.",
    _web_page,
)

KINDS: dict[str, Kind] = {
    "weights-only": kind(
        "torch.load reads weights only",
        "Weights only load failed.",
        (
            r"Weights only load failed\.",
            rf"Unsupported global: GLOBAL {word('name', 120)} was not an allowed global by default",
        ),
        fixed(
            "Since torch 2.6 torch.load reads tensors and plain values only, as anything else could run foreign code.",
            Usual(
                "The file holds a whole network or other objects",
                "torch.save(net, path) stores the network with its class; the weights alone are safer.",
                "For a file that you trust, write torch.load(path, weights_only=False). Better save "
                "net.state_dict() and load that.",
            ),
            Usual(
                "One harmless type is missing in the list",
                "The message names it after GLOBAL.",
                "Write torch.serialization.add_safe_globals([numpy.dtype]) before torch.load, with the type "
                "that is named.",
            ),
            OTHER_FILE,
            pieces={"name": "what the file holds besides tensors"},
        ),
    ),
    "corrupt-file": kind(
        "A file that is damaged",
        "PytorchStreamReader failed reading zip archive: failed finding central directory",
        (
            r"PytorchStreamReader failed (?:reading zip archive: [\w ]{1,60}|reading file [\w./]{1,120})",
            r"unexpected EOF, expected \d{1,12} more bytes\. The file might be corrupted",
            r"Invalid magic number; corrupt file\?",
            r"storage has wrong (?:byte )?size: expected -?\d{1,20}",
            r"EOFError: Ran out of input",
            r"\bRan out of input",
            r"invalid header or archive is corrupted",
        ),
        fixed("torch.load cannot read the file to its end.", DOWNLOAD, OTHER_FILE),
    ),
    "load-key": kind(
        "A file that torch did not write",
        "invalid load key, '<'.",
        (r"invalid load key, '(?P<key>[^']{1,6})'",),
        fixed(
            "The file does not begin as one of torch.save does.",
            OTHER_FILE._replace(points=lambda _found: True),
            Usual(
                "A file of another library",
                "Keras writes h5 files, Hugging Face safetensors.",
                "Read the latter with safetensors.torch.load_file(path).",
            ),
            DOWNLOAD,
            pieces={"key": "how the file begins"},
        ),
    ),
    "map-location": kind(
        "Saved on a graphics card that is not here",
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
        (
            r"Attempting to deserialize object on (?:a )?(?:CUDA|MPS|cuda|mps) device(?: \d{1,3})? but "
            r"torch\.(?:cuda|mps|"
            r"backends\.mps)\.\w{1,20}\(\) is \w{1,8}",
            r"don't know how to restore data location of torch\.\w{1,40} \(tagged with [\w:]{1,20}\)",
        ),
        fixed(
            "The tensors remember the graphics card on which they were saved, and this machine has none of that "
            "number.",
            Usual(
                "map_location is missing",
                "With it the tensors go to the processor.",
                "Write torch.load(path, map_location='cpu'), then net.to(device).",
            ),
        ),
    ),
    "lost-class": kind(
        "A saved network whose class is not here",
        "Can't get attribute 'Net' on <module '__main__'",
        (r"Can't get attribute '(?P<name>\w{1,60})' on <module",),
        fixed(
            "The file names a class {name} that this program does not have.",
            Usual(
                "torch.save(net) stored the class by its name only",
                "The class must exist, under the same name in the same file, when the network is loaded.",
                "Define or import {name} before torch.load; better save net.state_dict() and load that into Net().",
            ),
            pieces={"name": "the class that is missing"},
        ),
    ),
    "state-dict-type": kind(
        "Something else in place of a state_dict",
        "Expected state_dict to be dict-like, got <class 'str'>.",
        (rf"Expected state_dict to be dict-like, got (?:<class )?'{word('given', 80)}",),
        fixed(
            "load_state_dict takes names with tensors, as net.state_dict() gives them; {given} was given.",
            Usual(
                "The path in place of what is in the file",
                "load_state_dict reads no file.",
                "Write net.load_state_dict(torch.load(path)).",
                lambda found: found["given"] == "str",
            ),
            Usual(
                "The file holds the whole network",
                "torch.save(net, path) stores a network, not its state_dict.",
                "Write net.load_state_dict(saved.state_dict()), or use the loaded network itself.",
                lambda found: found["given"] != "str",
            ),
            pieces={"given": "what was given"},
        ),
    ),
    "optimizer-state": kind(
        "An optimizer's state of another network",
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        (
            r"loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
            r"loaded state dict has a different number of parameter groups",
            r"KeyError: 'param_groups'",
        ),
        fixed(
            "The optimizer's state holds one entry for each parameter that it trained; this one trains others.",
            Usual(
                "The state of a network in the optimizer",
                "A checkpoint often holds both, under names of their own.",
                "Write optimizer.load_state_dict(checkpoint['optimizer']).",
                lambda found: "param_groups" in found.message,
                only=True,
            ),
            Usual(
                "Layers were changed, added or frozen since",
                "After a new head or other layers the old state fits no more.",
                "Load the network's weights only, and begin with a new optimizer.",
            ),
            Usual(
                "The optimizer was made otherwise",
                "Other groups of parameters, or a filter on requires_grad.",
                "Make the optimizer exactly as in the program that saved it, then load.",
            ),
        ),
    ),
}
