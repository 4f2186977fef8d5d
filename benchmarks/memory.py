"""How much memory a piece of work needs: the height it reaches above what was held before."""

import ctypes
import gc
import resource
import sys
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_MB = 1e6


class Peak:
    """From its making until `mb` is read. On Linux exact; elsewhere the process's height so far."""

    def __init__(self) -> None:
        _hand_back()
        if _CLEAR.exists():
            _CLEAR.write_text("5")  # forgets the height reached before: proc(5)
        self._before = _field("VmRSS") if _CLEAR.exists() else _height()

    def mb(self) -> float:
        """Height above the start in MB."""
        return (_field("VmHWM") if _CLEAR.exists() else _height()) - self._before


def _hand_back() -> None:
    """Give to the system what earlier work has freed, lest the next seem to need nothing."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


def _field(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / _MB


def _height() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MB
