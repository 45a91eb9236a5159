"""The lines of a class's constructor: modules, blocks, and the containers that hold them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from layerscope.source.attributes import attribute
from layerscope.source.spelling import STEP, Argument, call, remark
from layerscope.source.writing.helpers import HELPERS
from layerscope.source.writing.outlines import Key
from layerscope.source.writing.outlining import Outlining
from layerscope.source.writing.part_tree import Block, Part
from layerscope.source.writing.structure import Kind
from layerscope.source.writing.templates import Template


@dataclass(frozen=True)
class Text:
    """Lines, and the rows of the first of the equal blocks that they belong to."""

    lines: list[str]
    rows: tuple[int, ...] = ()


class Constructor:
    """Writes what the constructor of one class makes. `comments` are what is told of rows after them."""

    def __init__(
        self,
        outlining: Outlining,
        templates: Mapping[Key, Template],
        template: Template,
        comments: Mapping[int, str],
    ) -> None:
        self._outlining, self._templates, self._template = outlining, templates, template
        self._comments = comments
        self._place = 0
        """How many of the template's arguments were written so far."""
        self._later: list[tuple[Block, str, int]] = []
        """Blocks that stand empty in a list: their parts follow it. How each is reached, and its first argument."""

    def statements(self, block: Block, holder: str, indent: str) -> Iterator[Text]:
        """What is constructed for the parts of a block, as attributes of `holder`."""
        for part in block.parts:
            kind = self._kind(block, part)
            named = f"{holder}.{attribute(part.name)}"
            if kind is None:
                continue
            if kind is Kind.HOLDER and isinstance(part, Block):
                if part.name.isdigit():
                    yield Text([f'{indent}{holder}.add_module("{part.name}", nn.Module())'])
                    named = f'{holder}.get_submodule("{part.name}")'
                else:
                    yield Text([f"{indent}{named} = nn.Module()"])
                yield from self.statements(part, named, indent)
            elif part.name.isdigit():
                verb = "register_parameter" if kind == "parameter" else "add_module"
                yield Text([f"{indent}{holder}.{verb}(", f'{indent}{STEP}"{part.name}",'])
                reached = f'{holder}.get_submodule("{part.name}")'
                yield from self.expression("", block, part, ",", indent + STEP, reached)
                yield Text([f"{indent})"])
            else:
                yield from self.expression(f"{named} = ", block, part, "", indent, named)
            yield from self._filled(indent)

    def _filled(self, indent: str) -> Iterator[Text]:
        """What goes into the blocks that stand empty in the list before."""
        while self._later:
            block, reached, start = self._later.pop(0)
            later, self._later = self._later, []
            end, self._place = self._place, start
            yield from self.statements(block, reached, indent)
            self._place, self._later = end, later

    def _kind(self, block: Block, part: Part | Block) -> object:
        key, _ = self._outlining.made(block, part, self._template.first.functional)
        return key[0] if key else None

    def expression(
        self, before: str, block: Block, part: Part | Block, after: str, indent: str, reached: str
    ) -> Iterator[Text]:
        """The lines of `before constructor after`, for a part that something is constructed for.

        `reached` is the expression that reaches the part then.
        """
        key, leaves = self._outlining.made(block, part, self._template.first.functional)
        if isinstance(part, Block) and key[0] is not Kind.CLASS:
            yield from self.container(before, part, after, indent, reached)
            return
        start, comment = self._place, ""
        self._place += len(leaves)
        if key[0] in (Kind.CLASS, "wrapper"):
            made = self._templates[key[2]]
            function = made.name
            given = [Argument(f"{name}={self._template.value(start + place)}") for place, name in made.passed]
        else:
            function, given = key[0], [each for n in range(len(leaves)) if (each := self._template.argument(start + n))]
            if function == "parameter":
                function, given = "nn.Parameter", [Argument(f"torch.zeros({self._template.value(start)})")]
            note = self._outlining.constructions[part.rows[0]].note
            yield Text(remark(note, indent))
            function, given = _stacked(function, given)
            function = function.removeprefix("nn.") if function.removeprefix("nn.") in HELPERS else function
        if self._outlining.structure.kind(block) is Kind.SEQUENTIAL:
            comment = self._comments.get(part.rows[-1], "")
        yield Text(call(before, function, given, after, comment, indent), part.rows)

    def container(self, before: str, block: Block, after: str, indent: str, reached: str) -> Iterator[Text]:
        """nn.Sequential, nn.ModuleList or nn.ModuleDict; an OrderedDict gives the names that are not simply 0, 1, 2."""
        structure = self._outlining.structure
        kind = structure.kind(block)
        made = [part for part in block.parts if self._kind(block, part) is not None]
        plain = not structure.is_named(block)
        opening, closing = [f"{before}nn.Sequential("], [f"){after}"]
        if kind is Kind.LIST:
            held = "Parameter" if self._kind(block, made[0]) == "parameter" else "Module"
            opening, closing = [f"{before}nn.{held}List(", "["], ["]", f"){after}"]
        elif kind is Kind.DICT:
            opening, closing, plain = [f"{before}nn.ModuleDict(", "{"], ["}", f"){after}"], False
        elif not plain:
            opening, closing = [f"{before}nn.Sequential(", "OrderedDict(", "{"], ["}", ")", f"){after}"]
        deep = indent + STEP * len(opening)
        yield Text([f"{indent}{STEP * n}{row}" for n, row in enumerate(opening)], block.rows)
        ways = dict(structure.accesses(block, reached))
        for part in made:
            named = "" if plain else f'"{part.name}": '
            if isinstance(part, Block) and structure.kind(part) is Kind.HOLDER:
                yield Text([f"{deep}{named}nn.Module(),"])
                self._later.append((part, ways[part], self._place))
                self._place += len(self._outlining.made(block, part, self._template.first.functional)[1])
            else:
                yield from self.expression(named, block, part, ",", deep, ways[part])
        steps = range(len(closing) - 1, -1, -1)
        yield Text([f"{indent}{STEP * n}{row}" for n, row in zip(steps, closing, strict=True)], block.rows)


def _stacked(function: str, given: list[Argument]) -> tuple[str, list[Argument]]:
    """A stack of Transformer layers as torch constructs it: from one layer, how often, and the norm after them."""
    part = {"nn.TransformerEncoder": "encoder_layer", "nn.TransformerDecoder": "decoder_layer"}.get(function)
    if part is None:
        return function, given
    values = {each.text.partition("=")[0]: each for each in given}
    count, norm = values.pop("num_layers"), values.pop("norm", None)
    layer = f"{part}={function}Layer("
    inner = tuple(each.text for each in values.values())
    made = [Argument(f"{layer}{', '.join(inner)})", layer, inner, ")"), count]
    if norm is not None and norm.text == "norm=True":
        kept = [values[name].text for name in ("d_model", "layer_norm_eps", "bias") if name in values]
        texts = [text.replace("d_model=", "normalized_shape=").replace("layer_norm_eps=", "eps=") for text in kept]
        made.append(Argument(f"norm=nn.LayerNorm({', '.join(texts)})", "norm=nn.LayerNorm(", tuple(texts), ")"))
    return function, made
