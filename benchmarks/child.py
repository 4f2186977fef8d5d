"""One solver on one instance in a process of its own, which can be stopped and can crash."""

import multiprocessing
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from benchmarks.figures import Figures, figures_of
from benchmarks.instances import Instance, make
from benchmarks.memory import Peak
from benchmarks.peers.absent import NotRunError
from benchmarks.solvers import BY_NAME, Run

_WARM_UP = "US-S"
_START_S = 300.0  # imports, compiling and the warm-up
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Outcome:
    """The figures of each seed that was done, and in words why there are not more of them."""

    runs: list[Figures]
    note: str = ""


def run_apart(solver: str, instance: Instance, seeds: int, limit: float) -> Outcome:
    """Run `solver` with seeds 0, 1, …, each for at most `limit` seconds, warm."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_work, args=(there, solver, instance, seeds), daemon=True)
    process.start()
    there.close()
    runs: list[Figures] = []
    note = ""
    try:
        for message in _messages(here, limit):
            if isinstance(message, str):
                note = message
            elif message:
                runs.append(message)
    except EOFError:
        process.join(10)
        note = f"crashed (exit {process.exitcode})"
    finally:
        process.kill()
        process.join()
    return Outcome(runs, note)


def _messages(pipe: Connection, limit: float) -> Iterator[Figures | str]:
    """What the child tells, until its "" says that all is done; a last word if it is too slow."""
    patience, slow = _START_S, "not ready in time"
    while pipe.poll(patience):
        message = pipe.recv()
        if message == "":
            return
        yield message
        # The figures of a plan are made in the child as well, after the clock has stopped.
        patience, slow = 1.25 * limit + 5.0, f"> {limit:g} s"
    yield slow


def _work(pipe: Connection, solver: str, instance: Instance, seeds: int) -> None:
    warnings.simplefilter("ignore")  # a peer's advice
    try:
        run = BY_NAME[solver].load()
        if BY_NAME[solver].ours or not BY_NAME[solver].slow:
            run(make(_WARM_UP).problem, 0)
        pipe.send({})
        for seed in range(seeds):
            pipe.send(_measured(run, instance, seed))
    except NotRunError as reason:
        pipe.send(f"not run: {reason}")
    except Exception as error:
        pipe.send(f"failed: {type(error).__name__}: {error}"[:200])
    pipe.send("")


def _measured(run: Run, instance: Instance, seed: int) -> Figures:
    peak, begin, before, called = Peak(), time.perf_counter(), time.process_time(), _called_s()
    labels = run(instance.problem, seed)
    seconds, own, called = (
        time.perf_counter() - begin, time.process_time() - before, _called_s() - called,
    )  # fmt: skip
    clock = {"seconds": seconds, "cpu_seconds": own + called}
    if not called:  # the memory of another program is not seen from here
        clock["memory_mb"] = peak.mb()
    return figures_of(instance, np.asarray(labels, dtype=np.int32)) | clock


def _called_s() -> float:
    """Processor seconds of the programs that this process has called."""
    spent = os.times()
    return spent.children_user + spent.children_system
