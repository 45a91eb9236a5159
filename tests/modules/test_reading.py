"""Traps that summaries fall into, each as a small model, and what becomes of the model that is read."""

import copy
import random

import pytest
import torch
from torch import nn
from torch.nn import functional

import layerscope
from layerscope.layers.opaque import Constant, Measured, Opaque
from layerscope.link import decode, encode
from layerscope.modules.reading import ModuleError, from_module, read
from layerscope.source import reader, writer
from layerscope.tracing import trace
from tests.modules.running import outputs


def facts(network):
    """(name, type, of, what it reads) of each row."""
    return [(row.name, row.type, row.of, network.before(row.name)) for row in network.layers]


def counts(network):
    found = trace(network)
    assert found.error is None, found.error
    return found.parameters, found.macs


class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = nn.Linear(8, 8)
        self.again = nn.ModuleDict({"step": self.step})
        self.relu = nn.ReLU()

    def forward(self, x):
        for _ in range(2):
            x = self.relu(self.step(x))
        return x + self.again["step"](x)


def test_a_module_called_in_a_loop_and_by_two_parents_has_its_weights_once():
    network = from_module(Loop(), (4, 8))
    assert facts(network) == [
        ("step", "Linear", "", ("input",)),
        ("relu", "ReLU", "", ("step",)),
        ("step_1", "Linear", "step", ("relu",)),
        ("relu_1", "ReLU", "", ("step_1",)),
        ("step_2", "Linear", "step", ("relu_1",)),
        ("add", "Add", "", ("relu_1", "step_2")),
    ]
    assert counts(network) == (72, 3 * 64)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(100, 16)
        self.one, self.other, self.third = nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 16)
        self.other.weight, self.other.bias = self.one.weight, self.one.bias
        self.third.weight = self.one.weight
        self.out = nn.Linear(16, 100, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, tokens):
        return self.out(self.third(self.other(self.one(self.embed(tokens)))))


