"""Colours for territories: neighbours differ, and colour-blind people can tell them apart."""

from collections.abc import Iterable
from typing import Final

# Paul Tol's "bright" scheme, its grey left out (grey means "nobody's"), most different first; then
# two of Okabe and Ito's for the rare map that needs more than six.
PALETTE: Final = (
    "#4477aa", "#ccbb44", "#ee6677", "#66ccee", "#228833", "#aa3377", "#e69f00", "#332288",
)  # fmt: skip


def territory_colours(count: int, adjacent: Iterable[tuple[int, int]]) -> list[str]:
    """A colour for each of `count` territories, given the pairs that touch.

    Brélaz's DSATUR (1979), which colours a planar map with five or so. Should a tangle of bridges
    need more than the palette has, colours repeat: outlines and names still tell territories apart.
    Up to six territories get a colour each.
    """
    if count <= 6:
        return list(PALETTE[:count])
    import networkx as nx  # takes a while, and small maps do not need it

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(pair for pair in adjacent if pair[0] != pair[1])
    chosen = nx.greedy_color(graph, strategy="DSATUR")
    return [PALETTE[chosen[node] % len(PALETTE)] for node in range(count)]
