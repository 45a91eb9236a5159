"""Error(s) in loading state_dict: weights that were saved from another network."""

import re
from collections.abc import Iterator

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.search import expected
from layerscope.decoder.search.at import at
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.network import Network, NetworkError

MOST_ENTRIES = 40
WRAPPERS = ("DataParallel", "DistributedDataParallel")
PREFIXES = {"module.": "nn.DataParallel", "_orig_mod.": "torch.compile", "model.": "a wrapper"}
"""What wrappers write before the names of a network's tensors."""
INNER = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "module")
"""What people call the weights in a file that holds more."""
_ENTRY = re.compile(
    r"size mismatch for ([\w.]{1,120}): copying a param with shape (?:torch\.Size\()?\[([\d, ]{0,60})\]\)? "
    r"from checkpoint, "
    r"(?:where )?the shape (?:in current model )?is:? (?:torch\.Size\()?\[([\d, ]{0,60})\]"
)
_OLD_ENTRY = re.compile(
    r'[Ww]hile copying the parameter named "?([\w.]{1,120})"?, whose dimensions in the model are torch\.Size\(\[([\d, ]'
    r"{0,60})\]\) and whose dimensions in the checkpoint are torch\.Size\(\[([\d, ]{0,60})\]"
    r"|size mismatch for ([\w.]{1,120}): copying a param of torch\.Size\(\[([\d, ]{0,60})\]\) from checkpoint, where "
    r"the shape is torch\.Size\(\[([\d, ]{0,60})\]"
)
"""torch 0.3 and 0.4 name the model's shape first; so does torch 1.0, which calls it the checkpoint's."""
_KEYS = re.compile(
    r'((?:Miss|Unexpect|miss|unexpect)(?:ing|ed)) key(?:\(s\) in state_dict:)? ((?:"[\w.]{1,120}",? ?){1,40})'
)


def explain(found: Found, network: Network | None) -> Explanation:
    """Which tensors differ, in the checkpoint and in the model; keys that only one side has."""
    entries = [
        (name, _sizes(saved), _sizes(model)) for name, saved, model in _ENTRY.findall(found.after)[:MOST_ENTRIES]
    ]
    for old in list(_OLD_ENTRY.finditer(found.after))[:MOST_ENTRIES]:
        name, model, saved = old.group(1, 2, 3) if old[1] else old.group(4, 5, 6)
        entries.append((name, _sizes(saved), _sizes(model)))
    keys = {kind.title(): re.findall(r'"([\w.]+)"', names) for kind, names in _KEYS.findall(found.after)}
    meanings = [
        (name, f"{shape_text(saved)} in the file, {shape_text(model)} in the model{_axes(name, saved)}")
        for name, saved, model in entries
    ]
    meanings += [
        (keys[k][0], text)
        for k, text in (
            ("Missing", "in the model, not in the file"),
            ("Unexpected", "in the file, not in the model"),
        )
        if k in keys
    ]
    causes: list[Cause] = []
    for name, saved, model in entries:
        if network and name.endswith(".weight") and len(causes) < 4:
            causes += _differences(network, name.removesuffix(".weight"), saved, model)
    owner = re.search(r"loading state_dict for ([\w.]{1,80}):", found.message)
    wrapped = list(_wrapped(owner[1] if owner else "", keys))
    named = [*wrapped, *(() if wrapped else _names(network, keys))]
    # strict=False ignores names, never sizes: where sizes differ, it does not help.
    causes += [*_of_types(entries), *_of_head(entries, keys)] if entries else named
    general = Cause(
        "Saved from a network with different arguments",
        "A state_dict holds only tensors: it fits a network with the same layers, widths "
        "and kernels as the one it was saved from. strict=False ignores missing names, not different sizes.",
        "Build the network as it was when the file was saved; or load only the tensors whose sizes match: "
        f"{_DROPPING}.",
    )
    says = "The tensors in the file and in the model differ in name or shape."
    return Explanation(says, tuple(meanings[:8]), in_order([*causes, general]))


def _sizes(text: str) -> Shape:
    return tuple(map(int, re.findall(r"\d{1,9}", text)))


def _axes(name: str, shape: Shape) -> str:
    """What each axis of a weight means, as far as its name and the number of its axes tell."""
    if "weight_ih" in name or "weight_hh" in name:
        return f" (gates × hidden_size, {'input_size' if 'weight_ih' in name else 'hidden_size'})"
    if "in_proj" in name:
        return " (3 × embed_dim, embed_dim)" if len(shape) == 2 else " (3 × embed_dim)"
    if len(shape) == 2 and name.endswith("weight"):
        return (
            "; of a Linear layer these are (out_features, in_features), of an Embedding (num_embeddings, embedding_dim)"
        )
    is_weight = name.endswith("weight") and len(shape) > 2
    return " (out_channels, in_channels / groups, kernel)" if is_weight else ""


