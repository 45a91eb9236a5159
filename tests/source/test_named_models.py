"""Models of torchvision that a paste only names: called, with other heads, taken apart. torch runs the same lines."""

import ast
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from layerscope.presets import PRESETS
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Call
from layerscope.source.reader import read_all
from layerscope.source.remarks.remarks import Remarks
from layerscope.source.text.paste import Paste
from layerscope.source.torch import models
from layerscope.source.torch.modules import LayerModule, walked
from layerscope.source.torch.world import TorchWorld
from layerscope.tracing import trace
from tests import zoo
from tests.costs import seconds
from tests.large import large_last

RECORDS = json.loads((Path(__file__).parents[1] / "modules" / "models.json").read_text())
HEAD = "import torch\nimport torch.nn as nn\nimport torchvision\nfrom torchvision import models\n"


def read_well(text):
    """The trace of what is read, and the reading; it is read to its end and runs."""
    reading = read_all(text)
    assert reading.refusal is None
    assert reading.network is not None
    traced = trace(reading.network)
    assert traced.error is None
    assert traced.agrees
    return traced, reading


def torchs(text, side=224, channels=3):
    """What torch makes of the same lines: the output's shape, parameters of `net`, multiply-accumulates."""
    assert zoo.HAS_TORCHVISION, zoo.HELP
    zoo.torchvision_models()
    names: dict[str, Any] = {}
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        exec(text, names)  # a text of this file
        net = names["net"].eval()
        with FlopCounterMode(display=False) as counter:
            given = net(torch.empty(1, channels, side, side))
    parameters = sum(weight.numel() for weight in net.parameters())
    return tuple(given.shape[1:]), parameters, counter.get_total_flops() // 2


def figures(traced):
    return traced.output_shape, traced.parameters, traced.macs


def module_of(name):
    """The module that stands for a model."""
    run = Evaluator(Paste.of(""), TorchWorld(), Remarks(Paste.of("")))
    return models.made(run, f"torchvision.models.{name}", Call(ast.parse("0").body[0]))


@pytest.mark.parametrize("name", large_last(models.MODELS))
def test_a_named_model_has_torchvisions_figures(name):
    side = 299 if name == "inception_v3" else 224
    traced, reading = read_well(
        f"from torchvision.models import {name}\nnet = {name}()\nnet(torch.randn(1, 3, {side}, {side}))"
    )
    assert reading.shape_told == "example call"
    record = RECORDS[name]
    assert traced.macs == record["macs"]
    assert [list(traced.output_shape)] == record["outputs"]
    if name in ("googlenet", "inception_v3"):
        assert traced.parameters == PRESETS_PARAMETERS[name] < record["parameters"]
        assert any("heads it has only for training" in note.sentence for note in reading.notes)
    else:
        assert traced.parameters == record["parameters"]


PRESETS_PARAMETERS = {"googlenet": 6_624_904, "inception_v3": 23_834_568}


@pytest.mark.parametrize("name", large_last(models.MODELS))
def test_its_modules_are_torchvisions(name):
    """Every path of a module of ours is one of torchvision's, of the same type; what is missing there is never used."""
    model = zoo.without_auxiliary_heads(name)
    theirs = dict(model.named_modules())
    ours = {path: module for path, module in walked(module_of(name)) if path}
    inside = tuple(f"{path}." for path, module in theirs.items() if type(module).__name__ == "LayerNorm2d")
    ours = {path: module for path, module in ours.items() if not path.startswith(inside or ("-",))}
    assert [path for path in ours if "." not in path and isinstance(theirs.get(path), nn.Module)] == [
        path for path, _ in model.named_children()
    ]
    for path, module in ours.items():
        if path in dict(model.named_parameters()):
            continue
        assert path in theirs, path
        if isinstance(module, LayerModule):
            assert type(theirs[path]).__name__ == module.type
    leaves = tuple(f"{path}." for path, module in ours.items() if isinstance(module, LayerModule))
    missing = [path for path in theirs if path and path not in ours and not path.startswith(leaves)]
    assert not [path for path in missing if [*theirs[path].parameters(recurse=False)]]


