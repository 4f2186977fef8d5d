"""Where the potential lies: accounts in cities of Zipf sizes and thinly between them."""

import numpy as np

from geo.arrays import Float
from geo.sphere import to_xyz

_IN_CITIES = 0.8
_SIGMA = 1.2  # of the lognormal potential of one account
_KM = (13.0, 29.0)  # how far the least city reaches, and how much farther the largest
_COUNTRY_KM2 = 8.1e6  # in a country of this size


def account_potential(
    lat: Float,
    lng: Float,
    rng: np.random.Generator,
    *,
    accounts: int,
    area_km2: float,
    cities: int = 300,
    dense: float = 1.0,
) -> Float:
    """Potential of the units with centres `lat`, `lng` degrees, shape (n).

    `accounts` fall on the units at random: four in five around `cities` units drawn at random,
    whose sizes are 1, 1/2, 1/3, … and whose reach grows with the size and with the country. In
    cities that are `dense` times as dense the reach is shorter.
    """
    xyz = to_xyz(lat, lng)
    cities = min(cities, len(xyz))
    size = 1.0 / np.arange(1, cities + 1)
    reach = (_KM[0] + _KM[1] * np.cbrt(size)) * np.sqrt(area_km2 / _COUNTRY_KM2 / dense)
    middle = xyz[rng.choice(len(xyz), cities, replace=False)]
    density = np.full(len(xyz), (1 - _IN_CITIES) / len(xyz))
    for city, share, km in zip(middle, size / size.sum(), reach, strict=True):
        pull = np.exp(-((xyz - city) ** 2).sum(axis=1) / (2 * km**2))
        density += _IN_CITIES * share * pull / pull.sum()
    at = np.repeat(np.arange(len(xyz)), rng.multinomial(accounts, density / density.sum()))
    return np.bincount(at, rng.lognormal(0.0, _SIGMA, len(at)), len(xyz)).astype(np.float64)


def with_hot_spot(potential: Float, territories: int, share: float) -> Float:
    """The same potential, but the heaviest unit holds `share` of a territory's target."""
    hot = potential.copy()
    top = int(np.argmax(hot))
    rest = hot.sum() - hot[top]
    hot[top] = share * rest / (territories - share)
    return hot
