"""The map's layers as Folium layers: each is made in the page by a function of our own script."""

from collections.abc import Mapping, Sequence
from typing import Any

from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template

# More than these would hide the territories when the page opens.
_FEW_ACCOUNTS = 500
_FEW_HOMES = 20


class OpenPlan(MacroElement):
    """Reads the page's data blocks; the first child of the map."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var view = Bailiwick.open({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


class PlanLayer(Layer):
    """An overlay made by `Bailiwick.<maker>(view)`; `name` is ours, never a user's."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = Bailiwick.{{ this.maker }}(view);
        {% endmacro %}
        """
    )

    def __init__(self, maker: str, name: str, *, show: bool = True) -> None:
        super().__init__(name=name, overlay=True, control=True, show=show)
        self._name = "Layer"
        self._id = maker
        self.maker = maker
        self.wanted = True


class PlanPanel(MacroElement):
    """Title, figures, search, colouring, legend and review; the last child of the map."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        Bailiwick.panel(view);
        {% endmacro %}
        """
    )


def plan_layers(*payloads: Mapping[str, Any]) -> list[PlanLayer]:
    """The layers that one of these views of a plan has something for, undermost first."""
    found: dict[str, PlanLayer] = {}
    for payload in payloads:
        for wanted, layer in _layers(payload):
            if layer.maker not in found:
                found[layer.maker] = layer
                layer.wanted = wanted
            elif wanted:
                found[layer.maker].wanted = True
                found[layer.maker].show = found[layer.maker].show and layer.show
    return [layer for layer in found.values() if layer.wanted]


def _layers(payload: Mapping[str, Any]) -> list[tuple[bool, PlanLayer]]:
    accounts = payload["accounts"]
    review = {account for _, account, *_ in payload["review"]["rows"]}
    placed = [lat is not None for lat in accounts["lat"]]
    to_review = sum(here and a in review for a, here in enumerate(placed))
    homes = sum(rep["lat"] is not None and rep["lng"] is not None for rep in payload["reps"])
    return [
        (True, PlanLayer("land", "Land and sea")),
        (bool(payload["cells"]), PlanLayer("cells", "Cells")),
        (_has_points(payload), PlanLayer("points", "Units")),
        (True, PlanLayer("borders", "Borders")),
        (_has_rings(payload["territories"]), PlanLayer("outlines", "Territory outlines")),
        (bool(payload["bridges"]), PlanLayer("bridges", "Bridges")),
        (bool(payload["places"]), PlanLayer("places", "Places")),
        (True, PlanLayer("labels", "Territory names")),
        (
            any(placed),
            PlanLayer("accounts", "Accounts", show=sum(placed) <= _FEW_ACCOUNTS),
        ),
        (
            to_review > 0,
            PlanLayer("review", "Accounts to review", show=to_review <= _FEW_ACCOUNTS),
        ),
        (homes > 0, PlanLayer("homes", "Rep homes", show=homes <= _FEW_HOMES)),
    ]


def _has_points(payload: Mapping[str, Any]) -> bool:
    return payload["points"] is not None and len(payload["points"]["id"]) > 0


def _has_rings(territories: Sequence[Mapping[str, Any]]) -> bool:
    return any(territory["rings"] for territory in territories)
