"""What DataLoader, samplers and data sets refuse before they give a first batch."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word

KINDS: dict[str, Kind] = {
    "workers-number": kind(
        "A number of workers below 0",
        "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
        (r"num_workers option (?:should be non-negative|cannot be negative)",),
        fixed(
            "num_workers counts the processes that load data, so it is 0 or more.",
            Usual(
                "A count of processors less one",
                "os.cpu_count minus some number is negative on a small machine.",
                "Write num_workers=max(0, count - 2).",
            ),
        ),
    ),
    "no-auto-batch": kind(
        "batch_size=None beside an option for batches",
        "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
        (rf"batch_size=None option disables auto-batching and is mutually exclusive with {word('other')}",),
        fixed(
            "Without a batch size the DataLoader hands on what the data set gives, so {other} means nothing.",
            Usual(
                "A batch size that was never set",
                "A setting that is missing in the configuration often arrives as an empty value.",
                "Give the size: DataLoader(data, batch_size=32, drop_last=True).",
            ),
            Usual(
                "The data set makes its own batches",
                "Then {other} belongs into the data set.",
                "Leave {other} out here.",
            ),
            pieces={"other": "the other option"},
        ),
    ),
    "sampler-weights": kind(
        "Weights of a sampler with several axes",
        "weights should be a 1d sequence but given weights have shape (2, 2)",
        (r"weights should be a 1d sequence but given weights have shape \((?P<shape>[\d, ]{1,40})\)",),
        fixed(
            "WeightedRandomSampler needs one weight per sample; these weights have the shape ({shape}).",
            Usual(
                "One-hot labels",
                "With one-hot labels, looking up the weight of each label gives a table.",
                "Take the class first: class_weights[labels.argmax(dim=1)].",
            ),
            Usual(
                "A column of labels",
                "Labels of shape (samples, 1) keep their second axis.",
                "Write class_weights[labels.squeeze(1)].",
            ),
            pieces={"shape": "shape of the weights"},
        ),
    ),
    "no-datasets": kind(
        "No data sets to join",
        "datasets should not be an empty iterable",
        (r"datasets should not be an empty iterable",),
        fixed(
            "ConcatDataset got a list without data sets.",
            Usual(
                "No folder or file was found",
                "The list was made in a loop over files, and glob found none.",
                "Print len(files) before this line, and check the path.",
            ),
        ),
    ),
    "abstract-class": kind(
        "A class with a method that is missing",
        "Can't instantiate abstract class Images with abstract method __len__",
        (
            rf"Can't instantiate abstract class {word('owner', 60)} (?:with|without an implementation for) abstract "
            r"methods? '?(?P<method>\w{1,60})",
        ),
        fixed(
            "{owner} lacks the method {method}, which its base class only announces.",
            Usual(
                "The method is missing or misspelled",
                "The name has to be exactly {method}, at the class's own indentation.",
                "Write def {method} in {owner}.",
            ),
            Usual(
                "The base class itself was made",
                "A base class such as IterableDataset is there to be built on.",
                "Write class Stream(IterableDataset) with its own __iter__.",
            ),
            pieces={"owner": "the class", "method": "the method"},
        ),
    ),
    "no-length": kind(
        "A data set that does not know its length",
        "object of type 'list_iterator' has no len()",
        (r"object of type '(?P<owner>int|float|bool|generator|zip|map|filter|[a-z_]{1,30}iterator)' has no len\(\)",),
        fixed(
            "Something of the type {owner} was given where a list or a data set is expected.",
            Usual(
                "An iterator in place of a list",
                "zip, map and generators give one value after the other, and know neither length nor places.",
                "Make a list of it: DataLoader(list(pairs), batch_size=2).",
                lambda found: found["owner"] not in ("int", "float", "bool"),
            ),
            Usual(
                "A number in place of the data",
                "Arguments may be in the wrong order: the data come first.",
                "Write DataLoader(data, batch_size=2).",
                lambda found: found["owner"] in ("int", "float", "bool"),
            ),
            pieces={"owner": "its type"},
        ),
    ),
    "loader-child": kind(
        "A DataLoader that ends in another process",
        "can only test a child process",
        (r"can only (?:test|join) a child process",),
        fixed(
            "A copy of the DataLoader was cleaned up in a process that did not start its workers.",
            Usual(
                'It may be ignored after "Exception ignored in"',
                "In notebooks an old loader is cleaned up inside a new worker; the training goes on.",
                "Write num_workers=0 to be rid of it.",
                lambda found: "Exception ignored" in found.before[-3000:],
            ),
            Usual(
                "The loader was made in another process",
                "Its workers belong to the process that began the loop.",
                "Make the DataLoader in the function that uses it.",
            ),
        ),
    ),
    "used-up": kind(
        "next of something that has no more values",
        "StopIteration",
        (r"\bStopIteration(?![\w.'\"])",),
        fixed(
            "next was called, but there is no further value.",
            Usual(
                "The loader is empty",
                "A data set without samples, or drop_last=True with fewer samples than a batch, gives no batch.",
                "Print len(loader) before this line; it must be at least 1.",
            ),
            Usual(
                "The iterator was used up",
                "An iterator runs through the data once.",
                "Make a new one for each epoch: batches = iter(loader).",
            ),
        ),
    ),
}
