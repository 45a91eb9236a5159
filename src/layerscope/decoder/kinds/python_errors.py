"""What Python says of unpacking, calling and indexing what cannot be unpacked, called or indexed."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, word

_NETWORKS = ("Net", "Network", "Model", "Classifier", "Sequential", "DataParallel")
"""How the names of networks end."""


def _is_function(given: str) -> bool:
    return "functional" in given or ("." not in given and given != "lambda")


KINDS: dict[str, Kind] = {
    "unpack": kind(
        "More or fewer values than names",
        "too many values to unpack (expected 2)",
        (
            rf"(?P<many>too many) values to unpack \(expected {number('wanted')}(?:, got \d{{1,9}})?\)",
            rf"not enough values to unpack \(expected {number('wanted')}, got {number('got')}\)",
            rf"need more than {number('got')} values? to unpack",
        ),
        fixed(
            "The number of names on the left is not the number of values on the right.",
            Usual(
                "A batch with a different number of parts",
                "for x, y in loader needs two parts; a data set may return three, or only images.",
                "Print len(batch) for a batch of the loader, and write one name per part.",
                lambda found: found["wanted"] in ("2", "3"),
                at=("batch",),
            ),
            Usual(
                "A shape with a different number of axes",
                "b, c, h, w = x.shape needs four axes; x may have been flattened, or lack a batch axis.",
                "Print x.shape before this line; for the last two, write h, w = x.shape[-2:].",
                lambda found: found["wanted"] == "4",
                at=("shape",),
            ),
            Usual(
                "A packed sequence is one object",
                "It holds four parts: the values, the batch sizes and two orders. Older versions of torch had two, so "
                "tutorials unpack it.",
                "Write packed = pack_padded_sequence(x, lengths, batch_first=True), then packed.data for the values.",
                only=True,
                at=("packing",),
            ),
            Usual(
                "The network returns a different number of values",
                "It returns what stands after return in its forward; a single tensor unpacks along its batch.",
                "Write out = net(x), print type(out), and write one name per value.",
                only=True,
                at=("network",),
            ),
            Usual(
                "Only an LSTM has two states",
                "A GRU and an RNN return the output and one state, h, so there is no (h, c) to unpack.",
                "Write out, h = gru(x).",
                only=True,
                at=("pair of states",),
            ),
            Usual(
                "A layer with a different number of results",
                "An LSTM returns two: out, (h, c) = lstm(x). A GRU returns out, h. Most layers return one tensor, "
                "which unpacks along its batch.",
                "Write out, (h, c) = lstm(x) for an LSTM.",
                at=("recurrent",),
            ),
            pieces={"wanted": "the names on the left", "got": "the values on the right"},
        ),
    ),
    "unpack-nothing": kind(
        "Unpacking something without parts",
        "cannot unpack non-iterable NoneType object",
        (
            rf"cannot unpack non-(?:iterable|sequence) {word('given')} object",
            rf"'{word('given')}' object is not iterable",
            r"(?P<given>iteration over a 0-d tensor)",
            r"(?P<given>len\(\) of a 0-d tensor)",
        ),
        fixed(
            "Several parts are expected, but this value has no parts.",
            Usual(
                "A function returns nothing",
                "A function without a return statement returns nothing.",
                "Write return out, state as its last line.",
                lambda found: found["given"] == "NoneType",
            ),
            Usual(
                "A tensor with one number",
                "A loss, a sum or a single label has no axis to loop over.",
                "Write x.item() for the number, or x.unsqueeze(0) for a row of one.",
                lambda found: "0-d" in found["given"],
            ),
            Usual(
                "The network instead of its weights",
                "An optimizer is given the parameters of the network.",
                "Write torch.optim.SGD(net.parameters(), lr=0.01).",
                lambda found: found["given"] not in ("NoneType", "method") and "optimizer" in found.line_calls,
                only=True,
            ),
            Usual(
                "The network instead of its weights",
                "A network or a layer is one object; functions such as clip_grad_norm_ go through its weights.",
                "Write torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0).",
                lambda found: found["given"].endswith(_NETWORKS) and "optimizer" not in found.line_calls,
                only=True,
            ),
            Usual(
                "The parentheses are missing",
                "net.parameters is a method; calling it gives the weights.",
                "Write net.parameters(), with parentheses.",
                lambda found: found["given"] in ("method", "builtin_function_or_method", "function"),
                only=True,
            ),
            Usual(
                "A list is expected",
                "transforms.Compose, nn.ModuleList and optimizers need a list, even for one element.",
                "Put brackets around it: transforms.Compose([transforms.ToTensor()]).",
                lambda found: (
                    found["given"] not in ("NoneType", "method", "builtin_function_or_method", "function")
                    and "0-d" not in found["given"]
                    and "optimizer" not in found.line_calls
                ),
            ),
            pieces={"given": "the value"},
            alone=True,
        ),
    ),
    "not-callable": kind(
        "Something that cannot be called",
        "'Tensor' object is not callable",
        (r"'(?!NoneType')(?P<given>[\w.]{1,60})' object is not callable",),
        fixed(
            "There are parentheses after a value of type {given}, which cannot be called.",
            Usual(
                "A list of layers is not a layer",
                "A list, a tuple or a dict only holds layers; it does not call them.",
                "Write nn.Sequential(*layers), or a loop: for layer in self.layers: x = layer(x).",
                lambda found: found["given"] in ("list", "tuple", "dict"),
            ),
            Usual(
                "A state_dict instead of a network",
                "torch.load gave the saved weights, which are names and tensors.",
                "Write net = Net(), then net.load_state_dict(state).",
                lambda found: found["given"].endswith("OrderedDict"),
            ),
            Usual(
                "A tensor, or its shape, is not a function",
                "A name is used twice, such as loss for the function and its value; or x.shape has parentheses.",
                "Give them two names: loss = criterion(out, labels).",
                lambda found: found["given"] in ("Tensor", "torch.Size", "Size", "float", "int", "str", "bool"),
            ),
            Usual(
                "A module instead of what is in it",
                "tqdm, time and torch.nn.functional are modules.",
                "Import the function: from tqdm import tqdm.",
                lambda found: found["given"] == "module",
            ),
            Usual(
                "A comma or an operator is missing",
                "A bracket followed by parentheses is a call: [a] (b).",
                "Look at the end of the line before.",
            ),
            pieces={"given": "the type of what was called"},
        ),
    ),
    "not-module": kind(
        "Something in a Sequential that is not a layer",
        "torch.nn.functional.relu is not a Module subclass",
        (
            rf"{first_word('given', 80)} is not a Module subclass",
            r"<(?P<given>lambda)> is not a Module subclass",
            rf"Module(?:List|Dict)\.\w{{1,20}} should be called with an iterable,? but got {word('given', 80)}",
            rf"cannot assign '{word('given', 80)}' as child module",
        ),
        fixed(
            "Only layers can be here, and {given} is not one.",
            Usual(
                "A list instead of layers",
                "nn.Sequential takes layers one by one; nn.ModuleList takes a list.",
                "Write nn.Sequential(*layers), with the star; nn.ModuleList([layer]), with brackets.",
                lambda found: found["given"] in ("list", "tuple", "Linear", "Conv2d", "Sequential"),
            ),
            Usual(
                "A function of your own instead of a layer",
                "A Sequential holds layers, and a lambda is a function.",
                "Write it as a layer: class Lambda(nn.Module): with def forward(self, x): and a return.",
                lambda found: found["given"] == "lambda",
                only=True,
            ),
            Usual(
                "A function instead of a layer",
                "F.relu and torch.relu are functions; a Sequential holds layers.",
                "Write nn.ReLU(), nn.Flatten(), nn.MaxPool2d(2).",
                lambda found: _is_function(found["given"]),
            ),
            Usual(
                "The parentheses are missing",
                "nn.ReLU is the class; nn.ReLU() makes a layer.",
                "Write nn.ReLU().",
                lambda found: "torch.nn.modules" in found["given"],
            ),
            pieces={"given": "the type you gave"},
        ),
    ),
    "tuple-index": kind(
        "A tuple where a tensor is expected",
        "tuple indices must be integers or slices, not tuple",
        (r"(?P<given>tuple|list) indices must be integers or slices, not (?P<index>\w{1,20})",),
        fixed(
            "A {given} has no axes: it cannot be indexed like a tensor.",
            Usual(
                "A layer with two results",
                "LSTM, GRU and MultiheadAttention return a tuple: first the output, then the state or the weights.",
                "Write out, state = lstm(x), then out[:, -1].",
                lambda found: found["given"] == "tuple",
            ),
            Usual(
                "A list instead of a tensor or an array",
                "Only tensors and arrays take several indices at once.",
                "Write torch.tensor(values) or torch.stack(tensors) first.",
            ),
            pieces={"given": "what was indexed", "index": "the index"},
        ),
    ),
    "not-subscriptable": kind(
        "Something that cannot be indexed",
        "'DataLoader' object is not subscriptable",
        (
            rf"'{word('given', 60)}' object is not subscriptable",
            r"'(?P<given>type|method|function)' object is not subscriptable",
        ),
        fixed(
            "{given} cannot be indexed with brackets.",
            Usual(
                "A DataLoader has no index",
                "It only yields batch after batch; its data set can be indexed.",
                "Write next(iter(loader)) for one batch, loader.dataset[0] for one sample.",
                lambda found: found["given"] == "DataLoader",
                only=True,
            ),
            Usual(
                "A network of your own has no index",
                "Only Sequential and ModuleList count their layers; a class keeps them under names.",
                "Write net.fc1 for one layer, or list(net.children())[0] for the first.",
                lambda found: found["given"][:1].isupper() and found["given"] not in ("DataLoader", "NoneType"),
                only=True,
            ),
            Usual(
                "Parentheses were meant",
                "A function or method is called with parentheses: x.size(0). x.shape[0] needs brackets.",
                "Write x.size(0) or x.shape[0].",
                lambda found: "method" in found["given"] or "function" in found["given"],
            ),
            Usual(
                "Nothing was returned",
                "A function without a return statement returns nothing.",
                "Print the value before this line.",
                lambda found: found["given"] == "NoneType",
            ),
            Usual(
                "Not the value you meant",
                "A single number, a layer or an iterator cannot be indexed.",
                "Print type(x) before this line.",
            ),
            pieces={"given": "what was indexed"},
        ),
    ),
}
