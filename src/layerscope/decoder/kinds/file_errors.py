"""Files that torch.load, torch.save and torch.jit.load cannot use."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _while_loading(found: Found) -> bool:
    return "load" in found.before


KINDS: dict[str, Kind] = {
    "empty-file": kind(
        "A file that ends too early",
        "EOFError",
        (r"\bEOFError(?![\w.'\"])(?!: Ran out)",),
        fixed(
            "The file ended before its content was complete.",
            Usual(
                "The file is empty or was cut off",
                "A download that was interrupted, or a program that was stopped while saving, leaves such a file.",
                "Look at the size of the file, and download or save it again.",
            ),
            Usual(
                "A buffer that stands at its end",
                "After torch.save the position of a BytesIO is behind what was written.",
                "Write buffer.seek(0) before torch.load(buffer).",
            ),
        ),
    ),
    "empty-list": kind(
        "An element of a list that is empty",
        "IndexError: pop from empty list",
        (r"pop from empty list",),
        fixed(
            "pop was called on a list that has no elements left.",
            Usual(
                "More taken out than put in",
                "Each skip connection that is kept in a list can be taken out once.",
                "Print len(skips) before each pop; there must be as many up steps as down steps.",
            ),
            Usual(
                "Not a file of torch.save",
                "torch.load took some other file for an old checkpoint: a web page that was saved, or a Git LFS "
                "pointer.",
                "Look at the beginning of the file in a text editor, and download it again.",
                _while_loading,
            ),
        ),
    ),
    "restore-location": kind(
        "A map_location that PyTorch does not know",
        "don't know how to restore data location of torch.storage.UntypedStorage (tagged with gpu)",
        (
            rf"don't know how to restore data location of {word('what', 60)} "
            r"\(tagged with (?P<device>[\w:.-]{1,40})\)",
        ),
        fixed(
            "{device} is not a device that torch.load knows.",
            Usual(
                "A name that is spelled differently",
                "A graphics card is called cuda or cuda:0, on a Mac mps.",
                "Write torch.load(path, map_location='cpu'), then net.to(device).",
            ),
            pieces={"device": "the device"},
        ),
    ),
    "save-target": kind(
        "torch.save without a place to save to",
        "expected 'f' to be string, path, or a file-like object with a 'write' attribute",
        (
            r"expected 'f' to be (?:a )?string, path, or a file-like object with a '(?P<method>\w{1,10})' attribute",
            r"expected file to be (?:a )?string, path, or a file-like object with a '(?P<method>\w{1,10})' attribute",
        ),
        fixed(
            "The second argument of torch.save is the file, and what was given is neither a path nor an open file.",
            Usual(
                "Arguments in the wrong order",
                "What is saved comes first, the file second.",
                "Write torch.save(net.state_dict(), path).",
            ),
            Usual(
                "A path that was never set",
                "A setting that is missing in the configuration often arrives as an empty value.",
                "Print path before this line.",
            ),
        ),
    ),
    "script-file": kind(
        "A file that torch.jit.load cannot open",
        "The provided filename /models/net.pt does not exist",
        (
            r"The provided filename (?P<path>[^\s]{1,200}) does not exist",
            r"istream reader failed: (?P<path>[a-z ]{1,60})",
        ),
        fixed(
            "torch.jit.load found no complete TorchScript file there.",
            Usual(
                "Another folder than you think",
                "A relative path is looked up in the folder where Python was started.",
                "Print os.path.abspath(path), and compare it with where the file is.",
                lambda found: "does not exist" in found.message,
            ),
            Usual(
                "The file was not written by torch.jit.save",
                "A state_dict has no code, so torch.jit.load cannot read it.",
                "Make the network first, then write net.load_state_dict(torch.load(path)).",
                lambda found: "istream" in found.message,
            ),
        ),
    ),
    "shared-memory": kind(
        "Workers that cannot share memory",
        "unable to open shared memory object </torch_12_34> in read-write mode",
        (r"unable to (?:open|mmap|allocate|write to) shared memory",),
        fixed(
            "The DataLoader's processes hand batches over in shared memory, and the system has no more of it.",
            Usual(
                "Too many tensors are open at a time",
                "Each tensor that is handed over keeps a file open.",
                "Write torch.multiprocessing.set_sharing_strategy('file_system') at the top of the program.",
            ),
            Usual(
                "A container with little shared memory",
                "Docker allows 64 MB.",
                "Start it with docker run --shm-size 8g, or use fewer workers.",
            ),
        ),
    ),
    "hand-over": kind(
        "A result of the network handed to another process",
        "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing "
        "process boundaries.",
        (r"Cowardly refusing to serialize non-leaf tensor which requires_grad",),
        fixed(
            "The tensor carries the history of how it was computed, which cannot go to another process.",
            Usual(
                "Features were computed while loading data",
                "A network in __getitem__ gives tensors with a history.",
                "Write return net(x).detach() there.",
            ),
        ),
    ),
}
