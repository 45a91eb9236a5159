"""From a block to the outline of its class: who is a function, what values are called, what is constructed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from layerscope.source.calling import SPELLINGS, function_call, takes_all
from layerscope.source.constructing import Construction
from layerscope.source.naming import misnamed
from layerscope.source.spelling import Argument
from layerscope.source.writing.called import Called
from layerscope.source.writing.expressions import LISTS, expression
from layerscope.source.writing.operands import Operands
from layerscope.source.writing.outlines import Key, Leaf, Line, Outline, leaves_of
from layerscope.source.writing.part_tree import Block, Part, Value, is_module
from layerscope.source.writing.structure import Kind, Statement, Structure
from layerscope.source.writing.variables import CURRENT, ROW, UNUSED, Naming, Variables


class Outlining:
    """Describes the blocks of a network. `functions` says whether torch's functions are used where there are any."""

    def __init__(self, structure: Structure, constructions: Sequence[Construction], functions: bool) -> None:
        self.structure = structure
        self.constructions = constructions
        self._functions = functions
        self._known: dict[str, Outline] = {}
        self._made: dict[tuple[str, str], tuple[Key, tuple[Leaf, ...]]] = {}
        self._layers = structure.network.resolved

    def of(self, block: Block, inputs: tuple[str, ...] = ()) -> Outline:
        """A block that becomes a class; `inputs` are the names of what its forward takes."""
        if block.path not in self._known:
            self._known[block.path] = self._describe(block, inputs)
        return self._known[block.path]

    def all(self) -> Iterator[Outline]:
        """All classes so far, inner blocks first."""
        yield from self._known.values()

    def wrapper(self, path: str, part: Part) -> Outline:
        """The class of a row that torch has as a function only, and that has to be a module in an nn.Sequential."""
        inside = Block(f"{path}.{part.name}" if path else part.name, part.name, (part,))
        if inside.path not in self._known:
            called = expression(self._layers[part.row], ("x",))
            line = Line((part.row,), "", called)
            key = ("wrapper", self._layers[part.row].type, tuple(called.lines("", "", "")))
            self._known[inside.path] = Outline(inside, key, (), ("x",), (line,), (), frozenset())
        return self._known[inside.path]

    def _describe(self, block: Block, inputs: tuple[str, ...]) -> Outline:
        structure = self.structure
        if structure.kind(block) is Kind.SEQUENTIAL:  # the whole network
            key, leaves = self.skeleton(block, frozenset())
            return Outline(block, key, leaves, (), (), (), frozenset())
        statements = structure.statements(block)
        entering = structure.wires.entering(block.rows)
        if block is structure.root:
            entering = tuple((-1 - k, 0) for k in range(len(inputs)))
            leaving = structure.wires.outputs
        else:
            inputs = ("x",) if len(entering) == 1 else tuple(f"x{n + 1}" for n in range(len(entering)))
            leaving = structure.wires.leaving(block.rows)
        parameters = dict(zip(entering, inputs, strict=True))
        if block is not structure.root and self._takes_a_row(statements, entering):
            inputs, parameters = (f"*{ROW}",), {value: f"{ROW}[{n}]" for n, value in enumerate(entering)}
        names, functional = self._named(statements, Naming(statements, parameters, leaving))
        operands = Operands(
            self._layers,
            names.texts,
            {row for each in statements if isinstance(each.part, Part) for row in each.part.rows},
            next(iter(parameters.values()), ""),
            {value for each in statements for value in each.gives}
            - {value for row in (leaving, *(each.reads for each in statements)) for value in row},
        )
        lines = tuple(
            Line(statement.part.rows, target, self._called(block, statement, operands, functional))
            for statement, target in zip(statements, names.targets, strict=True)
            if target
        )
        skeleton, leaves = self.skeleton(block, functional)
        returned = tuple(operands.text(value) for value in leaving)
        text = tuple(tuple(line.called.lines(f"{line.target} = ", "", "")) for line in lines)
        key = ("class", inputs, skeleton, text, returned)
        return Outline(block, key, leaves, inputs, lines, returned, functional)

    def _takes_a_row(self, statements: Sequence[Statement], entering: Sequence[Value]) -> bool:
        """Whether all that enters is joined by one row and read by nothing else, as in the layers of a dense block."""
        readers = [each for each in statements if set(each.reads) & set(entering)]
        if len(entering) < 2 or len(readers) != 1 or not isinstance(readers[0].part, Part):
            return False
        return self._layers[readers[0].part.row].type in LISTS and readers[0].reads == tuple(entering)

    def _named(self, statements: tuple[Statement, ...], naming: Naming) -> tuple[Variables, frozenset[int]]:
        """The variables, and the rows that are functions: reading has to give each row its name again."""
        functional = {
            statement.part.row for statement in statements
            if isinstance(statement.part, Part) and len(statements) > 1 and self._can_be_function(statement)
        }  # fmt: skip
        # Reading takes the path of an object for the name of all that it does, where that is one row.
        kept = {statement.name for statement in statements} if len(statements) == 1 else set[str]()
        while True:
            names = naming.named(frozenset(kept))
            nameless = [
                statement
                for statement, target in zip(statements, names.targets, strict=True)
                if target.partition(",")[0] in (CURRENT, UNUSED) and self._is_nameless(statement, functional)
            ]
            others = {
                name.partition(".")[0] for name in {each.name for each in statements} - {each.name for each in nameless}
            }
            stems = [self._layers[each.part.rows[0]].stem for each in nameless]
            wrong = [nameless[place] for place in misnamed(stems, [each.name for each in nameless], others)]
            if all(each.name in kept for each in wrong):
                return names, frozenset(functional)
            for each in wrong:
                if each.part.rows[0] in functional:
                    functional.discard(each.part.rows[0])
                else:
                    kept.add(each.name)

    def _is_nameless(self, statement: Statement, functional: set[int]) -> bool:
        """Whether the code has no attribute that says the row's name."""
        row = statement.part.rows[0]
        layer = self._layers[row]
        return isinstance(statement.part, Part) and (bool(layer.of) or row in functional or not is_module(layer))

    def _can_be_function(self, statement: Statement) -> bool:
        row = statement.part.rows[0]
        layer = self._layers[row]
        alone = "." not in statement.name and row not in self.structure.called_again and not (layer.of or layer.tied)
        return self._functions and alone and layer.type in SPELLINGS and takes_all(layer)

    def _called(self, block: Block, statement: Statement, operands: Operands, functional: frozenset[int]) -> Called:
        if isinstance(statement.part, Block):
            return Called(statement.access, tuple(Argument(operands.text(value)) for value in statement.reads))
        row = statement.part.row
        layer = self._layers[row]
        if statement.is_attribute:
            return Called(operands.unread(statement.gives[0], statement.access))
        if not is_module(layer):
            texts = operands.of_expression(layer, statement.reads, self.constructions[row].runs)
            row_of_all = layer.type in LISTS and texts == [f"{ROW}[{n}]" for n in range(len(texts))]
            return expression(layer, [f"*{ROW}"] if row_of_all else texts)
        if row in functional:
            function, arguments = function_call(layer)
            return Called(function, (*map(Argument, map(operands.text, statement.reads)), *arguments))
        access = statement.access
        if layer.of:
            access = self.structure.reached(block, self.structure.network.index(layer.of))
        return Called(access, tuple(map(Argument, operands.of_module(layer, statement.reads))))

    def skeleton(self, block: Block, functional: frozenset[int]) -> tuple[Key, tuple[Leaf, ...]]:
        """What a constructor makes for the parts of a block: what equal blocks share, and the arguments in order."""
        keys: list[Key] = []
        leaves: list[Leaf] = []
        for part in block.parts:
            key, inside = self.made(block, part, functional)
            if key:
                keys.append(key)
                leaves.extend(inside)
        return tuple(keys), tuple(leaves)

    def made(self, block: Block, part: Part | Block, functional: frozenset[int]) -> tuple[Key, tuple[Leaf, ...]]:
        """The same for one part; () where nothing is made."""
        place = block.path, part.name
        if place not in self._made:
            self._made[place] = self._made_of(block, part, functional)
        return self._made[place]

    def _made_of(self, block: Block, part: Part | Block, functional: frozenset[int]) -> tuple[Key, tuple[Leaf, ...]]:
        if isinstance(part, Part):
            return self._row(block, part, functional)
        kind = self.structure.kind(part)
        if kind is Kind.CLASS:
            inside = self.of(part)
            return (kind, part.name, inside.key), _within(part.name, inside.leaves)
        key, leaves = self.skeleton(part, functional)
        return ((kind, part.name, key), _within(part.name, leaves)) if key else ((), ())

    def _row(self, block: Block, part: Part, functional: frozenset[int]) -> tuple[Key, tuple[Leaf, ...]]:
        layer = self._layers[part.row]
        if part.row in functional or layer.of:
            return (), ()
        made = self.constructions[part.row]
        if layer.type == "Parameter":
            return ("parameter", part.name), tuple(leaves_of(layer, part.name, made))
        if is_module(layer):
            leaves = tuple(leaves_of(layer, part.name, made))
            return (made.function, part.name, tuple(leaf.name for leaf in leaves)), leaves
        if self.structure.kind(block) is Kind.SEQUENTIAL:
            return ("wrapper", part.name, self.wrapper(block.path, part).key), ()
        return (), ()


def _within(name: str, leaves: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    """The arguments of a block's parts, told apart by the block's name."""
    return tuple(replace(leaf, row=f"{name}_{leaf.row}") for leaf in leaves)
