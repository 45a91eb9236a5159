"""What a DataLoader says of samples that they cannot use."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, sizes, word


def given_type(*parts: str) -> Sign:
    """A sign that the type that was found has one of these in its name."""
    return lambda found: any(part in found["given"] for part in parts)


def _killed(found: Found) -> bool:
    named = any(sign in found.message for sign in ("Illegal", "Aborted", "Segmentation", "Floating"))
    return "killed" in found.message and not named


def _shared(found: Found) -> bool:
    return _killed(found) or "bus error" in found.message


KINDS: dict[str, Kind] = {
    "collate": kind(
        "A sample that cannot go into a batch",
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class "
        "'PIL.Image.Image'>",
        (
            r"(?:default_collate: )?batch must contain tensors, (?:numpy arrays, )?numbers, dicts or lists; found "
            r"(?:<class )?'?<?(?P<given>[\w.]{1,60})",
        ),
        fixed(
            "The DataLoader combines samples into one tensor, but it found {given}, which is not a tensor.",
            Usual(
                "The pictures were not converted to tensors",
                "ImageFolder and torchvision's data sets return PIL images unless a transform converts them.",
                "Give the data set transform=transforms.ToTensor().",
                given_type("PIL", "Image"),
                only=True,
            ),
            Usual(
                "__getitem__ returns nothing",
                "A return is missing, or one branch of the method ends without it.",
                "Write return image, label as the last line of __getitem__.",
                given_type("NoneType"),
                only=True,
            ),
            Usual(
                "Text or objects in an array",
                "PyTorch has no type for them; pandas tables often have such columns.",
                "Write array.astype('float32') in __getitem__, or replace each word with a number.",
                given_type("object", "U", "str", "numpy"),
                only=True,
            ),
            Usual(
                "The samples hold objects of a different kind",
                "Only tensors, arrays, numbers, strings, and lists and dicts of them can be combined.",
                "Return tensors from __getitem__, or combine them yourself: DataLoader(data, collate_fn=list).",
            ),
            pieces={"given": "the type of a sample or of a part of it"},
        ),
    ),
    "collate-lists": kind(
        "Lists of different lengths in one batch",
        "each element in list of batch should be of equal size",
        (r"each element in list of batch should be of equal size",),
        fixed(
            "All lists of a batch must have the same length; these differ.",
            Usual(
                "Sequences of different lengths",
                "Texts and lists of boxes have different lengths.",
                "Pad them in a function that you pass to the DataLoader as collate_fn: "
                "nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True).",
            ),
        ),
    ),
    "no-samples": kind(
        "A data set without samples",
        "num_samples should be a positive integer value, but got num_samples=0",
        (r"num_samples should be a positive intege(?:r|ral) value, but got num_samples=(?:0|-\d{1,9})",),
        fixed(
            "There is nothing to draw: the number of samples is 0 or less, as for an empty data set.",
            Usual(
                "The folder has no images",
                "The path is wrong, the files have a different extension, or they are one folder deeper.",
                "Print len(dataset) and os.listdir(path) before the DataLoader.",
            ),
            Usual(
                "A filter or a split leaves nothing",
                "No sample meets a condition, or int(0.1 * len(dataset)) is 0 for a few samples.",
                "Print the length after each step.",
            ),
        ),
    ),
    "batch-size-argument": kind(
        "A batch size that is not a number above 0",
        "batch_size should be a positive integer value, but got batch_size=0",
        (rf"batch_size should be a positive integer value, but got batch_size={word('given')}",),
        fixed(
            "batch_size must be a whole number of 1 or more, but is {given}.",
            Usual(
                "A division gave 0, or text instead of a number",
                "len(data) // 100 is 0 for a small data set; anything from the command line is text.",
                "Write batch_size=max(1, int(size)).",
            ),
            pieces={"given": "the batch_size"},
        ),
    ),
    "worker": kind(
        "A worker of the DataLoader stopped",
        "DataLoader worker (pid 4711) is killed by signal: Killed.",
        (
            r"DataLoader worker \(pid \d{1,9}\) is killed by signal: \w{1,30}(?: \w{1,10}){0,2}",
            r"DataLoader worker \(pid(?:\(s\))? \d{1,9}(?:, \d{1,9}){0,9}\) exited unexpectedly",
            r"An attempt has been made to start a new process before the current process has finished its "
            r"bootstrapping",
            r"DataLoader timed out after \d{1,9} seconds",
            r"Pin memory thread exited unexpectedly",
            r"Unexpected bus error encountered in worker",
        ),
        fixed(
            "A process that reads the data stopped early. The network is not the cause.",
            Usual(
                "The main program is not guarded",
                "On Windows and macOS each worker runs the file again, and would start new workers.",
                'Put the training into def main(): and call it below if __name__ == "__main__":.',
                lambda found: "bootstrapping" in found.message,
            ),
            Usual(
                "A package was built for another processor",
                "The signal says that the code uses an instruction that this processor lacks.",
                "Install it again on this machine: python -m pip install --force-reinstall torch torchvision.",
                lambda found: "Illegal instruction" in found.message,
                only=True,
            ),
            Usual(
                "A library crashed in the worker",
                "OpenCV and other libraries with threads of their own may not survive being copied into a worker.",
                "Write num_workers=0: then the crash is in the right line. For OpenCV write cv2.setNumThreads(0).",
                lambda found: any(sign in found.message for sign in ("Aborted", "Segmentation", "Floating")),
                only=True,
            ),
            Usual(
                "Not enough memory",
                "The system kills a worker when memory runs out: each has its own copy of the data set.",
                "Use fewer num_workers and a smaller batch_size.",
                _killed,
            ),
            Usual(
                "Docker's shared memory is too small",
                "Workers pass batches through /dev/shm, which has only 64 MB in a container.",
                "Start the container with --shm-size=8g, or --ipc=host.",
                _shared,
            ),
            Usual(
                "An error in the worker that is not shown",
                "In the main process, the error comes with a traceback.",
                "Write num_workers=0 and run it again.",
            ),
        ),
    ),
    "normalize": kind(
        "Normalize for a different number of channels",
        "output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]",
        (rf"output with shape {sizes('given')} doesn't match the broadcast shape {sizes('wanted')}",),
        fixed(
            "A result of shape [{wanted}] does not fit into a tensor of shape [{given}].",
            Usual(
                "Normalize with three means for grayscale images",
                "MNIST and Fashion-MNIST have one channel, so they need one mean, not three.",
                "Write transforms.Normalize((0.5,), (0.5,)), or make the images RGB first: "
                "transforms.Grayscale(num_output_channels=3).",
            ),
            Usual(
                "An in-place sum that would grow",
                "x += y keeps the shape of x.",
                "Write x = x + y.",
            ),
            pieces={"given": "the shape of the tensor", "wanted": "the shape that the result would have"},
        ),
    ),
    "data-set-lengths": kind(
        "A data set's tensors have different lengths",
        "Size mismatch between tensors",
        (r"Size mismatch between tensors", r"Sum of input lengths does not equal the length of the input dataset"),
        fixed(
            "The numbers of samples do not match.",
            Usual(
                "Inputs and labels of different lengths",
                "TensorDataset pairs them, so each needs one row per sample.",
                "Print x.shape and y.shape before it: axis 0 must be the same size.",
                lambda found: "between" in found.message,
            ),
            Usual(
                "The parts do not add up",
                "If both lengths are rounded down, a sample is lost.",
                "Compute the second from the first: random_split(data, [n, len(data) - n]).",
                lambda found: "Sum" in found.message,
            ),
        ),
    ),
}
