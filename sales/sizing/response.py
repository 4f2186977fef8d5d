"""Sales as a concave function of selling time: more always helps, each further hour less.

Shape and parameters are the user's (`Response`); nothing is estimated here.
"""

import numpy as np

from geo.arrays import Float
from sales.sizing.model import Response


def share_sold(coverage: Float, response: Response) -> Float:
    """Share of what full coverage would sell, at `coverage` = hours there are ÷ hours needed.

    1 at full coverage; beyond it selling time brings more, ever less. With `power` the share is
    coverage ^ elasticity.
    """
    c = np.maximum(coverage, 0.0)
    if response.kind == "power":
        return np.asarray(c**response.elasticity, dtype=np.float64)
    k = response.curvature
    rise = np.expm1(-k * c) / np.expm1(-k)
    return np.asarray(response.floor + (1.0 - response.floor) * rise, dtype=np.float64)


def sales_of(reps: Float, needed: float, attainable: float, response: Response) -> Float:
    """Sales with so many reps, where `needed` cover everything and then sell `attainable`.

    Where today's reps and sales are given, the curve is scaled to go through them.
    """
    if response.reps_today is not None and response.sales_today is not None:
        now = share_sold(np.array([response.reps_today / needed]), response)[0]
        attainable = response.sales_today / float(now)
    return np.asarray(attainable * share_sold(reps / needed, response), dtype=np.float64)
