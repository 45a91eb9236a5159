"""What torch itself has not, as classes and functions that go with the code."""

from collections.abc import Iterable

HELPERS: dict[str, str] = {
    "StochasticDepth": '''\
class StochasticDepth(nn.Module):
    """While training, a sample's branch is zero with probability p."""

    def __init__(self, p{float}, mode{str}):
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x{tensor}){returns}:
        if not self.training:
            return x
        count = x.shape[0] if self.mode == "row" else 1
        kept = torch.rand(count, *[1] * (x.dim() - 1), device=x.device) >= self.p
        return x * kept / (1 - self.p)''',
}

MEASURED = "measured"
"""The function that stands in the place of what only a live model can compute."""
_FUNCTIONS: dict[str, str] = {
    MEASURED: '''\
def measured(what{word}, *tensors{tensor}, gives{shape}){returns}:
    """Stands for a call of the measured model; only its sizes are known."""
    raise NotImplementedError("write the model's own " + what + " in its place")''',
}
_STANDING = {"Opaque": MEASURED, "Constant": MEASURED}


def helper(name: str, hints: bool) -> list[str]:
    """The lines of a helper's class."""
    types = {
        "float": ": float", "tensor": ": torch.Tensor", "returns": " -> torch.Tensor", "word": ": str",
        "shape": ": tuple[int, ...]",
    }  # fmt: skip
    words = types | {"str": ': str = "row"'} if hints else dict.fromkeys(types, "") | {"str": '="row"'}
    text = HELPERS[name] if name in HELPERS else _FUNCTIONS[name]
    for key, word in words.items():
        text = text.replace(f"{{{key}}}", word)
    return text.replace('mode: str = "row"):', 'mode: str = "row") -> None:').splitlines()


def helpers_of(types: Iterable[str]) -> list[str]:
    """The helpers that rows of these types need."""
    found = {_STANDING.get(kind, kind) for kind in types}
    return [name for name in (*HELPERS, *_FUNCTIONS) if name in found]
