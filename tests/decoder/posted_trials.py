"""Mistakes that people asked about in forums, made in torch and scikit-learn in words of our own."""

from tests.decoder.trials import Trial

QUIET = "__name__ = 'typed'\nimport warnings\nwarnings.simplefilter('ignore')\n"
SCALER = "scaler = torch.amp.GradScaler('cpu')\n"
STEP = (
    "optimizer = torch.optim.SGD(net.parameters(), lr=1)\nscaler.scale(net(x).sum()).backward()\n"
    "scaler.step(optimizer)\nscaler.update()"
)
NET = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc1 = nn.Linear(2, 2)\n"
POSTED = [
    Trial("shared-cells", "expand before a change in place", "R(1, 3).expand(4, 3).add_(1)",
          "x = x.expand(3, 4).clone()", "x = R(1, 4)\nx = x.expand(3, 4).clone()\nx.add_(1)"),
    Trial("class-weights", "The weights have an axis too many",
          "nn.CrossEntropyLoss(weight=R(1, 8))(R(2, 8), torch.zeros(2).long())", "weight.flatten()",
          "weight = R(1, 8)\nnn.CrossEntropyLoss(weight=weight.flatten())(R(2, 8), torch.zeros(2).long())"),
    Trial("array-picture", "The array has floats or large numbers",
          "from PIL import Image\nImage.fromarray(R(8, 8, 3).numpy())",
          'Image.fromarray((array * 255).astype("uint8"))',
          "from PIL import Image\narray = R(8, 8, 3).numpy()\n"
          'Image.fromarray((array * 255).astype("uint8"))'),
    Trial("array-picture", "The channels come first",
          "from PIL import Image\nImage.fromarray((R(3, 8, 8) * 255).byte().numpy())",
          "Image.fromarray(array.transpose(1, 2, 0))",
          "from PIL import Image\narray = (R(3, 8, 8) * 255).byte().numpy()\n"
          "Image.fromarray(array.transpose(1, 2, 0))"),
    Trial("array-picture", "One channel is left as an axis",
          "from PIL import Image\nImage.fromarray((R(8, 8, 1) * 255).byte().numpy())",
          "Image.fromarray(array.squeeze())",
          "from PIL import Image\narray = (R(8, 8, 1) * 255).byte().numpy()\nImage.fromarray(array.squeeze())"),
    Trial("attention-types", "A layer, or a cache, kept another type",
          "q = R(1, 2, 3, 4)\nF.scaled_dot_product_attention(q.half(), q, q)",
          "q = q.to(v.dtype); k = k.to(v.dtype)",
          "q, k, v = R(1, 2, 3, 4).half(), R(1, 2, 3, 4).half(), R(1, 2, 3, 4)\n"
          "q = q.to(v.dtype); k = k.to(v.dtype)\nF.scaled_dot_product_attention(q, k, v)"),
    Trial("attention-kernel", "Only one version was allowed",
          "from torch.nn.attention import SDPBackend, sdpa_kernel\nq = R(1, 2, 3, 4)\n"
          "with sdpa_kernel(SDPBackend.CUDNN_ATTENTION): F.scaled_dot_product_attention(q, q, q)",
          "SDPBackend.MATH",
          "from torch.nn.attention import SDPBackend, sdpa_kernel\nq = R(1, 2, 3, 4)\n"
          "with sdpa_kernel(SDPBackend.MATH): F.scaled_dot_product_attention(q, q, q)"),
    Trial("recomputed", "The part depends on something that changes",
          "from torch.utils.checkpoint import checkpoint\nlayer, runs = nn.Linear(3, 3), []\n"
          "def part(x):\n    runs.append(1)\n    return layer(x)[:len(runs)].sin()\n"
          "checkpoint(part, R(2, 3), use_reentrant=False).sum().backward()"),
    Trial("recomputed", "The types differ",
          "from torch.utils.checkpoint import checkpoint\nlayer, runs = nn.Linear(3, 3), []\n"
          "def part(x):\n    runs.append(1)\n    return (layer(x) if len(runs) == 1 else layer(x).bfloat16()).sin()\n"
          "checkpoint(part, R(2, 3), use_reentrant=False).sum().backward()"),
    Trial("export-sizes", "The code or a layer fixes it",
          "width = torch.export.Dim('width')\n"
          "torch.export.export(nn.Linear(3, 3), (R(2, 3),), dynamic_shapes={'input': {1: width}})"),
    Trial("out-gradient", "out= in code that trains", "torch.add(R(2).requires_grad_(), 1, out=R(2))",
          "torch.add(x, 1)", "x = R(2).requires_grad_()\ntorch.add(x, 1)"),
    Trial("scheduler-resume", "The optimizer's state was not loaded first",
          "optimizer = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1)\n"
          "torch.optim.lr_scheduler.StepLR(optimizer, 3, last_epoch=5)",
          "optimizer.load_state_dict(checkpoint['optimizer'])",
          "net = nn.Linear(2, 2)\nbefore = torch.optim.SGD(net.parameters(), lr=1)\n"
          "torch.optim.lr_scheduler.StepLR(before, 3)\ncheckpoint = {'optimizer': before.state_dict()}\n"
          "optimizer = torch.optim.SGD(net.parameters(), lr=1)\n"
          "optimizer.load_state_dict(checkpoint['optimizer'])\n"
          "torch.optim.lr_scheduler.StepLR(optimizer, 3, last_epoch=5)"),
    Trial("trace-input", "A number, a flag or a text among the inputs",
          "torch.jit.trace(nn.Linear(2, 2), ((R(2), 3, True),))",
          "torch.jit.trace(lambda x: net(x, True), torch.rand(1, 3))",
          f"{QUIET}net = lambda x, flag: x * 2 if flag else x\n"
          "torch.jit.trace(lambda x: net(x, True), torch.rand(1, 3))"),
    Trial("source-missing", "Typed in, made by exec, or changed since",
          "__name__ = 'typed'\ndef f(x):\n    return x\ntorch.jit.script(f)"),
    Trial("forward-arguments", "MaxUnpool needs the places of the maxima", "nn.MaxUnpool2d(2)(R(1, 1, 2, 2))",
          "x, indices = pool(x)",
          "x, pool, unpool = R(1, 1, 4, 4), nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)\n"
          "x, indices = pool(x)\nunpool(x, indices)"),
    Trial("forward-arguments", "A star before a tensor", "nn.Linear(3, 2)(*R(8, 3))", "net(x)",
          "net, x = nn.Linear(3, 2), R(8, 3)\nnet(x)"),
    Trial("attribute", "The class instead of an object of it",
          f"{NET}Net.fc1", "net = Net()", f"{NET}net = Net()\nnet.fc1"),
    Trial("half-weights", "The network was converted with half()",
          f"{SCALER}net, x = nn.Linear(2, 2).half(), R(1, 2).half()\n{STEP}", "net.float()",
          f"{SCALER}net, x = nn.Linear(2, 2).half(), R(1, 2)\nnet.float()\n{STEP}"),
    Trial("view", "One of the sizes is 0", "batch = R(6, 24)\nbatch.view(len(batch) // 8, 3, 2, 4)"),
    Trial("view", "The values are not images of that size", "R(2, 3 * 28 * 28).view(-1, 3, 32, 32)"),
    Trial("pickle", "A generator in the data set", "import pickle\npickle.dumps(i for i in range(3))",
          "samples = list(samples)", "import pickle\nsamples = (i for i in range(3))\nsamples = list(samples)\n"
          "pickle.dumps(samples)"),
    Trial("metric-mix", "The network's outputs instead of its classes",
          "from sklearn.metrics import accuracy_score\naccuracy_score([0, 1, 2], [0.1, 0.5, 0.3])", "out.argmax(dim=1)",
          "from sklearn.metrics import accuracy_score\nout = R(3, 4)\naccuracy_score([0, 1, 2], out.argmax(dim=1))"),
    Trial("metric-average", "More than two classes",
          "from sklearn.metrics import f1_score\nf1_score([0, 1, 2], [0, 1, 1])",
          'f1_score(labels, predicted, average="macro")',
          "from sklearn.metrics import f1_score\nlabels, predicted = [0, 1, 2], [0, 2, 1]\n"
          'f1_score(labels, predicted, average="macro")'),
    Trial("metric-average", "A curve for each class",
          "from sklearn.metrics import roc_auc_score\nroc_auc_score([0, 1, 2], [0.1, 0.2, 0.3])",
          'roc_auc_score(labels, probabilities, multi_class="ovr")',
          "from sklearn.metrics import roc_auc_score\nlabels, probabilities = [0, 1, 2], torch.softmax(R(3, 3), 1)\n"
          'roc_auc_score(labels, probabilities, multi_class="ovr")'),
    Trial("metric-lengths", "Only one batch of one of them was kept",
          "from sklearn.metrics import accuracy_score\naccuracy_score([0, 1], [1])",
          "labels_seen.extend(y.tolist())",
          "labels_seen, predicted, y, out = [], [], torch.tensor([0, 1]), R(2, 3)\nlabels_seen.extend(y.tolist())\n"
          "predicted.extend(out.argmax(dim=1).tolist())"),
]  # fmt: skip
