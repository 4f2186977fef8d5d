"""KaHIP (Sanders, Schulz 2013): the Python package, and its command where one is installed."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import kahip
import numpy as np

from benchmarks.peers.absent import NotRunError
from benchmarks.peers.weights import whole_weights
from geo.arrays import Int32
from geo.design.problem import DesignProblem


def kaffpa(problem: DesignProblem, seed: int, *, mode: str, imbalance: float) -> Int32:
    """KaFFPa as the package offers it; `mode` is ECO, STRONG, …"""
    graph = problem.graph
    _, labels = kahip.kaffpa(
        whole_weights(problem).tolist(),
        graph.indptr.tolist(),
        [1] * len(graph.indices),
        graph.indices.tolist(),
        problem.territories,
        imbalance,
        True,  # no output
        seed,
        getattr(kahip, mode),
    )
    return np.array(labels, dtype=np.int32)


def connected_blocks(problem: DesignProblem, seed: int, *, imbalance: float) -> Int32:
    """KaFFPa strong with connected blocks, which only the command has. Raises NotRunError."""
    command = shutil.which("kaffpa")
    if command is None:
        raise NotRunError("no `kaffpa` on the PATH")
    with TemporaryDirectory() as directory:
        graph, partition = Path(directory) / "units.graph", Path(directory) / "partition.txt"
        _write_graph(graph, problem)
        subprocess.run(
            [
                command, str(graph), f"--k={problem.territories}", f"--seed={seed}",
                "--preconfiguration=strong", "--connected_blocks",
                f"--imbalance={100 * imbalance:g}", f"--output_filename={partition}",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return np.loadtxt(partition, dtype=np.int32)


def _write_graph(path: Path, problem: DesignProblem) -> None:
    """The format of Chaco and METIS, unit weights first in each line."""
    indptr, others = problem.graph.indptr.tolist(), (problem.graph.indices + 1).tolist()
    with path.open("w") as file:
        file.write(f"{len(problem)} {len(others) // 2} 10\n")
        for unit, weight in enumerate(whole_weights(problem).tolist()):
            row = others[indptr[unit] : indptr[unit + 1]]
            file.write(" ".join(map(str, [weight, *row])) + "\n")
