"""Training beside a plain loop, trials on two workers beside one, and a slider while two networks train.

Images a second are those of whole training runs, of ours with its curve and its held-out images measured, of the plain
loop without either; both take one thread, the same steps, and give the same last loss. Trials count from the first to
the last result, on workers that are warm. The slider is that of one visitor, ten moves a second, answered by a served
app while the workers of this computer train; its wait counts from the moment a move was due.
"""

import asyncio
import statistics
import time
from functools import partial
from typing import Any

import torch
from torch.nn import functional

from layerscope import building, limits
from layerscope.jobs.cluster import Connection
from layerscope.jobs.dispatch import Dispatcher
from layerscope.jobs.training import job
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.data import Data, load
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.training import train
from scripts.live import APP, served
from scripts.scenarios import Scenario, stay

TRAINING_TARGET, SCALING_TARGET, SLIDER_TARGET = 0.7, 1.5, 2.0
ROUNDS, TRIALS, START = 3, 8, 120
NETWORK = PRESETS[DEFAULT]
PLAN = Plan(epochs=2)
LONG = Plan(epochs=200)
MOVES = Scenario("one visitor", visitors=1, interval=0.1, moves=150, commits=10)


def plain(data: Data) -> float:
    """A training as people write it; the last loss."""
    module, places = building.module(NETWORK, PLAN.seed), split(data).training
    images = data.batch(places, NETWORK.input_shape)
    optimizer = torch.optim.Adam(module.parameters(), lr=PLAN.lr)
    mixing = torch.Generator().manual_seed(PLAN.seed)
    loss = torch.zeros(())
    for _ in range(PLAN.epochs):
        order = torch.randperm(len(places), generator=mixing)
        for first in range(0, len(places) - PLAN.batch + 1, PLAN.batch):
            batch = order[first : first + PLAN.batch]
            optimizer.zero_grad()
            loss = functional.cross_entropy(module(images[batch]), data.labels[places[batch]])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return loss.item()


def training() -> bool:
    """Images a second of ours against the plain loop."""
    torch.set_num_threads(1)
    data = load("digits")
    seen = PLAN.epochs * (len(split(data).training) // PLAN.batch) * PLAN.batch
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(ROUNDS):
        begin = time.process_time()
        last = plain(data)
        times["plain"].append(time.process_time() - begin)
        begin = time.process_time()
        run = train(NETWORK, data, epochs=PLAN.epochs, device="cpu")
        times["ours"].append(time.process_time() - begin)
        assert abs(run.rows[-1].loss - last) < 1e-4  # type: ignore[operator]
    ours, alone = (statistics.median(times[name]) for name in ("ours", "plain"))
    print(f"training: {seen / ours:,.0f} images a second, {alone / ours:.2f} times those of a plain loop")
    return alone / ours >= TRAINING_TARGET


def seconds_of(workers: int) -> float:
    """How long some trials take on so many workers that are warm."""
    dispatcher = Dispatcher(partial(Connection, nice=0, workers=workers))
    try:
        _submit(dispatcher, workers, PLAN, wait=True)
        begin = time.perf_counter()
        _submit(dispatcher, TRIALS, PLAN, wait=True)
        return time.perf_counter() - begin
    finally:
        dispatcher.end()


def _submit(dispatcher: Dispatcher, count: int, plan: Plan, *, wait: bool) -> None:
    fields: dict[str, Any] = job(NETWORK, plan, "digits", ())
    tickets = [dispatcher.submit("trial", fields, f"visitor {n}", "bench") for n in range(count)]
    for ticket in tickets if wait else ():
        assert dispatcher.result(ticket, START) is not None


def scaling() -> bool:
    """Two workers against one."""
    one, two = seconds_of(1), seconds_of(2)
    print(f"trials: {one / two:.2f} times as fast on two workers as on one")
    return one / two >= SCALING_TARGET


def slider() -> bool:
    """The 95th percentile of a slider's waits while two networks train, against an idle computer."""
    waits = {}
    with served(APP) as address:
        asyncio.run(stay(address, MOVES))  # not counted: first calls of everything
        waits["idle"] = asyncio.run(stay(address, MOVES)).quantile("move", 95)
        dispatcher = Dispatcher()
        try:
            _submit(dispatcher, limits.WORKERS.most, PLAN, wait=True)
            _submit(dispatcher, limits.WORKERS.most, LONG, wait=False)
            waits["busy"] = asyncio.run(stay(address, MOVES)).quantile("move", 95)
        finally:
            dispatcher.end()
    ratio = waits["busy"] / waits["idle"]
    print(f"a slider while two networks train: p95 is {ratio:.2f} times the idle one")
    return ratio <= SLIDER_TARGET


def main() -> bool:
    """All three; whether every target is met."""
    met = [training(), scaling(), slider()]
    print(
        f"targets: at least {TRAINING_TARGET} times the plain loop, at least {SCALING_TARGET} times as fast on two, a "
        f"slider at most {SLIDER_TARGET:.0f} times"
    )
    return all(met)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