HEADS = [
    "net = models.resnet18(weights=None)\nnet.fc = nn.Linear(512, 2)",
    "net = models.resnet18()\nn = net.fc.in_features\nnet.fc = nn.Linear(n, 7)",
    "net = models.resnet50()\nfor p in net.parameters():\n    p.requires_grad = False\n"
    "net.fc = nn.Sequential(nn.Linear(net.fc.in_features, 256), nn.ReLU(), nn.Dropout(0.4), nn.Linear(256, 10))",
    "net = models.vgg16()\nnet.classifier[6] = nn.Linear(4096, 5)",
    "net = models.vgg16()\nnet.classifier[-1] = nn.Linear(net.classifier[-1].in_features, 5)",
    "net = models.vgg16_bn()\nnet.classifier = nn.Sequential(nn.Linear(25088, 100), nn.ReLU(), nn.Linear(100, 3))",
    "net = models.alexnet()\nnet.classifier = nn.Sequential(*list(net.classifier.children())[:-1])",
    "net = models.alexnet()\nnet.classifier._modules['6'] = nn.Linear(4096, 3)",
    "net = models.densenet121()\nnet.classifier = nn.Linear(net.classifier.in_features, 14)",
    "net = models.mobilenet_v2()\nnet.classifier[1] = nn.Linear(net.last_channel, 4)",
    "net = models.efficientnet_b0()\nnet.classifier[1] = nn.Linear(net.classifier[1].in_features, 4)",
    "net = models.squeezenet1_1()\nnet.classifier[1] = nn.Conv2d(512, 9, kernel_size=(1, 1))",
    "net = models.vit_b_16()\nnet.heads.head = nn.Linear(net.heads.head.in_features, 3)",
    "net = models.vit_b_16()\nnet.heads = nn.Sequential(nn.Linear(768, 3))",
    "net = models.convnext_tiny()\nnet.classifier[2] = nn.Linear(768, 6)",
    "net = models.shufflenet_v2_x1_0()\nnet.fc = nn.Identity()",
    "net = models.resnet34()\nnet.fc = nn.Identity()\nnet.avgpool = nn.AdaptiveAvgPool2d((2, 2))",
    "net = models.resnet18(num_classes=10)",
    "net = models.squeezenet1_1(num_classes=10)",
    "net = models.densenet121(num_classes=3)",
    "net = models.resnet18()\nnet.maxpool = nn.Identity()\nnet.layer4 = nn.Sequential()\nnet.fc = nn.Linear(256, 10)",
    "net = models.resnet18()\nnet.layer2[0].conv1 = nn.Conv2d(64, 128, 3, 2, 1, groups=2)",
    "net = torchvision.models.get_model('resnet18', weights=None)\nsetattr(net, 'fc', nn.Linear(512, 8))",
    "net = models.resnet18()\nnet.add_module('fc', nn.Linear(512, 8))",
    "net = models.__dict__['resnet18'](num_classes=6)",
    "net = getattr(models, 'resnet' + '18')(num_classes=6)",
]
TAKEN = [
    "net = nn.Sequential(*list(models.resnet18().children())[:-1])",
    "net = nn.Sequential(*list(models.resnet50().children())[:-2])",
    "net = nn.Sequential(*list(models.resnet18().children())[:-2], nn.Flatten(), nn.Linear(25088, 3))",
    "net = nn.Sequential(*list(models.googlenet(init_weights=False, aux_logits=False).children())[:-1])",
    "net = models.vgg16().features",
    "net = models.vgg19().features[:21]",
    "net = nn.Sequential(*[models.vgg16().features[i] for i in range(9)])",
    "net = models.densenet121().features",
    "net = models.mobilenet_v2().features",
    "net = nn.Sequential(models.mobilenet_v3_small().features, nn.AdaptiveAvgPool2d(1), nn.Flatten())",
    "net = nn.Sequential(models.resnet18(), nn.ReLU(), nn.Linear(1000, 2))",
    "net = nn.Sequential()\nfor name, child in models.resnet18().named_children():\n"
    "    if name not in ('avgpool', 'fc'):\n        net.add_module(name, child)",
    "net = models.convnext_tiny().features",
    "import copy\nnet = copy.deepcopy(models.resnet18())\nnet.fc = nn.Linear(512, 2)",
    "net = models.shufflenet_v2_x1_0()\nnet = nn.Sequential(net.conv1, net.maxpool, net.stage2, net.stage3)",
    "a = models.inception_v3(init_weights=False, aux_logits=False)\n"
    "net = nn.Sequential(a.Conv2d_1a_3x3, a.Conv2d_2a_3x3, a.maxpool1)",
]
BUILT = [
    "from torchvision.models.resnet import ResNet, BasicBlock\nnet = ResNet(BasicBlock, [1, 2, 1, 2], num_classes=5)",
    "net = models.resnet.ResNet(models.resnet.Bottleneck, (3, 4, 6, 3))",
    "class Net(models.ResNet):\n    def __init__(self):\n"
    "        super().__init__(models.resnet.BasicBlock, [2, 2, 2, 2], num_classes=10)\n"
    "        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)\n        self.maxpool = nn.Identity()\nnet = Net()",
    "from torchvision.models.resnet import ResNet, BasicBlock\nclass Net(ResNet):\n"
    "    def __init__(self, depths):\n        super(Net, self).__init__(BasicBlock, depths)\n"
    "        self.fc = nn.Linear(512, 4)\n    def forward(self, x):\n"
    "        return torch.relu(super().forward(x))\nnet = Net([1, 1, 1, 1])",
    "from torchvision.models.resnet import ResNet, Bottleneck\nclass Net(ResNet):\n    def __init__(self):\n"
    "        super().__init__(Bottleneck, [1, 1, 1, 1])\n        self.fc = nn.Linear(1024, 3)\n"
    "        del_me = self.layer4\n        self.layer4 = nn.Identity()\n    def forward(self, x):\n"
    "        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))\n"
    "        x = self.layer3(self.layer2(self.layer1(x)))\n"
    "        return self.fc(torch.flatten(self.avgpool(x), 1))\nnet = Net()",
]
"""ResNet's class itself, and classes that are built on it."""
EXTRACTED = [
    ("create_feature_extractor(models.resnet18(), return_nodes={'layer3': 'a', 'layer4': 'b'})", "b"),
    ("create_feature_extractor(models.resnet50(), ['layer2', 'layer3.0.relu', 'layer4.1'])", "layer4.1"),
    ("create_feature_extractor(models.vgg16(), {'features.16': 'low', 'features.29': 'high'})", "high"),
    ("models._utils.IntermediateLayerGetter(models.resnet18(), return_layers={'layer2': 'out'})", "out"),
]
CLASSES = [
    "        self.backbone = models.resnet18(weights=None)\n        self.backbone.fc = nn.Linear(512, classes)\n"
    "    def forward(self, x):\n        return self.backbone(x)",
    "        self.backbone = models.resnet50()\n        self.backbone.fc = nn.Identity()\n"
    "        self.head = nn.Sequential(nn.Linear(2048, 128), nn.ReLU(), nn.Linear(128, classes))\n"
    "    def forward(self, x):\n        return self.head(self.backbone(x))",
    "        base = models.resnet18()\n        self.features = nn.Sequential(*list(base.children())[:-2])\n"
    "        self.pool = nn.AdaptiveAvgPool2d(1)\n        self.out = nn.Linear(base.fc.in_features, classes)\n"
    "    def forward(self, x):\n        x = self.pool(self.features(x))\n        return self.out(torch.flatten(x, 1))",
    "        base = models.resnet34()\n"
    "        self.stem = nn.Sequential(base.conv1, base.bn1, base.relu, base.maxpool)\n"
    "        self.one, self.two = base.layer1, base.layer2\n        self.up = nn.ConvTranspose2d(128, 64, 2, 2)\n"
    "        self.out = nn.Conv2d(128, classes, 1)\n"
    "    def forward(self, x):\n        a = self.one(self.stem(x))\n        b = self.up(self.two(a))\n"
    "        return self.out(torch.cat([a, b], 1)).mean((2, 3))",
    "        self.left, self.right = models.resnet18(), models.mobilenet_v2()\n"
    "        self.left.fc = nn.Identity()\n        self.right.classifier = nn.Identity()\n"
    "        self.out = nn.Linear(512 + 1280, classes)\n"
    "    def forward(self, x):\n        return self.out(torch.cat((self.left(x), self.right(x)), dim=1))",
    "        self.net = models.vgg11()\n        for p in self.net.features.parameters():\n"
    "            p.requires_grad = False\n        self.net.classifier[6] = nn.Linear(4096, classes)\n"
    "    def forward(self, x):\n        x = self.net.features(x)\n        x = self.net.avgpool(x)\n"
    "        return self.net.classifier(x.flatten(1))",
]