class Inside(nn.Module):
    """Calls a module of a list twice, and a part of a module that is one row by itself."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.ReLU(), nn.Linear(8, 8)])
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x):
        for _ in range(2):
            for layer in self.layers:
                x = layer(x)
        return self.encoder(x) + self.encoder.linear2(self.encoder.linear1(x))


def test_no_row_stands_inside_another_row():
    network = from_module(Inside(), (2, 5, 8))
    assert network.names == (
        "layers.0", "layers.1", "layers.call0_1", "layers.call1_1", "encoder", "encoder_linear1", "encoder_linear2",
        "add",
    )  # fmt: skip
    assert trace(network).parameters == sum(weight.numel() for weight in Inside().parameters())


def test_a_tensor_that_two_modules_hold_counts_once():
    model = Tied()
    network = from_module(model, input_data=torch.zeros(2, 7, dtype=torch.long))
    assert [(row.name, row.type, row.of, row.tied) for row in network.layers] == [
        ("embed", "Embedding", "", ()),
        ("one", "Linear", "", ()),
        ("other", "Linear", "", ("one:weight", "one:bias")),
        ("third", "Linear", "", ("one:weight",)),
        ("out", "Linear", "", ("embed:weight",)),
    ]
    assert (network.inputs[0].kind, network.inputs[0].high) == ("indices", 100)
    parameters = sum(weight.numel() for weight in model.parameters())
    assert counts(network) == (parameters, 7 * (3 * 256 + 1600))


def test_a_recurrent_layer_works_once_a_step_wherever_the_batch_is():
    for length in (5, 35):
        first = from_module(nn.LSTM(10, 20, batch_first=True), (2, length, 10))
        second = from_module(nn.LSTM(10, 20), (length, 2, 10))
        assert counts(first) == counts(second) == (2560, length * 2400)
        assert trace(second).output_shapes[0] == (length, 20)


class Decides(nn.Module):
    def __init__(self):
        super().__init__()
        self.warm, self.cold = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        return self.warm(x) if x.sum() >= 0 else self.cold(x)


def test_values_that_decide_are_computed_really():
    reading = read(Decides(), input_data=torch.ones(2, 4))
    assert reading.network.names == ("warm",)
    assert reading.unused_parameters == 20
    assert read(Decides(), input_data=-torch.ones(2, 4)).network.names == ("cold",)


class Halved(Decides):
    def forward(self, x):
        y = self.warm(x)
        return self.cold(y[y > 0].reshape(-1, 4))


class Tosses(Decides):
    def forward(self, x):
        x = self.warm(x)
        return self.cold(x) if torch.rand(1).item() > 0.5 else x


class TossesInPython(Decides):
    def forward(self, x):
        return self.warm(x) if random.random() > 0.5 else self.cold(x)


class Chooses(Decides):
    """By its own weights, which are the same each time."""

    def forward(self, x):
        return self.warm(x) if self.warm.weight.sum() > -100 else self.cold(x)


def test_made_up_numbers_decide_nothing():
    for model, called, known in ((Decides(), "bool(...)", ("sum", "ge")), (Halved(), "x[mask]", ("warm", "gt"))):
        with pytest.raises(ModuleError) as caught:
            from_module(model, (2, 4))
        name = type(model).__name__
        assert str(caught.value) == (
            f"{name} looks at the numbers in a tensor ({called}), and what it does next depends on them. A size has no "
            "numbers: give input_data, such as a batch of your own."
        )
        assert caught.value.network is not None
        assert caught.value.network.names == known
        assert name in (layerscope.summary(model, (2, 4)).error or "")
    assert from_module(Chooses(), (2, 4)).names == ("warm",)


def test_numbers_of_the_input_may_decide_and_the_summary_says_so():
    seen = layerscope.summary(Decides(), input_data=torch.ones(2, 4))
    said = "Decides looks at numbers in the input (bool(...)): another input may give another network."
    assert seen.decided == said
    assert said in repr(seen)
    assert layerscope.summary(Chooses(), input_data=torch.ones(2, 4)).decided == ""


def test_chance_decides_nothing():
    for given in ({"input_size": (2, 4)}, {"input_data": torch.ones(2, 4)}):
        with pytest.raises(ModuleError, match=r"Tosses looks at a random number \(.item\(\)\)") as caught:
            from_module(Tosses(), **given)
        assert caught.value.network is not None
        assert caught.value.network.names == ("warm",)
        found = set()
        for seed in range(6):
            random.seed(seed)
            found.add(from_module(TossesInPython(), **given).names)
        assert len(found) == 1


def test_tensors_that_two_modules_hold_count_once_and_are_named():
    model, words = Tied(), torch.zeros(2, 7, dtype=torch.long)
    seen = layerscope.summary(model, input_data=words)
    assert seen.parameters == sum(weight.numel() for weight in model.parameters())
    assert [line.of for line in seen.lines] == [
        "", "", "weight and bias of one", "weight of one", "weight of embed",
    ]  # fmt: skip
    assert "weight of embed" in repr(seen)
    assert list(seen.frame()["tied"])[-1] == ("embed:weight",)
    assert seen.sharing == {}


class TiedAcross(nn.Module):
    """A tensor under two names, which no tie says."""

    def __init__(self):
        super().__init__()
        self.fc, self.norm = nn.Linear(8, 8), nn.LayerNorm(8)
        self.norm.weight = self.fc.bias

    def forward(self, x):
        return self.norm(self.fc(x))


def test_weights_that_are_shared_in_another_way_count_once_and_are_named():
    model = TiedAcross()
    seen = layerscope.summary(model, (2, 8))
    assert seen.parameters == sum(weight.numel() for weight in model.parameters())
    assert seen.sharing == {"norm": "fc"}
    assert "norm (LayerNorm) shares weights with fc (Linear)" in repr(seen)
    assert layerscope.summary(Loop(), (2, 8)).sharing == {}


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(100, 10)

    def forward(self, x):
        return self.fc(functional.relu(self.conv(x)).flatten(1))


def test_a_model_that_does_not_run_names_the_module_and_keeps_what_came_before():
    with pytest.raises(ModuleError) as caught:
        from_module(Broken(), (2, 3, 8, 8))
    error = caught.value
    assert (
        str(error) == "fc (Linear) does not run: it expects in_features 100, but gets 288; in_features=288 would fit."
    )
    assert error.path == "fc"
    assert "cannot be multiplied" in error.torch_message
    assert error.network is not None
    assert error.network.names == ("conv", "relu", "flatten")


@pytest.mark.parametrize(
    ("model", "size", "told"),
    [
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), (3, 32, 32), "(1, 3, 32, 32)"),
        (nn.Linear(4, 2), (4,), "(1, 4)"),
        (nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), (3, 4), "(1, 3, 4)"),
        (nn.Bilinear(3, 4, 2), [(3,), (4,)], "[(1, 3), (1, 4)]"),
    ],
)
def test_a_size_that_lacks_the_batch_is_told_so(model, size, told):
    name = type(model).__name__
    wanted = f"{name} does not run on this size, but on {told}: put the batch first, as input_size={told}."
    with pytest.raises(ModuleError) as caught:
        from_module(model, size)
    assert str(caught.value) == wanted


def test_a_table_that_is_given_a_size_asks_for_indices():
    with pytest.raises(ModuleError) as caught:
        from_module(Tied(), (2, 7))
    assert str(caught.value) == (
        "embed (Embedding) does not run: it expects indices, which are whole numbers, but gets floats. A size makes an "
        "input of floats; give input_data, such as torch.zeros((2, 7), dtype=torch.long)."
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "Give input_size"),
        ({"input_size": (2, 3), "input_data": torch.ones(2, 3)}, "not both"),
        ({"input_size": ()}, "input_size must be a size"),
        ({"input_size": (2, -3)}, "input_size must be a size"),
        ({"input_data": torch.tensor(1.0)}, "input_data must be a tensor"),
    ],
)
def test_wrong_arguments_get_a_sentence(arguments, says):
    with pytest.raises(ModuleError, match=says):
        from_module(nn.Linear(3, 2), **arguments)


def test_what_is_no_module_gets_a_sentence():
    with pytest.raises(ModuleError, match="model is of type str"):
        from_module("resnet18", (1, 3, 224, 224))  # type: ignore[arg-type]


def test_the_model_is_left_as_it_was():
    seen = []
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten(), nn.Linear(144, 5))
    model[1].register_forward_hook(lambda *_: seen.append(1))
    model.train()
    decides = Decides()
    before = copy.deepcopy(model.state_dict())
    torch.manual_seed(3)
    random.seed(3)
    state = torch.get_rng_state(), random.getstate()
    from_module(model, (1, 3, 8, 8))
    read(decides, (2, 4))
    assert torch.equal(torch.get_rng_state(), state[0])
    assert random.getstate() == state[1]
    assert all(module.training for module in model.modules())
    assert all("forward" not in vars(module) for module in model.modules())
    assert seen == [], "a hook of the model's owner saw a run"
    assert len(model[1]._forward_hooks) == 1
    assert all(torch.equal(old, new) for old, new in zip(before.values(), model.state_dict().values(), strict=True))


def test_where_the_model_lives_and_what_torch_defaults_to_change_nothing():
    with torch.device("meta"):
        model = Loop()
    here = from_module(Loop(), (4, 8))
    with torch.device("meta"):
        assert from_module(model, (4, 8)) == here
    assert model.step.weight.is_meta


class Wild(nn.Module):
    """Names, in-place changes, plain tensors and devices of all kinds."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4, 1))
        self.table = nn.Parameter(torch.ones(3, 5))
        self.register_buffer("places", torch.arange(5.0))
        self.plain = torch.ones(5)
        self.add_module("odd-name", nn.Linear(5, 5))

    def forward(self, x):
        made = torch.zeros_like(x, device=x.device)
        made[:, :2] = x[:, :2]
        made += self.scale * self.get_buffer("places") + self.plain
        first, *rest = getattr(self, "odd-name")(made).to("cpu").unbind(1)
        return first + rest[-1] + (self.table.t() @ self.table).mean(0)


