"""What Python says of keys, places in a list and names that do not exist, and of a division by zero."""

from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Sign, Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, word


def _key(*parts: str) -> Sign:
    """A sign that the key has one of these in it."""
    return lambda found: any(part in found["key"] for part in parts)


def _before(*parts: str) -> Sign:
    """A sign that the traceback before the error has one of these in it."""
    return lambda found: any(part in found.before for part in parts)


def _is_number(found: Found) -> bool:
    return found["key"].lstrip("-").isdigit()


KINDS: dict[str, Kind] = {
    "dotted-name": kind(
        "A dot in the name of a layer, a weight or a buffer",
        "KeyError: 'module name can\\'t contain \".\", got: a.b'",
        (r"KeyError: ['\"](?P<what>module|parameter|buffer) name can\\?'t contain \\?['\"]\.",),
        fixed(
            "The name of a {what} cannot have a dot: PyTorch puts dots between the names of layers in layers.",
            Usual(
                "A name made from a number or another name",
                "Learning rates such as 0.1 and names of weights such as fc1.weight have dots.",
                'Replace the dots: name.replace(".", "_").',
            ),
            pieces={"what": "what was named"},
        ),
    ),
    "key": kind(
        "A key that a dictionary does not have",
        "KeyError: 'state_dict'",
        (
            r"KeyError: (?!'(?:unexpected|missing) key|\"attribute ')"
            r"(?P<key>'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|-?\d{1,12}|None\b|nan\b)"
            r"(?! in state)",
        ),
        fixed(
            "A dictionary, a table or a ModuleDict has no key {key}.",
            Usual(
                "A word that the vocabulary lacks",
                "Without a row for unknown words, every word that was not in the training texts fails.",
                "Give the vocabulary one: vocabulary.get(word, vocabulary['unk']); in torchtext, leave out unk_token.",
                _before("vocab", "stoi", "word2"),
                only=True,
            ),
            Usual(
                "The optimizer was given the state of something else",
                "An optimizer's state has param_groups; that of a scheduler, and a whole checkpoint, have other keys.",
                "Print checkpoint.keys(), and write optimizer.load_state_dict(checkpoint['optimizer']).",
                lambda found: found["key"].strip("'\"") == "param_groups",
                only=True,
            ),
            Usual(
                "The key is spelled differently",
                "Spelling and capitals matter, and 3 is not the same key as '3'.",
                "Print list(d.keys()) before this line.",
            ),
            Usual(
                "The checkpoint has other keys",
                "torch.save writes what you give it: the state_dict itself, or a dictionary around it whose keys its "
                "author chose.",
                "Print checkpoint.keys() after torch.load; if they are names of weights, write "
                "net.load_state_dict(checkpoint).",
                _key("state", "model", "optimizer", "epoch", "net"),
            ),
            Usual(
                "The weights were saved from nn.DataParallel",
                "DataParallel puts module. before every name.",
                "Remove it: state = {{k.removeprefix('module.'): v for k, v in state.items()}}.",
                _key("module.", ".weight", ".bias"),
            ),
            Usual(
                "A row number of a pandas table",
                "After a filter or a split, a table keeps its old row numbers, so some numbers are missing.",
                "Write table.iloc[i] in __getitem__, or table.reset_index(drop=True) once.",
                _is_number,
            ),
            Usual(
                "A column with another name",
                "Every letter, capital and space matters in the first line of a CSV file.",
                "Print table.columns.",
                _before("pandas"),
            ),
            pieces={"key": "the key"},
        ),
    ),
    "list-index": kind(
        "An index that a list does not have",
        "list index out of range",
        (r"(?P<given>list|tuple|string|pop) index out of range",),
        fixed(
            "The {given} is too short for this index; indices count from 0.",
            Usual(
                "A shape with fewer axes",
                "x.shape[3] needs four axes; after a flatten, or without a batch axis, there are fewer.",
                "Print x.shape before this line; x.shape[-1] always is the last axis.",
                lambda found: found["given"] == "tuple",
                only=True,
            ),
            Usual(
                "The list is empty",
                "glob gives an empty list if the path is wrong.",
                "Print len(files) after the line that makes the list.",
            ),
            Usual(
                "The loop goes one too far",
                "The last index of n values is n - 1, so layers[i + 1] fails for the last layer.",
                "Write for layer in layers, or range(len(layers) - 1).",
            ),
            Usual(
                "__len__ is too large",
                "The DataLoader asks the data set for every index below len(dataset).",
                "Return len(self.images) in __len__, and check that there are as many labels as images.",
                _before("__getitem__", "getitem", "DataLoader"),
            ),
            pieces={"given": "what was indexed"},
        ),
    ),
    "unbound": kind(
        "A variable that has no value yet",
        "cannot access local variable 'out' where it is not associated with a value",
        (
            rf"cannot access local variable '{word('name', 60)}' where it is not associated with a value",
            rf"local variable '{word('name', 60)}' referenced before assignment",
        ),
        fixed(
            "{name} has no value here: the line that sets it did not run.",
            Usual(
                "Assigned only inside an if or a loop",
                "If the condition is false, or the loop is empty, the line that sets it never runs.",
                "Set {name} before the if or the loop, or add an else.",
            ),
            Usual(
                "The same name outside the function",
                "A name that a function assigns is local to it, even in the lines before.",
                "Pass it as an argument, or use another name inside.",
            ),
            pieces={"name": "the variable"},
        ),
    ),
    "zero-division": kind(
        "A division by zero",
        "ZeroDivisionError: division by zero",
        (r"ZeroDivisionError: (?P<what>[a-z ]{0,30}division(?: or modulo)? by zero|integer modulo by zero)",),
        fixed(
            "Python divided by a number that is 0.",
            Usual(
                "An average over nothing",
                "With an empty DataLoader, or drop_last=True and too few samples, the counter stays at 0.",
                "Print len(dataset) and len(loader); divide by max(count, 1).",
            ),
            Usual(
                "A width rounded down to 0",
                "channels // reduction is 0 if channels is less than reduction.",
                "Write max(1, channels // reduction).",
            ),
        ),
    ),
}