SLOW = ("densenet", "convnext", "efficientnet", "inception", "googlenet")
"""Models of hundreds of rows: others are called, changed and taken apart the same ways."""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, marks=pytest.mark.thorough if any(name in text for name in SLOW) else ())
        for text in HEADS + TAKEN
    ],
)
def test_what_is_made_of_a_model_is_what_torch_makes_of_it(text):
    traced, _ = read_well(f"{HEAD}{text}\nnet(torch.randn(1, 3, 224, 224))")
    assert figures(traced) == torchs(f"{HEAD}{text}")


@pytest.mark.parametrize("body", CLASSES)
def test_a_class_that_holds_models_is_what_torch_makes_of_it(body):
    start = "class Net(nn.Module):\n    def __init__(self, classes=5):\n        super().__init__()\n"
    text = f"{HEAD}{start}{body}\nnet = Net()\n"
    traced, _ = read_well(f"{text}net(torch.randn(1, 3, 224, 224))")
    assert figures(traced) == torchs(text)


def test_a_first_layer_for_other_channels_is_believed():
    text = (
        f"{HEAD}net = models.resnet18()\nnet.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)"
    )
    traced, reading = read_well(text)
    assert reading.network.input_shape == (1, 224, 224)
    assert figures(traced) == torchs(text, channels=1)


