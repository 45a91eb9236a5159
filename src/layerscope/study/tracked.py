"""Torch's private memory tracker: the one file that knows it. Written for torch 2.13.

Importing it takes seconds, as it loads torch.distributed: import it where it is used.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._guards import active_fake_mode
from torch.distributed._tools.mem_tracker import MemTracker
from torch.optim import Optimizer
from torch.utils._python_dispatch import TorchDispatchMode

from layerscope.building import rows_in_turn
from layerscope.study.culprit import Culprit

CPU = torch.device("cpu")
TOTAL = "Total"


class Tracked(MemTracker):  # type: ignore[no-untyped-call]
    """Torch's memory tracker without what it changes for the whole process: hooks on all modules and optimizers.

    So another thread's modules are neither counted nor disturbed. Who runs a step says what it does: `phase`.
    """

    def __init__(self, module: nn.Module, inputs: list[Tensor]) -> None:
        super().__init__()
        self._mod_tracker: Any = _Phase()
        self._fake_mode_on_entry: Any = None
        self.peaks: dict[str, dict[str, int]] = {}
        """The bytes by kind at the peak of each phase that was run."""
        self.culprits: dict[str, Culprit] = {}
        """What ran then."""
        self._row, self._op, self._copies, self._culprit = "", "", 0, Culprit()
        self._weights = {id(each) for each in module.parameters()}
        self._track_module_params_and_buffers(module)
        self.track_external(*inputs)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count what is made inside as that of the "forward" or "backward" pass, or of the optimizer's "step"."""
        self._mod_tracker.is_bw, self._in_opt = name == "backward", name == "step"
        self._peak_mem_snap = self.get_tracker_snapshot()
        self._peak_mem = {device: kinds[TOTAL] for device, kinds in self._peak_mem_snap.items()}
        self._copies, self._culprit = 0, Culprit()
        with self:
            yield
        self.culprits[name] = self._culprit
        self.peaks[name] = {str(getattr(kind, "value", kind)): size for kind, size in self._peak_mem_snap[CPU].items()}

    @contextmanager
    def watching(self, module: nn.Module) -> Iterator[None]:
        """Know which row's forward pass runs. `module` is one of ours (see `building`)."""
        turns = rows_in_turn(module)

        def enter(part: nn.Module, _inputs: Any) -> None:
            self._row = next(turns[part])

        def leave(_part: nn.Module, _inputs: Any, _made: Any) -> None:
            if self._culprit.row == self._row:
                self._culprit = self._culprit._replace(borrowed=self._peak_mem[CPU] - self.now()[TOTAL])
            self._row = ""

        with ExitStack() as hooks:
            for part in turns:
                hooks.callback(part.register_forward_pre_hook(enter).remove)
                hooks.callback(part.register_forward_hook(leave).remove)
            yield

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._op = func._schema.name.rpartition("::")[2]
        made = super().__torch_dispatch__(func, types, args, kwargs)  # type: ignore[no-untyped-call]
        if self._op == "_to_copy" and id(args[0]) in self._weights:
            self._copies += made.untyped_storage().nbytes()
        return made

    def states(self, optimizer: Optimizer) -> None:
        """Count the optimizer's state as such, which its first step has made."""
        self.track_external(optimizer)

    def now(self) -> dict[Any, int]:
        """The bytes by kind at this moment."""
        return dict(self.get_tracker_snapshot()[CPU])

    def __enter__(self) -> "Tracked":
        self._fake_mode_on_entry = active_fake_mode()
        TorchDispatchMode.__enter__(self)  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        TorchDispatchMode.__exit__(self, *error)  # type: ignore[no-untyped-call]

    def _update_peak_stats(self, peak_state: Any) -> None:
        for device, kinds in self._curr_mem_snap.items():
            if self._peak_mem.get(device, 0) < kinds[TOTAL]:
                self._peak_mem[device] = kinds[TOTAL]
                self._peak_mem_snap[device] = dict(kinds)
                self._culprit = Culprit(self._row, self._op, 0, self._copies)


class _Phase:
    """What the tracker asks of the one that watches modules."""

    is_bw = False