def _of_types(entries: list[tuple[str, Shape, Shape]]) -> Iterator[Cause]:
    """Recurrent layers and embeddings, which their names and shapes tell."""
    changed = {name for name, _, _ in entries}
    for name, saved, model in entries:
        two = len(saved) == len(model) == 2
        if "pos" in name.lower() and len(saved) == len(model) and saved[-1] == model[-1] and saved != model:
            why = (
                f"{name} has a row for each position: {shape_text(saved)} in the file, {shape_text(model)} in the "
                f"model."
            )
            yield Cause(
                "A different image size or text length",
                why,
                "Build the model for the size that the file was trained with, or interpolate the positions.",
            )
            return
        if "weight_hh" in name and two and saved[1] != model[1]:
            why = f"The last axis of {name} is hidden_size: {saved[1]} in the file, {model[1]} in the model."
            yield Cause("A different hidden_size", why, f"Write hidden_size={saved[1]} in the recurrent layer.")
            return
        if "weight_ih" in name and two and saved[1] != model[1] and saved[0] == model[0]:
            why = f"The last axis of {name} is input_size: {saved[1]} in the file, {model[1]} in the model."
            yield Cause("A different input_size", why, f"Write input_size={saved[1]} in the recurrent layer.")
            return
        bias = f"{name.removesuffix('weight')}bias"
        if name.endswith("weight") and two and saved[1] == model[1] and saved[0] != model[0] and bias not in changed:
            why = (
                f"Only the number of rows differs, {saved[0]} and {model[0]}, and there is no bias: it seems to "
                f"be an Embedding."
            )
            yield Cause(
                "A different vocabulary",
                why,
                f"Write num_embeddings={saved[0]}, and use the vocabulary that the file was trained with.",
            )
            return


_DROPPING = (
    "own = net.state_dict(); net.load_state_dict({k: v for k, v in state.items() if k in own and "
    "v.shape == own[k].shape}, strict=False)"
)


def _of_head(entries: list[tuple[str, Shape, Shape]], keys: dict[str, list[str]]) -> Iterator[Cause]:
    """Only one layer differs, in its number of outputs: its weight and its bias."""
    layers = {name.rpartition(".")[0] for name, _, _ in entries}
    weight = next((entry for entry in entries if entry[0].endswith(".weight") and len(entry[1]) > 1), None)
    if weight is None or len(layers) != 1 or not any(name.endswith(".bias") for name, _, _ in entries):
        return
    name, saved, model = weight
    if saved[1:] == model[1:] and saved[:1] != model[:1]:
        layer = name.removesuffix(".weight")
        others = " strict=False ignores names that only the file has." if keys.get("Unexpected") else ""
        yield Cause(
            "A different number of classes",
            f"Only {layer} differs: {saved[0]:,} outputs in the file, {model[0]:,} in the model. strict=False does not "
            "help: it ignores missing names, not different sizes.",
            f"Build the model with the file's {saved[0]:,} classes, load the file, then replace {layer}; or drop "
            f"these two first: state = {{k: v for k, v in state.items() if not k.startswith('{layer}.')}}, then "
            f"net.load_state_dict(state, strict=False).{others}",
        )


def _wrapped(model: str, keys: dict[str, list[str]]) -> Iterator[Cause]:
    """nn.DataParallel on one side only, or on both; a file that holds more than the weights."""
    missing, extra = keys.get("Missing", []), keys.get("Unexpected", [])
    prefixed = any(_prefixed(extra, prefix) for prefix in PREFIXES) and model not in WRAPPERS
    names = {key.rpartition(".")[2] for key in missing}
    plain = extra and not any("." in key or key in names for key in extra)
    if plain and (missing or any(key in INNER for key in extra)):
        inner = next((key for key in INNER if key in extra), extra[0])
        yield Cause(
            "The file holds more than the weights",
            f"{', '.join(extra[:4])} are not tensor names: the file is a dict that contains the state_dict.",
            f"Write net.load_state_dict(checkpoint['{inner}']).",
        )
    elif missing and _prefixed(missing, "module.") and not any(key.startswith("module.") for key in extra):
        yield Cause(
            "The model is wrapped in nn.DataParallel, the file is not",
            "Every name in the model begins with module., which the wrapper adds.",
            "Load into the network inside: net.module.load_state_dict(state); or load before wrapping.",
        )
    elif extra and not missing and not prefixed:
        yield Cause(
            "The file has more tensors than the model",
            f"{', '.join(extra[:4])} {'is' if len(extra) == 1 else 'are'} only in the file; everything else "
            f"the model needs is there.",
            "Load the rest with net.load_state_dict(state, strict=False), or use the class as it was when the file "
            "was saved.",
        )


