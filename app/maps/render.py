"""A plan as one HTML page."""

import json
import re

from folium import LayerControl

from app.maps import basemap, places
from app.maps.layers import OpenPlan, PlanPanel, plan_layers
from app.maps.page import (
    OfflineFullscreen,
    OfflineMap,
    PageFigure,
    add_assets,
    add_data,
    nonce_attribute,
)
from app.maps.payload import plan_payload
from app.maps.text import html_text, script_json
from geo.errors import OptionError
from sales.plan import PlanBundle

_NONCE = re.compile(r"[A-Za-z0-9+/_=-]+")
_ASSET_BASE = re.compile(r"/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-]/?")


def render_map(
    bundle: PlanBundle,
    *,
    asset_base: str | None = None,
    nonce: str | None = None,
    title: str = "Territory plan",
) -> str:
    """Draw `bundle` as a page that asks no other host for anything.

    `asset_base` None writes scripts and styles into the page, which then opens from disk with no
    network. Otherwise it is the path on this host under which `app/web/static/vendor` is served
    ("/static/vendor"), with `app/web/static/map` beside it ("/static/map"). `nonce` goes on every
    script and style, for a Content-Security-Policy. The same bundle gives the same bytes.

    Raises OptionError on an asset base or nonce of other form, NotFoundError when the
    installation lacks its basemap.
    """
    if nonce is not None and not _NONCE.fullmatch(nonce):
        raise OptionError("the nonce is not base64", hint="use secrets.token_urlsafe()")
    if asset_base is not None and not (
        _ASSET_BASE.fullmatch(asset_base) and not asset_base.startswith("//")
    ):
        raise OptionError(
            f"{asset_base!r} is not a path on this host", hint="give one such as /static/vendor"
        )
    attribute = nonce_attribute(nonce)
    payload = plan_payload(bundle, title)
    payload["places"] = places.places_within(payload["bounds"], payload["centre"])
    payload["attribution"] = f"{basemap.ATTRIBUTION}, {places.ATTRIBUTION}"
    (south, west), (north, east) = payload["bounds"]

    figure = PageFigure(html_text(title), attribute)
    plan_map = OfflineMap(attribute)
    figure.add_child(plan_map)
    add_assets(figure, asset_base)
    add_data(figure, "plan-data", script_json(payload))
    add_data(figure, "world-data", script_json(json.loads(basemap.world_topology())))
    if basemap.shows_states(south, west, north, east):
        add_data(figure, "states-data", script_json(json.loads(basemap.states_topology())))
    plan_map.add_child(OpenPlan(), name="open")
    for layer in plan_layers(payload):
        plan_map.add_child(layer)
    control = LayerControl(position="topright")
    control._id = "layers"
    plan_map.add_child(control)
    plan_map.add_child(OfflineFullscreen(), name="fullscreen")
    plan_map.add_child(PlanPanel(), name="panel")
    return str(figure.render())