CLASS = """class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(512, 3)
    def forward(self, x):
        return self.fc(x)
"""
OTHERS = [
    ("net = torch.hub.load('pytorch/vision:v0.10.0', 'resnet18', pretrained=True)", 11_689_512),
    ("import timm\nnet = timm.create_model('resnet50', pretrained=True, num_classes=2)", 23_512_130),
    ("import timm\nnet = timm.create_model('resnet18', in_chans=1, num_classes=0)", 11_170_240),
    ("from torchvision.models import resnet50, ResNet50_Weights\nnet = resnet50(weights=ResNet50_Weights.DEFAULT)",
     25_557_032),
    ("net = resnet18(weights='IMAGENET1K_V1')", 11_689_512),
    ("def build(n=3):\n    net = models.resnet18()\n    net.fc = nn.Linear(net.fc.in_features, n)\n    return net",
     11_178_051),
    ("def build(n):\n    net = models.resnet18()\n    net.fc = nn.Linear(512, n)\n    return net\nmade = build(3)",
     11_178_051),
    (f"{CLASS}net = models.resnet18()\nnet.fc = Head()", 11_178_051),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parameters"), OTHERS)
def test_other_ways_to_name_a_model(text, parameters):
    """timm's figures are its own; the head of a class is never taken for the network."""
    traced, reading = read_well(HEAD + text)
    assert traced.parameters == parameters
    assert len(reading.network.layers) > 60
    assert "accepts any size. Shown here: 224×224" in reading.doubt


@pytest.mark.parametrize("name", large_last(models.IN_TIMM))
def test_timm_means_the_same_by_a_name(name):
    model, _ = zoo.load(f"timm/{name}")
    traced, _ = read_well(f"import timm\nnet = timm.create_model('{name}')")
    assert traced.parameters == sum(weight.numel() for weight in model.parameters())
    assert traced.macs == zoo.macs(model.to("meta"), 224)


AROUND = [
    ("net = models.swin_t()", "swin_t of torchvision is not in this code", 0),
    ("net = models.swin_t()\nnet.head = nn.Sequential(nn.Linear(768, 9), nn.ReLU())", "assigned to head", 2),
    ("import timm\nnet = timm.create_model('vit_tiny_patch16_224')\nnet.head = nn.Linear(192, 9)",
     "assigned to head", 1),
    ("net = torch.hub.load('ultralytics/yolov5', 'yolov5s')", "yolov5s of ultralytics/yolov5", 0),
    ("from efficientnet_pytorch import EfficientNet\nnet = EfficientNet.from_pretrained('efficientnet-b0')\n"
     "net._fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 3))", "assigned to _fc", 2),
    ("net = torch.load('net.pth')\nnet.classifier = nn.Sequential(nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 2))",
     "assigned to classifier", 3),
    (f"{CLASS}net = load_backbone()\nnet.fc = Head()", "assigned to fc", 1),
    ("net = models.resnet18(norm_layer=nn.InstanceNorm2d)", "resnet18 is only known without norm_layer", 0),
    ("net = nn.Sequential(*list(models.vgg16().children()))", "put nn.Flatten() before it", 32),
    ("net = nn.Sequential(models.resnet18().layer1, models.resnet18().layer1, models.resnet18().layer3)\n"
     "net(torch.randn(1, 64, 56, 56))",
     "has in_channels=128 but gets 64×", 28),
    ("net = models.resnet18()\nnet.fc = Head(512)", "Head is not defined", 68),
    ("net = models.resnet18()\nnet.forward = lambda x: x", "gets a new forward", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "rows"), AROUND)
def test_a_part_is_never_shown_as_the_whole_in_silence(text, words, rows):
    reading = read_all(HEAD + text)
    assert reading.refusal is not None
    assert words in reading.refusal.reason
    assert reading.refusal.line is not None
    assert len(reading.layers) == rows


def test_a_sentence_names_the_models_that_are_held():
    sentence = str(read_all(HEAD + "net = models.swin_t()").refusal)
    assert all(name in sentence for name in models.MODELS)
    assert "paste the file that defines it" in sentence


REMARKS = [
    ("net = models.resnet18()\nnet.classifier = nn.Linear(512, 2)", "forward of resnet18 never calls classifier"),
    ("net = models.resnet18()\nnet.fc.out_features = 2", "Setting resnet18.fc.out_features changes no weight"),
    ("net = models.googlenet(pretrained=True)", "without the heads it has only for training"),
    ("net = models.alexnet(dropout=0.1)", "dropout of alexnet is not used"),
    (
        "teacher = models.resnet50()\nstudent = models.resnet18()",
        "networks: resnet50 and resnet18. The last one is shown",
    ),
]


@pytest.mark.parametrize(("text", "words"), REMARKS)
def test_what_is_worth_a_remark(text, words):
    _, reading = read_well(HEAD + text)
    assert any(words in note.sentence for note in reading.notes)


def test_attributes_that_forward_looks_at_take_effect():
    text = "net = models.resnet50()\nnet.layer4[0].conv2.stride = (1, 1)\nnet.layer4[0].downsample[0].stride = (1, 1)"
    traced, _ = read_well(f"{HEAD}{text}\nnet(torch.randn(1, 3, 224, 224))")
    assert figures(traced) == torchs(f"{HEAD}{text}")


def test_row_names_are_those_of_the_preset():
    for name in ("resnet18", "densenet121", "googlenet", "efficientnet_b0", "shufflenet_v2_x1_0"):
        _, reading = read_well(f"{HEAD}net = models.{name}()\nnet(torch.randn(1, 3, 224, 224))")
        assert reading.network.names == PRESETS[name].names


def test_many_models_are_bounded():
    text = HEAD + "models.densenet201()\n" * 1_900
    readings = []
    assert seconds(lambda: readings.append(read_all(text))) < 3
    assert readings[-1].network is not None


@pytest.mark.parametrize("text", BUILT)
def test_a_class_of_torchvision(text):
    traced, _ = read_well(f"{HEAD}{text}\nout = net(torch.randn(2, 3, 64, 64))")
    assert figures(traced) == torchs(f"{HEAD}{text}", 64)


@pytest.mark.parametrize(("made", "key"), EXTRACTED)
def test_features_of_a_known_network(made, key):
    head = f"{HEAD}import torchvision.models._utils\n"
    head += "from torchvision.models.feature_extraction import create_feature_extractor\n"
    body = f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = {made}\n"
    text = f"{head}{body}    def forward(self, x):\n        return self.body(x)['{key}'].mean((2, 3))\nnet = Net()"
    traced, _ = read_well(f"{text}\nout = net(torch.randn(2, 3, 64, 64))")
    shape, _, macs = torchs(text, 64)
    assert (traced.output_shape, traced.macs) == (shape, macs)


def test_a_node_that_is_not_there():
    text = f"{HEAD}from torchvision.models.feature_extraction import create_feature_extractor\n"
    text += "net = create_feature_extractor(models.resnet18(), ['layer5'])\nout = net(torch.randn(2, 3, 64, 64))"
    words = str(read_all(text).refusal)
    assert "resnet18 has no layer5; it has layer1, layer2, layer3 and layer4." in words


@pytest.mark.parametrize("arguments", [
    "models.resnet.Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4", "models.resnet.BasicBlock, [2, 2, 2]",
    "models.resnet.BasicBlock, [0, 1, 1, 1]", "models.resnet.BasicBlock, [90, 90, 90, 90]", "Block, [2, 2, 2, 2]",
])  # fmt: skip
def test_a_resnet_that_is_not_read_is_told(arguments):
    words = str(read_all(f"{HEAD}net = models.ResNet({arguments})\nout = net(torch.randn(2, 3, 64, 64))").refusal)
    assert "BasicBlock or Bottleneck" in words or "not those of a ResNet" in words or "no network" in words
