"""What torch.load, load_state_dict and optimizers say of files."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _web_page(found: Found) -> bool:
    return found["key"] == "<" or ("nvalid load key" in found.message and not found["key"])


DOWNLOAD = Usual(
    "The file is not complete",
    "A download or a save was interrupted, or two programs wrote to it at once.",
    "Download it again and compare its size; or save it again with torch.save(net.state_dict(), path).",
)
OTHER_FILE = Usual(
    "The file is something else",
    "It may be a web page, a Git LFS pointer or the weights of another library.",
    "Look at its beginning: open(path, 'rb').read(40). If it is a Git LFS pointer, run git lfs pull.",
    _web_page,
)

KINDS: dict[str, Kind] = {
    "weights-only": kind(
        "torch.load reads only weights",
        "Weights only load failed.",
        (
            r"Weights only load failed\.",
            rf"Unsupported global: GLOBAL {word('name', 120)} was not an allowed global by default",
        ),
        fixed(
            "Since PyTorch 2.6, torch.load reads only tensors and plain values; anything else could run unknown code.",
            Usual(
                "The file contains a whole network or other objects",
                "torch.save(net, path) stores the network with its class; saving only the weights is safer.",
                "If you trust the file, write torch.load(path, weights_only=False). It is better to save "
                "net.state_dict() and load that.",
            ),
            Usual(
                "One harmless type is not on PyTorch's list",
                "The message names it after GLOBAL.",
                "Write torch.serialization.add_safe_globals([numpy.dtype]) before torch.load, with the type "
                "that is named.",
            ),
            OTHER_FILE,
            pieces={"name": "what the file contains besides tensors"},
        ),
    ),
    "corrupt-file": kind(
        "A damaged file",
        "PytorchStreamReader failed reading zip archive: failed finding central directory",
        (
            r"PytorchStreamReader failed (?:reading zip archive: [\w ]{1,60}|(?:reading|locating) file [\w./]{1,120})",
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
        "A file that PyTorch did not write",
        "invalid load key, '<'.",
        (r"invalid load key, '(?P<key>[^']{1,6})'",),
        fixed(
            "The file does not start like a file written by torch.save.",
            OTHER_FILE._replace(points=lambda _found: True),
            Usual(
                "A file from another library",
                "Keras writes h5 files, Hugging Face safetensors.",
                "Read a safetensors file with safetensors.torch.load_file(path).",
            ),
            DOWNLOAD,
            pieces={"key": "how the file begins"},
        ),
    ),
    "map-location": kind(
        "Saved on a graphics card that this machine lacks",
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
        (
            r"Attempting to deserialize object on (?:a )?(?:CUDA|MPS|cuda|mps) device(?: \d{1,3})? but "
            r"torch\.(?:cuda|mps|"
            r"backends\.mps)\.\w{1,20}\(\) is \w{1,8}",
            r"don't know how to restore data location of torch\.\w{1,40} \(tagged with [\w:]{1,20}\)",
        ),
        fixed(
            "The file says on which graphics card the tensors were saved, and this machine does not have that card.",
            Usual(
                "map_location is missing",
                "With it, the tensors are loaded onto the processor.",
                "Write torch.load(path, map_location='cpu'), then net.to(device).",
            ),
        ),
    ),
    "lost-class": kind(
        "A saved network whose class is missing",
        "Can't get attribute 'Net' on <module '__main__'",
        (r"Can't get attribute '(?P<name>\w{1,60})' on <module",),
        fixed(
            "The file needs a class {name} that this program does not have.",
            Usual(
                "torch.save(net) stored only the name of the class",
                "The class must exist, under the same name in the same file, when the network is loaded.",
                "Define or import {name} before torch.load. It is better to save net.state_dict() and load that.",
            ),
            pieces={"name": "the class that is missing"},
        ),
    ),
    "state-dict-type": kind(
        "Something else instead of a state_dict",
        "Expected state_dict to be dict-like, got <class 'str'>.",
        (rf"Expected state_dict to be dict-like, got (?:<class )?'{word('given', 80)}",),
        fixed(
            "load_state_dict expects names and tensors, as from net.state_dict(), but gets {given}.",
            Usual(
                "The path instead of what is in the file",
                "load_state_dict does not read files.",
                "Write net.load_state_dict(torch.load(path)).",
                lambda found: found["given"] == "str",
            ),
            Usual(
                "The file contains the whole network",
                "torch.save(net, path) stores a network, not its state_dict.",
                "Write net.load_state_dict(saved.state_dict()), or use the loaded network itself.",
                lambda found: found["given"] != "str",
            ),
            pieces={"given": "what was given"},
        ),
    ),
    "optimizer-state": kind(
        "An optimizer's state from another network",
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        (
            r"loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
            r"loaded state dict has a different number of parameter groups",
            r"KeyError: 'param_groups'",
        ),
        fixed(
            "The saved state has one entry per trained parameter; this optimizer has different parameters.",
            Usual(
                "The optimizer got the network's state",
                "A checkpoint often contains both, under two names.",
                "Write optimizer.load_state_dict(checkpoint['optimizer']).",
                lambda found: "param_groups" in found.message,
                only=True,
            ),
            Usual(
                "Layers were changed, added or frozen since",
                "With a new head or other layers, the old state no longer fits.",
                "Load only the network's weights, and start with a new optimizer.",
            ),
            Usual(
                "The optimizer was made differently",
                "It has other parameter groups, or a filter on requires_grad.",
                "Make the optimizer exactly as in the program that saved it, then load the state.",
            ),
        ),
    ),
}
