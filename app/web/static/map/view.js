// The plan as the page holds it: data blocks decoded, and what is chosen at the moment.
// Names in the data are hostile. They reach the page through textContent and nothing else.
window.Bailiwick = window.Bailiwick || {};
(function (B) {
  "use strict";

  // A DOM element with class and text; children may be elements, null ones are left out.
  B.el = function (tag, className, text, children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined && text !== null) element.textContent = text;
    for (const child of children || []) if (child) element.appendChild(child);
    return element;
  };

  // Mercator coordinates of the whole world in 0..1 (times 256 · 2^zoom they are Leaflet's pixels).
  B.worldX = (lng) => lng / 360 + 0.5;
  B.worldY = function (lat) {
    const sine = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };

  B.open = function (map) {
    const read = (id) => {
      const block = document.getElementById(id);
      return block && JSON.parse(block.textContent);
    };
    const chosen = /^#segment=(\d+)$/.exec(location.hash);
    const data = (chosen && read("plan-data-" + chosen[1])) || read("plan-data");
    const view = new L.Evented();
    Object.assign(view, data, {
      map,
      world: read("world-data"),
      states: read("states-data"),
      colouring: "territory", // or "deviation", or the name of a measure
      highlighted: -1, // index of a territory
    });

    // Longitudes run on across ±180°: everything is drawn within half a turn of the plan's middle.
    view.near = (lng) => lng - 360 * Math.floor((lng - view.centre + 180) / 360);
    for (const territory of view.territories) decodeRings(territory);
    B.readReview(view);
    view.cellIndex = view.cells ? B.decodeCells(view) : null;

    view.setColouring = function (colouring) {
      view.colouring = colouring;
      view.scale = B.makeScale(view);
      view.fire("recolour");
    };
    view.highlight = function (t) {
      if (t === view.highlighted) return;
      view.highlighted = t;
      view.fire("highlight");
    };
    view.fitBounds = (bounds, maxZoom) =>
      map.fitBounds(bounds, { ...B.roomBesidePanel(map), maxZoom, animate: false });
    view.scale = B.makeScale(view);
    for (const [name, zIndex] of Object.entries(PANES)) map.createPane(name).style.zIndex = zIndex;
    map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
    map.attributionControl.addAttribution(view.attribution);
    view.fitBounds(view.bounds, 13);
    B.followPointer(view);
    return view;
  };

  const PANES = { land: 200, cells: 300, borders: 340, outlines: 360, points: 450, labels: 620 };

  // Rings arrive flat, as differences in 1e-5 degrees; unroll them to degrees and to world units.
  function decodeRings(territory) {
    territory.west = territory.south = Infinity;
    territory.east = territory.north = -Infinity;
    territory.rings = territory.rings.map(function (steps) {
      const size = steps.length / 2;
      const ring = { lng: new Float64Array(size), lat: new Float64Array(size),
        x: new Float64Array(size), y: new Float64Array(size), seam: new Uint8Array(size) };
      let lng = 0, lat = 0;
      for (let i = 0; i < size; i++) {
        lng += steps[2 * i];
        lat += steps[2 * i + 1];
        ring.lng[i] = lng / 1e5;
        ring.lat[i] = lat / 1e5;
        ring.x[i] = B.worldX(ring.lng[i]);
        ring.y[i] = B.worldY(ring.lat[i]);
        ring.seam[i] = (lng - 18000000) % 36000000 === 0 ? 1 : 0; // on ±180°, where files cut
        territory.west = Math.min(territory.west, ring.lng[i]);
        territory.east = Math.max(territory.east, ring.lng[i]);
        territory.south = Math.min(territory.south, ring.lat[i]);
        territory.north = Math.max(territory.north, ring.lat[i]);
      }
      return ring;
    });
  }

  // Index of the territory whose outline holds the point, -1 for none (even-odd rule).
  B.territoryAt = function (view, lat, lng) {
    return view.territories.findIndex(function (territory) {
      if (lng < territory.west || lng > territory.east) return false;
      if (lat < territory.south || lat > territory.north) return false;
      let inside = false;
      for (const ring of territory.rings) {
        for (let i = 0, j = ring.lat.length - 1; i < ring.lat.length; j = i++) {
          if (ring.lat[i] > lat !== ring.lat[j] > lat &&
              lng < ((ring.lng[j] - ring.lng[i]) * (lat - ring.lat[i])) /
                    (ring.lat[j] - ring.lat[i]) + ring.lng[i]) inside = !inside;
        }
      }
      return inside;
    });
  };

  // The panel covers the left of a wide window and the foot of a narrow one.
  B.isNarrow = () => window.innerWidth < 700;
  B.roomBesidePanel = (map) => {
    const size = map.getSize();
    return B.isNarrow() || size.x < 700
      ? { paddingTopLeft: [16, 60], paddingBottomRight: [16, 90] }
      : { paddingTopLeft: [360, 24], paddingBottomRight: [64, 32] };
  };

  // Which territory and cell are under the pointer, at most once per frame.
  B.followPointer = function (view) {
    const map = view.map;
    const tip = L.tooltip({ className: "bw-tip", direction: "top", offset: [0, -8], opacity: 1 });
    let waiting = null;
    const under = function (latlng) {
      const cell = view.cellIndex ? view.cellIndex.at(latlng.lat, latlng.lng) : -1;
      const t = view.cellIndex
        ? (cell >= 0 ? view.cellIndex.t[cell] : -1)
        : B.territoryAt(view, latlng.lat, view.near(latlng.lng));
      return { cell, t };
    };
    const close = () => { map.closeTooltip(tip); view.highlight(-1); };
    const overMap = (event) => !event.originalEvent.target.closest(".leaflet-marker-icon,.leaflet-interactive,.leaflet-control,.leaflet-popup");
    map.on("mousemove", function (event) {
      if (!overMap(event)) { waiting = null; close(); return; }
      if (!waiting) requestAnimationFrame(function () {
        const latlng = waiting;
        waiting = null;
        if (!latlng) return;
        const { cell, t } = under(latlng);
        view.highlight(t);
        if (t < 0 || view.touching) { map.closeTooltip(tip); return; }
        tip.setContent(B.areaTip(view, t, cell)).setLatLng(latlng);
        map.openTooltip(tip);
      });
      waiting = event.latlng;
    });
    map.on("mouseout movestart", close);
    map.on("click", function (event) {
      if (!overMap(event)) return;
      const { cell, t } = under(event.latlng);
      if (t >= 0) view.openCard(B.territoryCard(view, t, cell), event.latlng);
    });
    map.getContainer().addEventListener("touchstart", () => { view.touching = true; }, { passive: true });
    view.openCard = function (card, latlng) {
      map.closeTooltip(tip);
      L.popup({ className: "bw-popup", maxWidth: 300, minWidth: 220, autoPanPaddingTopLeft: B.isNarrow() ? [8, 60] : [360, 16], autoPanPaddingBottomRight: [16, 16] })
        .setLatLng(latlng).setContent(card).openOn(map);
    };
  };
})(window.Bailiwick);
