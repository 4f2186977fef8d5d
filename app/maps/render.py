"""A plan as one HTML page."""

import json
import re
from typing import Any

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
from app.maps.segment_views import segment_views
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
    views = segment_views(bundle)
    payloads = [_payload(view, title) for _, view in views]
    if bundle.model is not None:
        for at, payload in enumerate(payloads):
            payload["segments"] = {"names": [name for name, _ in views], "shown": at}
        # A list has no geography to show: the first view that has one opens.
        payloads.sort(key=lambda payload: not payload["cells"])
    bounds = [payload["bounds"] for payload in payloads]
    south, west = (min(box[0][k] for box in bounds) for k in (0, 1))
    north, east = (max(box[1][k] for box in bounds) for k in (0, 1))

    figure = PageFigure(html_text(title), attribute)
    plan_map = OfflineMap(attribute)
    figure.add_child(plan_map)
    add_assets(figure, asset_base)
    for at, payload in enumerate(payloads):  # the script reads the one that the address names
        name = f"plan-data-{payload['segments']['shown']}" if at else "plan-data"
        add_data(figure, name, script_json(payload))
    add_data(figure, "world-data", script_json(json.loads(basemap.world_topology())))
    if basemap.shows_states(south, west, north, east):
        add_data(figure, "states-data", script_json(json.loads(basemap.states_topology())))
    plan_map.add_child(OpenPlan(), name="open")
    for layer in plan_layers(*payloads):
        plan_map.add_child(layer)
    control = LayerControl(position="topright")
    control._id = "layers"
    plan_map.add_child(control)
    plan_map.add_child(OfflineFullscreen(), name="fullscreen")
    plan_map.add_child(PlanPanel(), name="panel")
    return str(figure.render())


def _payload(bundle: PlanBundle, title: str) -> dict[str, Any]:
    payload = plan_payload(bundle, title)
    payload["places"] = places.places_within(payload["bounds"], payload["centre"])
    payload["attribution"] = f"{basemap.ATTRIBUTION}, {places.ATTRIBUTION}"
    return payload
