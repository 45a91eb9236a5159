"""Models of torchvision that a paste only names: called, with other heads, taken apart. torch runs the same lines."""

import json
import warnings
from pathlib import Path

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

RECORDS = json.loads((Path(__file__).parents[1] / "modules" / "models.json").read_text())
HEAD = "import torch\nimport torch.nn as nn\nimport torchvision\nfrom torchvision import models\n"


def read_well(text):
    """The trace of what is read, and the reading; it is read to its end and runs."""
    reading = read_all(text)
    assert reading.refusal is None
    traced = trace(reading.network)
    assert traced.error is None
    assert traced.agrees
    return traced, reading


def torchs(text, side=224, channels=3):
    """What torch makes of the same lines: the output's shape, parameters of `net`, multiply-accumulates."""
    assert zoo.HAS_TORCHVISION, zoo.HELP
    zoo.torchvision_models()
    names = {}
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
    return models.made(run, f"torchvision.models.{name}", Call(None))


@pytest.mark.parametrize("name", models.MODELS)
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
        assert any("heads that it has for training alone" in note.sentence for note in reading.notes)
    else:
        assert traced.parameters == record["parameters"]


PRESETS_PARAMETERS = {"googlenet": 6_624_904, "inception_v3": 23_834_568}


@pytest.mark.parametrize("name", models.MODELS)
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
    "net = nn.Sequential(*(list(models.googlenet(init_weights=False, aux_logits=False).children())[:-1]), nn.Flatten())",
    "net = models.vgg16().features",
    "net = models.vgg19().features[:21]",
    "net = nn.Sequential(*[models.vgg16().features[i] for i in range(9)])",
    "net = models.densenet121().features",
    "net = models.mobilenet_v2().features",
    "net = nn.Sequential(models.mobilenet_v3_small().features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(576, 2))",
    "net = nn.Sequential(models.resnet18(), nn.ReLU(), nn.Linear(1000, 2))",
    "net = nn.Sequential()\nfor name, child in models.resnet18().named_children():\n"
    "    if name not in ('avgpool', 'fc'):\n        net.add_module(name, child)",
    "net = models.convnext_tiny().features",
    "import copy\nnet = copy.deepcopy(models.resnet18())\nnet.fc = nn.Linear(512, 2)",
    "net = models.shufflenet_v2_x1_0()\nnet = nn.Sequential(net.conv1, net.maxpool, net.stage2, net.stage3)",
    "a = models.inception_v3(init_weights=False, aux_logits=False)\nnet = nn.Sequential(a.Conv2d_1a_3x3, a.Conv2d_2a_3x3, a.maxpool1)",
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
    "        base = models.resnet34()\n        self.stem = nn.Sequential(base.conv1, base.bn1, base.relu, base.maxpool)\n"
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


@pytest.mark.parametrize("text", HEADS + TAKEN)
def test_what_is_made_of_a_model_is_what_torch_makes_of_it(text):
    traced, _ = read_well(f"{HEAD}{text}\nnet(torch.randn(1, 3, 224, 224))")
    assert figures(traced) == torchs(f"{HEAD}{text}")


@pytest.mark.parametrize("body", CLASSES)
def test_a_class_that_holds_models_is_what_torch_makes_of_it(body):
    text = f"{HEAD}class Net(nn.Module):\n    def __init__(self, classes=5):\n        super().__init__()\n{body}\nnet = Net()\n"
    traced, reading = read_well(f"{text}net(torch.randn(1, 3, 224, 224))")
    assert figures(traced) == torchs(text)


def test_a_first_layer_for_other_channels_is_believed():
    text = f"{HEAD}net = models.resnet18()\nnet.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)"
    traced, reading = read_well(text)
    assert reading.network.input_shape == (1, 224, 224)
    assert figures(traced) == torchs(text, channels=1)
