"""Work side by side: kernels release the GIL, so threads are enough."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def side_by_side(job: Callable[[A], B], items: Iterable[A]) -> list[B]:
    """`job` of each item, in order, as many at a time as there are cores."""
    items = list(items)
    if len(items) < 2:
        return [job(item) for item in items]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(job, items))
