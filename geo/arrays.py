"""Arrays that cannot be changed by accident."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

A = TypeVar("A", bound=npt.NDArray[Any])


def frozen(array: A) -> A:
    """Return `array` marked read-only (the caller gives up its right to write)."""
    array.setflags(write=False)
    return array
