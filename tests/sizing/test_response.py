import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.sizing.model import Response
from sales.sizing.response import sales_of, share_sold

responses = st.one_of(
    st.builds(
        Response, floor=st.floats(0.0, 0.99), curvature=st.floats(0.01, 20.0),
        reps_today=st.one_of(st.none(), st.floats(0.5, 100.0)), sales_today=st.just(5e6),
    ),
    st.builds(
        Response, kind=st.just("power"), elasticity=st.floats(0.01, 1.0),
        reps_today=st.floats(0.5, 100.0), sales_today=st.just(5e6),
    ),
)  # fmt: skip


def test_sales_computed_by_hand() -> None:
    response = Response(floor=0.2, curvature=2.0)
    rise = (1 - np.exp(-1)) / (1 - np.exp(-2))
    assert share_sold(np.array([0.0, 0.5, 1.0]), response) == pytest.approx(
        [0.2, 0.2 + 0.8 * rise, 1]
    )
    today = Response(kind="power", elasticity=0.5, reps_today=4.0, sales_today=100.0)
    assert sales_of(np.array([1.0, 4.0, 16.0]), 9.0, 0.0, today) == pytest.approx([50, 100, 200])


@given(responses, st.floats(0.5, 200.0), st.floats(1.0, 1e9))
def test_more_reps_never_sell_less_and_each_adds_less(
    response: Response, needed: float, attainable: float
) -> None:
    sales = sales_of(np.arange(0.0, 60.0), needed, attainable, response)
    added = np.diff(sales)
    scale = sales.max()
    assert (added >= -1e-9 * scale).all()
    assert (np.diff(added) <= 1e-9 * scale).all()


@given(responses, st.floats(0.5, 200.0))
def test_todays_reps_sell_what_they_sell_today(response: Response, needed: float) -> None:
    if response.reps_today is None:
        full = sales_of(np.array([needed]), needed, 1000.0, response)
        assert full == pytest.approx(1000.0)
    else:
        now = sales_of(np.array([response.reps_today]), needed, 1000.0, response)
        assert now == pytest.approx(5e6)
