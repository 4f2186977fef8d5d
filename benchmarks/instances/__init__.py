"""Markets to measure on: made with a seed (`CATALOGUE`), or brought as .npz files."""

from benchmarks.instances.catalogue import CATALOGUE, QUICK, SCALING, make
from benchmarks.instances.files import from_file
from benchmarks.instances.types import Instance

__all__ = ["CATALOGUE", "QUICK", "SCALING", "Instance", "from_file", "make"]
