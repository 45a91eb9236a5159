"""Modules that torch itself has not, as classes that go with the code."""

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


def helper(name: str, hints: bool) -> list[str]:
    """The lines of a helper's class."""
    types = {"float": ": float", "tensor": ": torch.Tensor", "returns": " -> torch.Tensor"}
    words = types | {"str": ': str = "row"'} if hints else dict.fromkeys(types, "") | {"str": '="row"'}
    text = HELPERS[name]
    for key, word in words.items():
        text = text.replace(f"{{{key}}}", word)
    return text.replace('mode: str = "row"):', 'mode: str = "row") -> None:').splitlines()


def helpers_of(types: Iterable[str]) -> list[str]:
    """The helpers that rows of these types need."""
    found = set(types)
    return [name for name in HELPERS if name in found]
