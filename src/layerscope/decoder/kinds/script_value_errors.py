"""What torch.jit.script says of names that have two types, or none, and of attributes that it does not see."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind

KINDS: dict[str, Kind] = {
    "script-index": kind(
        "TorchScript: a list of layers with an index that is computed",
        "Expected integer literal for index. ModuleList/Sequential indexing is only supported with integer literals.",
        (r"Expected integer literal for index",),
        fixed(
            "A script must know each layer before it runs, so layers of a list are found by written numbers only.",
            Usual(
                "An index from a loop",
                "A loop over the layers themselves is unrolled, one that counts is not.",
                "Write for layer in self.layers: x = layer(x); for two lists at once, zip(self.convs, self.norms).",
            ),
        ),
    ),
    "script-changing": kind(
        "A name with two types in TorchScript",
        "Variable 'y' previously had type NoneType but is now being assigned to a value of type Tensor",
        (
            r"Variable '(?P<name>\w{1,60})' previously had type (?P<was>[\w\[\], .]{1,60}) but is now being "
            r"assigned to a value of "
            r"type (?P<becomes>[\w\[\], .]{1,60})",
            r"Previous return statement returned a value of type (?P<was>[\w\[\], .]{1,60}) but this return "
            r"statement returns a value "
            r"of type (?P<becomes>[\w\[\], .]{1,60})",
            r"Could not match type (?P<becomes>[\w\[\], .]{1,60}) to t in argument '\w{1,20}': Type variable 't' "
            r"previously matched to "
            r"type (?P<was>[\w\[\], .]{1,60}?) is matched",
        ),
        fixed(
            "TorchScript gives each name, each list and each result one type; here it is {was} first and "
            "{becomes} later.",
            Usual(
                "It begins without a value",
                "The empty value alone says nothing of what comes later.",
                "Write its type where it begins, y: Optional[torch.Tensor], with Optional from typing.",
                lambda found: "None" in found["was"],
                only=True,
            ),
            Usual(
                "A list that is not of tensors",
                "An empty list counts as a list of tensors.",
                "Write its type: y: List[int] = [], with List from typing.",
                lambda found: "Could not match" in found.message,
                only=True,
            ),
            Usual(
                "Results of different types",
                "Both ways through a function must return the same kind of value.",
                "Return a tensor in both: return torch.tensor(1.0).",
                lambda found: "return statement" in found.message,
                only=True,
            ),
            Usual(
                "Another name for the second value",
                "A new name has a type of its own.",
                "Use a second name for it.",
            ),
            pieces={"name": "the name", "was": "its first type", "becomes": "its second type"},
        ),
    ),
    "script-branch": kind(
        "A name that only one branch sets",
        "y is not defined in the false branch",
        (rf"{first_word('name')} is not defined in the (?P<branch>true|false) branch",),
        fixed(
            "TorchScript compiles both ways, and {name} has no value in the {branch} branch.",
            Usual(
                "Set it before the if",
                "Then it has a value whichever way is taken.",
                "Write y = x before the if, or add an else that sets it.",
            ),
            pieces={"name": "the name", "branch": "where it is missing"},
        ),
    ),
    "script-attribute": kind(
        "An attribute that TorchScript does not see",
        "Tried to set nonexistent attribute: h. Did you forget to initialize it in __init__()?",
        (
            r"Tried to set nonexistent attribute: (?P<name>\w{1,60})\.",
            r"Module '(?P<owner>\w{1,60})' has no attribute '(?P<name>\w{1,60})'(?! \(This)",
        ),
        fixed(
            "TorchScript knows only attributes that __init__ sets, and {name} is none of them.",
            Usual(
                "It is set in forward, or nowhere",
                "A module is compiled as __init__ left it.",
                "Set it in __init__ first: self.h = torch.zeros(1).",
            ),
            pieces={"name": "the attribute", "owner": "the class"},
        ),
    ),
    "script-foreign": kind(
        "Python functions that TorchScript does not know",
        "print doesn't accept any keyword arguments",
        (
            r"(?<!\w)(?P<name>\w{1,40}) doesn't accept any keyword arguments",
            r"cannot create weak reference to '(?P<name>[\w.]{1,60})' object",
        ),
        fixed(
            "torch.jit.script compiles PyTorch's functions and a part of Python, not {name} as it is used here.",
            Usual(
                "NumPy or another library in forward",
                "Its functions cannot be compiled.",
                "Use PyTorch's: torch.abs(x) instead of np.abs(x).",
            ),
            Usual(
                "The helper is for debugging only",
                "It can stay in Python.",
                "Put @torch.jit.ignore above the function, or take the line out.",
            ),
            pieces={"name": "the function"},
        ),
    ),
}
