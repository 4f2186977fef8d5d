// Names on the map. Where two would overlap, the one that stands for more is kept.
(function (B) {
  "use strict";

  // Rectangles already written on, shared by all layers of names: territories before places.
  function free(taken, box) {
    return taken.every((other) =>
      box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
  }

  const NameLayer = L.Layer.extend({
    // names(): {lat, lng, element} in order of importance; rank: lower is placed first.
    initialize: function (view, rank, names) {
      this._view = view;
      this._rank = rank;
      this._names = names;
    },
    onAdd: function () {
      this._box = B.el("div", "bw-names leaflet-zoom-hide");
      this.getPane("labels").appendChild(this._box);
      for (const name of this._names) {
        this._box.appendChild(name.element);
        name.width = 0;
      }
      (this._view.nameLayers ||= []).push(this);
      this._view.nameLayers.sort((a, b) => a._rank - b._rank);
      placeAll(this._view);
    },
    onRemove: function () {
      this._box.remove();
      this._view.nameLayers = this._view.nameLayers.filter((layer) => layer !== this);
      placeAll(this._view);
    },
    getEvents: function () {
      // Afterwards, when the clusters have moved too.
      const soon = () => setTimeout(() => placeAll(this._view), 0);
      return { zoomend: soon, moveend: soon, resize: soon };
    },
    place: function (taken) {
      const map = this._view.map, sight = map.getBounds().pad(0.1);
      for (const name of this._names) {
        const point = L.latLng(name.lat, name.lng);
        if (!sight.contains(point)) { name.element.hidden = true; continue; }
        if (!name.width) {
          name.element.hidden = false;
          name.width = name.element.offsetWidth;
          name.height = name.element.offsetHeight;
        }
        const at = map.latLngToLayerPoint(point);
        const left = name.dot ? at.x - 4 : at.x - name.width / 2;
        // A territory's name may give way upwards or downwards, a town's may not leave its dot.
        const box = (name.dot ? [0] : [0, -20, 20]).map(function (shift) {
          const top = at.y - name.height / 2 + shift;
          return { left: left - 3, right: left + name.width + 3, top: top - 1, bottom: top + name.height + 1 };
        }).find((one) => free(taken, one));
        name.element.hidden = !box;
        if (!box) continue;
        taken.push(box);
        L.DomUtil.setPosition(name.element, L.point(Math.round(left), Math.round(box.top + 1)));
      }
    },
    measureAgain: function () {
      for (const name of this._names) name.width = 0;
    },
  });

  // Clusters and homes of reps were there first.
  function markers(view) {
    return [...view.map.getPane("markerPane").children].map(function (element) {
      const at = L.DomUtil.getPosition(element), half = element.offsetWidth / 2 - 1;
      return { left: at.x - half, right: at.x + half, top: at.y - half, bottom: at.y + half };
    });
  }

  function placeAll(view) {
    const taken = markers(view);
    for (const layer of view.nameLayers || []) layer.place(taken);
  }

  B.placeNames = placeAll;

  B.labels = function (view) {
    const names = view.territories.map(function (territory) {
      const second = B.el("span", "bw-name-second");
      return territory.label && {
        territory, second, lat: territory.label[0], lng: territory.label[1],
        weight: territory.values[0] || 0,
        element: B.el("div", "bw-name", null, [B.el("span", "bw-name-first", territory.name), second]),
      };
    }).filter(Boolean).sort((a, b) => b.weight - a.weight);
    const write = () => names.forEach(function (name) {
      name.second.textContent = view.colouring === "deviation" ? B.percent(name.territory.deviation) : "";
    });
    write();
    const layer = new NameLayer(view, 1, names);
    view.on("recolour", function () {
      write();
      layer.measureAgain();
      placeAll(view);
    });
    return layer;
  };

  B.places = function (view) {
    return new NameLayer(view, 2, view.places.map(([name, lat, lng]) => ({
      lat, lng, dot: true, element: B.el("div", "bw-place", name),
    })));
  };
})(window.Bailiwick);