def test_what_no_row_says_is_measured_and_the_columns_still_add_up():
    model = Wild()
    network = from_module(model, (2, 4, 5))
    found = trace(network)
    assert found.parameters == sum(weight.numel() for weight in model.parameters())
    assert found.macs == 4 * 25 + 5 * 3 * 5
    assert found.output_shapes == ((5,),)
    assert {type(row) for row in network.layers} >= {Constant, Opaque}
    assert "odd_name" in network.names
    assert decode(encode(network)) == network


def test_an_opaque_row_says_that_it_knows_one_size_only():
    network = from_module(Wild(), (2, 4, 5)).with_input((4, 6))
    error = trace(network).error
    assert error is not None
    assert "was measured while" in error.message


class Lazy(nn.Sequential):
    def __init__(self):
        super().__init__(nn.LazyLinear(5), nn.LazyBatchNorm1d(), nn.ReLU(inplace=True))


def test_modules_that_learn_their_sizes_are_read_and_stay_as_they_are():
    model = Lazy()
    assert counts(from_module(model, (2, 4))) == (35, 20)
    assert type(model[0]) is nn.LazyLinear


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.mix = nn.Embedding(50, 8), nn.Linear(3, 8)

    def forward(self, tokens, values):
        joined = self.embed(tokens).mean(1) + self.mix(values)
        return {"joined": joined, "both": torch.cat([joined, values], dim=-1)}


