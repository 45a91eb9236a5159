"""What Python and torch say of objects that cannot be written to a file, or handed to another process."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _lambda(found: Found) -> bool:
    return "lambda" in found.message


KINDS: dict[str, Kind] = {
    "pickle": kind(
        "An object that cannot be pickled",
        "Can't pickle local object 'main.<locals>.<lambda>'",
        (
            r"Can't (?:pickle|get) local object '[\w.<>]{1,80}'",
            r"Can't pickle <(?:function|class) '?[\w.<>]{1,80}",
            r"cannot pickle '[\w.]{1,60}' object",
            r"can't pickle [\w.]{1,60} objects",
        ),
        fixed(
            "Python saves only the names of functions and classes, so they must be at the top level of a file.",
            Usual(
                "A lambda in a transform or in the network",
                "On Windows and macOS, a DataLoader sends its data set to each worker, but a lambda has no name.",
                "Write def prepare(x): at the top level and use its name; or write num_workers=0.",
                _lambda,
            ),
            Usual(
                "A class or function inside a function",
                "Python cannot find it there by its name.",
                "Move it to the top level of the file.",
                lambda found: "local" in found.message and not _lambda(found),
            ),
            Usual(
                "A generator in the data set",
                "It gives its values once, and the place where it stands cannot be saved.",
                "Make a list of it: samples = list(samples).",
                lambda found: "generator" in found.message,
                only=True,
            ),
            Usual(
                "The whole network is saved",
                "torch.save(net, path) stores the object with everything in it.",
                "Write torch.save(net.state_dict(), path).",
            ),
            Usual(
                "An open file or a connection in the data set",
                "A file, a database or a lock belongs to one process.",
                "Open it in __getitem__ when it is first needed.",
            ),
        ),
    ),
    "save-parametrized": kind(
        "A whole network with parametrized weights",
        "Serialization of parametrized modules is only supported through state_dict().",
        (r"Serialization of parametrized modules is only supported through state_dict\(\)",),
        fixed(
            "With weight_norm, spectral_norm and the like, only the weights can be saved.",
            Usual(
                "torch.save of the network itself",
                "A parametrized network has a class of its own, made while the program runs.",
                "Write torch.save(net.state_dict(), path); to load them, build the network first.",
            ),
        ),
    ),
    "resize-storage": kind(
        "A batch that does not fit into shared memory",
        "Trying to resize storage that is not resizable",
        (r"Trying to resize storage that is not resizable",),
        fixed(
            "The tensor's memory cannot grow, as it is shared with a worker or a NumPy array.",
            Usual(
                "Samples of different sizes in a DataLoader with workers",
                "A worker reserves memory for a batch by its first sample; the others do not fit.",
                "Write num_workers=0: then the message names the two shapes. Resize all samples to the same size.",
            ),
            Usual(
                "An array without a copy",
                "torch.from_numpy uses the array's own memory.",
                "Write torch.tensor(array), which makes a copy.",
            ),
        ),
    ),
    "open-files": kind(
        "Too many open files in the workers",
        "received 0 items of ancdata",
        (
            r"received \d{1,3} items of ancdata",
            r"unable to open shared memory object <[\w/]{1,80}> in read-write mode: Too many open files",
            r"\[Errno 24\] Too many open files",
            r"Too many open files\. Communication with the workers is no longer possible",
            r"bad value\(s\) in fds_to_keep",
        ),
        fixed(
            "Each tensor from a worker keeps a file open, and the system limits the number of open files.",
            Usual(
                "Batches are kept in a list",
                "results.append(x) keeps every batch in shared memory.",
                "Keep copies: results.append(x.clone()), or numbers with loss.item().",
            ),
            Usual(
                "Many small tensors in each sample",
                "Each of them keeps a file open.",
                "Write torch.multiprocessing.set_sharing_strategy('file_system') at the start.",
            ),
        ),
    ),
    "pin-memory": kind(
        "Pinned memory for a tensor on the card",
        "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned",
        (rf"cannot pin '{word('type', 40)}' only dense CPU tensors can be pinned",),
        fixed(
            "pin_memory=True prepares tensors for the copy to the card; these are already on it.",
            Usual(
                "The Dataset moves its samples to the card",
                "x.to(device) is in __getitem__ or in a transform.",
                "Keep samples on the processor, and move the batch in the loop; or write pin_memory=False.",
            ),
            pieces={"type": "the type of the tensor"},
        ),
    ),
}
