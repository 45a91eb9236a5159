"""Mistakes that are really made in torch: writing into a tensor that repeats one place, a network for its weights."""

from tests.decoder.trials import Trial

WRITING_TRIALS = [
    Trial("shared-cells", "expand before a change in place", "x = R(3)\nx.expand(8, 3).mul_(2)",
          "x = x.expand(3, 4).clone()", "x = R(1, 4)\nx = x.expand(3, 4).clone()\nx += 1"),
    Trial("shared-cells", "A value shifted within itself", "x = R(9)\nx[1:] += x[:-1]", "x[1:] = x[1:] + x[:-1]",
          "x = R(9)\nx[1:] = x[1:] + x[:-1]"),
    Trial("unpack-nothing", "The network instead of its weights",
          "class Net(nn.Module):\n    pass\ntorch.nn.utils.clip_grad_norm_(Net(), 1.0)",
          "torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)",
          "net = nn.Linear(3, 2)\nnet(R(3)).sum().backward()\n"
          "torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)"),
]  # fmt: skip