def test_several_inputs_and_outputs_keep_their_names():
    tokens, values = torch.randint(50, (2, 5)), torch.rand(2, 3)
    for given in ([tokens, values], {"tokens": tokens, "values": values}):
        network = from_module(Two(), input_data=given)
        assert [(one.name, one.shape, one.kind) for one in network.inputs] == [
            ("tokens", (5,), "indices"),
            ("values", (3,), "values"),
        ]
        assert network.output_names == ("add", "cat")
        assert trace(network).output_shapes == ((8,), (11,))


class Mixer(nn.Module):
    """Random calls of layers and functions on tensors of one shape, joined again and again."""

    def __init__(self, seed):
        super().__init__()
        self.plan = random.Random(seed)
        self.seed = seed
        self.convs = nn.ModuleList(nn.Conv2d(6, 6, 3, padding=1, groups=self.plan.choice((1, 2))) for _ in range(3))
        self.norm, self.act = nn.BatchNorm2d(6), nn.Hardswish()
        self.gain = nn.Parameter(torch.rand(6, 1, 1))

    def forward(self, x):
        plan, held = random.Random(self.seed), [x]
        ways = [
            lambda a, b: plan.choice(self.convs)(a),
            lambda a, b: self.act(self.norm(a)),
            lambda a, b: a + b,
            lambda a, b: a * b.mean((2, 3), keepdim=True),
            lambda a, b: torch.cat([a[:, :2], b[:, 2:]], 1),
            lambda a, b: torch.cat(a.chunk(2, 1)[::-1], dim=1),
            lambda a, b: (a.permute(0, 2, 3, 1) * 0.5).permute(0, 3, 1, 2),
            lambda a, b: a.flatten(2).transpose(1, 2).reshape(a.shape[0], 8, 8, 6).permute(0, 3, 1, 2),
            lambda a, b: a * self.gain,
            lambda a, b: functional.max_pool2d(a, 3, 1, 1) - b,
            lambda a, b: functional.interpolate(functional.avg_pool2d(a, 2), scale_factor=2),
            lambda a, b: (
                (a.flatten(2) @ b.flatten(2).transpose(-2, -1)).softmax(-1) @ a.flatten(2).view(a.size(0), 6, 64)
            ),
        ]
        for _ in range(8):
            made = plan.choice(ways)(plan.choice(held), plan.choice(held))
            held.append(made.view(x.shape) if made.dim() == 3 else made)
        return sum(held)


def test_random_models_compute_the_same_as_their_rows():
    for seed in range(40):
        model = Mixer(seed).eval()
        network = from_module(model, (1, 6, 8, 8))
        images = torch.rand(3, 6, 8, 8)
        with torch.no_grad():
            wanted = model(images)
        (given,) = outputs(network, model, images)
        assert torch.allclose(given, wanted, atol=1e-4), seed


class Masked(nn.Module):
    """Attention with a mask that is a buffer, that comes of the input, or that has weights."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.att = nn.MultiheadAttention(8, 2, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(6, 6)) if kind == "weights" else None
        self.mask: torch.Tensor
        self.register_buffer("mask", torch.ones(9, 9, dtype=torch.bool).triu(1))

    def forward(self, x):
        length = x.shape[1]
        if self.kind == "function":
            return functional.scaled_dot_product_attention(x, x, x, attn_mask=self.mask[:length, :length])
        if self.kind == "input":
            return self.att(x, x, x, key_padding_mask=x.sum(2) > 0, need_weights=False)[0]
        mask = self.mask[:length, :length] if self.bias is None else self.bias
        return self.att(x, x, x, attn_mask=mask, need_weights=False)[0]


@pytest.mark.parametrize("kind", ["buffer", "input", "function"])
def test_attention_with_a_mask_is_a_row_of_its_own(kind):
    told = layerscope.summary(Masked(kind), input_size=(1, 6, 8))
    row = "ScaledDotProductAttention" if kind == "function" else "MultiheadAttention"
    assert [layer.type for layer in told.network.layers if "Attention" in layer.type] == [row]
    assert not any(isinstance(layer, Measured) for layer in told.network.layers)
    assert "are not shown: they change no shape and no count." in repr(told)
    if kind == "buffer":
        assert told.parameters == sum(each.numel() for each in Masked(kind).parameters())
        assert reader.read(writer.write(told.network)) == told.network


def test_a_mask_with_weights_is_counted():
    told = layerscope.summary(Masked("weights"), input_size=(1, 6, 8))
    assert told.parameters == sum(each.numel() for each in Masked("weights").parameters())
