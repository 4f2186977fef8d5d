"""Random numbers inside kernels: a splitmix64 stream (Steele, Lea, Flood 2014)."""

import numpy as np

from geo.jit import inner

RandomState = np.ndarray[tuple[int], np.dtype[np.uint64]]


@inner
def random_unit(state):
    """Next number in [0, 1) of the stream kept in `state` (1, uint64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


def stream(*key: int) -> RandomState:
    """The start of a stream of its own for each key."""
    return np.array(np.random.SeedSequence(key).generate_state(1, np.uint64), dtype=np.uint64)