def _differences(network: Network, name: str, saved: Shape, model: Shape) -> Iterator[Cause]:
    """What changes the weight of that layer from what it is here to what it is on the other side."""
    step = at(network, name).step if name in network.names else None
    if step is None or step.weight_shape not in (saved, model) or len(saved) != len(model):
        return
    here_is_model = step.weight_shape == model
    other, side = (saved, "the file") if here_is_model else (model, "the model")
    own = step.weight_shape
    if name == network.head and other[1:] == own[1:] and other[0] != own[0]:
        yield from _classes(network, name, other, side)
    elif step.type == "Linear" and other[0] == own[0]:
        for _, cause in expected.single(network, name, other[1])[:3]:
            title = f"In {side}: {cause.title[0].lower()}{cause.title[1:]}"
            remedy = "Build the model to match the file, or save the weights again."
            yield Cause(title, cause.why, remedy, True, cause.layer, cause.network, here_is_model)
    else:
        yield from _arguments(network, name, other, own, side, here_is_model)


def _classes(network: Network, name: str, other: Shape, side: str) -> Iterator[Cause]:
    try:
        changed = network.with_classes(other[0])
    except NetworkError:
        return
    why = f"In {side} {name} has {other[0]:,} outputs, here {network.classes:,}." if network.classes else ""
    remedy = f"Load the file into a network with that many classes, then replace {name}."
    yield Cause("A different number of classes", why, remedy, True, name, changed)


def _arguments(
    network: Network, name: str, other: Shape, own: Shape, side: str, here_is_model: bool
) -> Iterator[Cause]:
    layer, changed, words = network[name], network, []
    for argument, theirs, ours in (
        ("out_channels", other[0], own[0]),
        ("out_features", other[0], own[0]),
        ("kernel_size", other[2:], own[2:]),
    ):
        if argument in layer.parameters() and theirs != ours:
            value = theirs[0] if isinstance(theirs, tuple) and len(set(theirs)) == 1 else theirs
            try:
                changed = changed.with_argument(name, argument, value)
            except NetworkError:
                return
            words.append(f"{argument}={value}")
    step = at(changed, name).step
    if words and step and step.weight_shape == other:
        why = f"In {side} the weight of {name} is {shape_text(other)}, here {shape_text(own)}."
        remedy = f"Write {' and '.join(words)} in {name}." if here_is_model else "Build the model as it is here."
        yield Cause(f"{' and '.join(words)} in {name} of {side}", why, remedy, True, name, changed, here_is_model)


def _prefixed(keys: list[str], prefix: str) -> bool:
    return all(key.startswith(prefix) for key in keys)


def _names(network: Network | None, keys: dict[str, list[str]]) -> Iterator[Cause]:
    missing, extra = keys.get("Missing", []), keys.get("Unexpected", [])
    for prefix, origin in PREFIXES.items():
        if extra and _prefixed(extra, prefix) and not any(k.startswith(prefix) for k in missing):
            layers = {key.removeprefix(prefix).rpartition(".")[0] for key in extra}
            fits = network is not None and layers <= set(network.names)
            why = f"Every name in the file begins with {prefix}, which {origin} adds."
            remedy = f'Remove it: {{key.removeprefix("{prefix}"): value for key, value in state.items()}}.'
            yield Cause(f"Saved from within {origin}", why, remedy, fits)
    if missing and not extra:
        yield Cause(
            "The file lacks some layers",
            f"{', '.join(missing[:4])} {'is' if len(missing) == 1 else 'are'} missing.",
            "Load the others with strict=False, and train the rest.",
        )
    elif missing or extra:
        yield Cause(
            "The layers have different names",
            "A tensor's name is the attribute's name in the class: self.fc1 gives fc1.weight and fc1.bias.",
            "Use the same attribute names as the file.",
        )


KINDS: dict[str, Kind] = {
    "checkpoint": kind(
        "Saved weights from a different network",
        (
            "Error(s) in loading state_dict for Net: size mismatch for fc1.weight: copying a param "
            "with shape torch.Size([120, 192]) from checkpoint, the shape in current model is "
            "torch.Size([120, 300])."
        ),
        (
            r"Error\(s\) in loading state_dict for [\w.]{1,80}:",
            r"size mismatch for [\w.]{1,120}: copying a param (?:with shape|of)",
            r"[Ww]hile copying the parameter named \"?[\w.]{1,120}\"?, whose dimensions in the model are",
            r"(?:Missing|Unexpected) key\(s\) in state_dict: \"",
            r"KeyError: '(?:unexpected|missing) keys? ",
        ),
        explain,
    ),
}
