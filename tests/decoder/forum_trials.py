"""Mistakes of kinds that people posted later, made in torch in words of our own."""

from tests.decoder.trials import Trial

IMPORT = "from torch.utils.data import DataLoader\n"
PLATEAU = (
    "scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1))\n"
)
QUANTIZED = "x = torch.quantize_per_tensor(R(3), 0.1, 0, torch.quint8)\n"
QUIET = "import warnings\nwarnings.simplefilter('ignore')\n"
SIGNAL = "torch.stft({}, 16, window=torch.ones(16), return_complex=True)"
OWN = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc1 = nn.Linear(2, 2)\n"
FORUM = [
    Trial("matrix", "The feature axis is missing", "nn.Linear(1, 30)(R(10))", "x.unsqueeze(-1)",
          "x = R(10)\nnn.Linear(1, 30)(x.unsqueeze(-1))"),
    Trial("reflect", "A recording in stereo, its channels last", "F.pad(R(1, 900, 2), (256, 256), mode='reflect')",
          "x = x.mean(dim=-1)", f"x = R(1, 900, 2)\nx = x.mean(dim=-1)\n{SIGNAL.format('x')}"),
    Trial("reflect", "The recording is shorter than a window", "F.pad(R(1, 1, 8), (200, 200), mode='reflect')",
          "x = F.pad(x, (0, missing))",
          f"x, missing = R(1, 5), 40\nx = F.pad(x, (0, missing))\n{SIGNAL.format('x')}"),
    Trial("not-numeric", "A single number", "torch.FloatTensor(2.5)", "torch.tensor(2.5)", "torch.tensor(2.5)"),
    Trial("not-numeric", "A type of number that this PyTorch lacks", "torch.tensor(np.zeros(3, dtype=np.longdouble))",
          "array.astype('float32')", "array = np.zeros(3, dtype=np.longdouble)\ntorch.tensor(array.astype('float32'))"),
    Trial("not-subscriptable", "A network of your own has no index", f"{OWN}Net()[0]", "list(net.children())[0]",
          f"{OWN}net = Net()\nlist(net.children())[0]"),
    Trial("missing", "ReduceLROnPlateau needs the value that it watches", f"{PLATEAU}scheduler.step()",
          "scheduler.step(validation_loss)", f"{PLATEAU}validation_loss = 1.0\nscheduler.step(validation_loss)"),
    Trial("missing", "LBFGS computes the loss several times in a step",
          "torch.optim.LBFGS(nn.Linear(1, 1).parameters()).step()", "optimizer.step(closure)",
          "net = nn.Linear(1, 1)\noptimizer = torch.optim.LBFGS(net.parameters())\ndef closure():\n"
          "    optimizer.zero_grad()\n    loss = net(R(3, 1)).pow(2).mean()\n    loss.backward()\n    return loss\n"
          "optimizer.step(closure)"),
    Trial("view", "The map is not a whole number of windows", "R(1, 21, 20, 8).view(1, 2, 10, 2, 10, 8)",
          "x = F.pad(x, (0, 0, 0, -width % 10, 0, -height % 10))",
          "x, height, width = R(1, 21, 20, 8), 21, 20\nx = F.pad(x, (0, 0, 0, -width % 10, 0, -height % 10))\n"
          "x.view(1, 3, 10, 2, 10, 8)"),
    Trial("key", "The optimizer was given the state of something else",
          f"{PLATEAU}torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1).load_state_dict(scheduler.state_dict())",
          "optimizer.load_state_dict(checkpoint['optimizer'])",
          "optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1)\n"
          "checkpoint = {'optimizer': optimizer.state_dict()}\noptimizer.load_state_dict(checkpoint['optimizer'])"),
    Trial("sampler", "A batch_sampler beside what it decides itself",
          f"{IMPORT}DataLoader([1, 2], batch_size=2, batch_sampler=[[0], [1]])",
          "DataLoader(data, batch_sampler=batches)",
          f"{IMPORT}data, batches = [1, 2], [[0], [1]]\nDataLoader(data, batch_sampler=batches)"),
    Trial("singular", "Numbers that are not finite", "torch.linalg.svd(torch.full((3, 3), float('nan')))",
          "torch.isfinite(matrix).all()", "matrix = R(3, 3)\ntorch.isfinite(matrix).all()"),
    Trial("quantize-type", "Quantized tensors are added, multiplied or joined", f"{QUIET}{QUANTIZED}x + x",
          "torch.ao.nn.quantized.FloatFunctional()",
          f"{QUIET}{QUANTIZED}add = torch.ao.nn.quantized.FloatFunctional()\nadd.add(R(3), R(3))"),
]  # fmt: skip
