"""The page's frame in Folium: no foreign address, and a nonce on every script and style."""

import folium
from branca.element import Element, Figure
from folium.plugins import Fullscreen
from folium.template import Template

from app.maps.assets import SCRIPTS, STYLES, asset_url, inline_asset


class PageFigure(Figure):
    """Folium's page, with a title, a language, and `nonce_attribute` on the script."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n'
        "<title>{{ this.escaped_title }}</title>\n"
        "{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "<script{{ this.nonce_attribute }}>\n{{ this.script.render(**kwargs) }}\n</script>\n"
        "</body>\n</html>\n"
    )

    def __init__(self, escaped_title: str, nonce_attribute: str) -> None:
        super().__init__()
        self.escaped_title = escaped_title
        self.nonce_attribute = nonce_attribute


class RawElement(Element):
    """Markup as a value and not as a template: nothing in it is looked at, let alone executed."""

    _template = Template("{{ this.markup }}")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup


class OfflineMap(folium.Map):
    """Folium's map without jQuery, Bootstrap and icon fonts; it fills the window."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as Folium declares it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, nonce_attribute: str) -> None:
        super().__init__(
            location=(0.0, 0.0),
            zoom_start=2,
            tiles=None,
            control_scale=True,
            zoom_control="bottomright",
            zoom_snap=0.25,
            zoom_delta=1,
        )
        self._id = "plan"
        self.nonce_attribute = nonce_attribute
        self.options |= {"min_zoom": 2, "max_zoom": 18}

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style{{ this.nonce_attribute }}>
        html, body, #{{ this.get_name() }} { height: 100%; margin: 0; }
        </style>
        {% endmacro %}
        {% macro html(this, kwargs) %}
        <main class="folium-map" id="{{ this.get_name() }}"></main>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map(
            {{ this.get_name()|tojson }},
            { center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }} }
        );
        L.control.scale().addTo({{ this.get_name() }});
        L.control.zoom({ position: {{ this.zoom_control|tojson }} }).addTo({{ this.get_name() }});
        {% endmacro %}
        """
    )


class OfflineFullscreen(Fullscreen):
    """Folium's full-screen button, its script ours to serve."""

    def __init__(self) -> None:
        super().__init__(position="bottomright")  # type: ignore[no-untyped-call]

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as Folium declares it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


def nonce_attribute(nonce: str | None) -> str:
    """The attribute to write after `<script` and `<style`; nothing without a nonce."""
    return "" if nonce is None else f' nonce="{nonce}"'


def add_assets(figure: PageFigure, asset_base: str | None) -> None:
    """Link scripts and styles from under `asset_base`, or write them into the page when None."""
    attribute = figure.nonce_attribute
    for path in STYLES:
        markup = (
            f"<style{attribute}>\n{inline_asset(path)}</style>"
            if asset_base is None
            else f'<link rel="stylesheet" href="{asset_url(path, asset_base)}">'
        )
        _add_raw(figure.header, path, markup)
    for path in SCRIPTS:
        markup = (
            f"<script{attribute}>\n{inline_asset(path)}</script>"
            if asset_base is None
            else f'<script{attribute} src="{asset_url(path, asset_base)}"></script>'
        )
        _add_raw(figure.header, path, markup)


def add_data(figure: PageFigure, name: str, json_text: str) -> None:
    """Write a block of data that `script_json` has made inert."""
    attribute = figure.nonce_attribute
    markup = f'<script{attribute} type="application/json" id="{name}">{json_text}</script>'
    _add_raw(figure.html, name, markup)


def _add_raw(parent: Element, name: str, markup: str) -> None:
    parent.add_child(RawElement(markup), name=name)
