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
        ),
        fixed(
            "Python writes functions and classes by name only, so it must find them at the top of a file.",
            Usual(
                "A lambda in a transform or in the network",
                "On Windows and macOS a DataLoader sends its data set to each worker, and a lambda has no name.",
                "Write def prepare(x): at the top of the file and use its name; or num_workers=0.",
                _lambda,
            ),
            Usual(
                "A class or function inside another one",
                "What is defined inside a function cannot be found by name.",
                "Move it to the top of the file.",
                lambda found: "local" in found.message and not _lambda(found),
            ),
            Usual(
                "The whole network is saved",
                "torch.save(net, path) stores the object with all that is in it.",
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
            "weight_norm, spectral_norm and other parametrizations are made anew for each object.",
            Usual(
                "torch.save of the network itself",
                "The weights alone can be saved.",
                "Write torch.save(net.state_dict(), path); build the network as before, then load them.",
            ),
        ),
    ),
    "resize-storage": kind(
        "A batch that does not fit its place in shared memory",
        "Trying to resize storage that is not resizable",
        (r"Trying to resize storage that is not resizable",),
        fixed(
            "The memory that a tensor lies in belongs to somebody else, such as an array of NumPy.",
            Usual(
                "Samples of different sizes in a DataLoader with workers",
                "A worker makes the place for a batch from its first sample; the others do not fit.",
                "Write num_workers=0: then the message says the two shapes. Resize all samples to one size.",
            ),
            Usual(
                "An array without a copy",
                "torch.from_numpy uses the array's own memory.",
                "Write torch.tensor(array), which copies.",
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
        ),
        fixed(
            "Each tensor that a worker hands over keeps a file open, and the system allows only so many.",
            Usual(
                "Batches are kept in a list",
                "results.append(x) keeps the shared memory of every batch.",
                "Keep copies: results.append(x.clone()), or numbers with loss.item().",
            ),
            Usual(
                "Many small tensors in each sample",
                "Every one of them is a file.",
                "Write torch.multiprocessing.set_sharing_strategy('file_system') at the start.",
            ),
        ),
    ),
    "pin-memory": kind(
        "Pinned memory for a tensor on the card",
        "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned",
        (rf"cannot pin '{word('type', 40)}' only dense CPU tensors can be pinned",),
        fixed(
            "pin_memory=True prepares tensors of the processor for the way to the card; these are there already.",
            Usual(
                "The Dataset moves its samples to the card",
                "x.to(device) stands in __getitem__ or in a transform.",
                "Keep samples on the processor, and move the batch in the loop; or write pin_memory=False.",
            ),
            pieces={"type": "the type of the tensor"},
        ),
    ),
}
