// Points: accounts in clusters, accounts to review, homes of reps, units that are not cells.
(function (B) {
  "use strict";

  const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 2 });

  // Clustering 50,000 accounts takes seconds, in portions between which the map stays usable.
  function progress(view, done, total) {
    if (done === total) {
      if (view.toast) view.toast.remove();
      view.toast = null;
      setTimeout(() => B.placeNames(view), 0); // the last portion is drawn after this call
      return;
    }
    if (!view.toast) view.toast = view.map.getContainer().appendChild(B.el("div", "bw-toast"));
    view.toast.textContent = "Placing accounts: " + Math.floor((100 * done) / total) + " %";
  }

  // Made when the layer is first shown: 50,000 markers that nobody looks at cost nothing.
  function clusters(view, kind, indices, makeMarker) {
    const group = L.markerClusterGroup({
      chunkedLoading: true, chunkInterval: 60, chunkDelay: 15, maxClusterRadius: 54,
      showCoverageOnHover: false, spiderLegPolylineOptions: { weight: 1, color: "#39434d", opacity: 0.6 },
      chunkProgress: (done, total) => progress(view, done, total),
      iconCreateFunction: function (cluster) {
        const count = cluster.getChildCount(), size = count < 10 ? 24 : count < 100 ? 28 : count < 1000 ? 32 : 36;
        return L.divIcon({ html: B.el("span", "", short.format(count)), className: "bw-cluster bw-cluster-" + kind, iconSize: [size, size] });
      },
    });
    group.on("animationend", () => B.placeNames(view));
    group.on("click", function (event) {
      view.openCard(B.accountCard(view, event.layer.account), event.latlng);
    });
    group.on("mouseover", function (event) {
      const name = B.el("div", "bw-card", null, [B.el("bdi", "", B.accountName(view, event.layer.account))]);
      event.layer.bindTooltip(name, { className: "bw-tip", direction: "top", offset: [0, -6] }).openTooltip();
    });
    const layer = L.layerGroup();
    layer.once("add", function () {
      group.addLayers(indices().map(makeMarker));
      layer.addLayer(group);
    });
    return layer;
  }

  function account(view, i, options) {
    const { lat, lng } = view.accounts;
    const marker = L.circleMarker([lat[i], view.near(lng[i])], {
      radius: 5.5, weight: 1.5, color: "#ffffff", fillOpacity: 1, bubblingMouseEvents: false, ...options,
    });
    marker.account = i;
    return marker;
  }

  const placed = (view) => [...view.accounts.id.keys()].filter((i) => view.accounts.lat[i] !== null);

  B.accounts = (view) => view.accountLayer = clusters(view, "plain",
    () => placed(view).filter((i) => view.accounts.t[i] >= 0),
    (i) => account(view, i, { fillColor: view.territories[view.accounts.t[i]].colour, className: "bw-account" }));

  // Hollow where no territory owns the account.
  B.review = (view) => clusters(view, "review",
    () => placed(view).filter((i) => view.doubts.has(i)),
    (i) => account(view, i, view.accounts.t[i] < 0
      ? { color: "#9a3412", weight: 3, fillColor: "#ffffff", className: "bw-review" }
      : { color: "#9a3412", weight: 2, fillColor: "#f5b453", className: "bw-review" }));

  // account index → its lines of the review list; -1 holds those that name no account.
  B.readReview = function (view) {
    const texts = view.review.texts;
    view.doubts = new Map();
    view.reviewLines = view.review.rows.map(function ([row, i, id, column, code, message, hint]) {
      const line = { row, i, id: texts[id], column: texts[column], code: texts[code], message: texts[message], hint: texts[hint] };
      if (i >= 0) view.doubts.set(i, (view.doubts.get(i) || []).concat(line));
      return line;
    });
  };

  function house(colour) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M12 3 2.5 11.2h2.7V21h5.3v-6h3v6h5.3v-9.8h2.7z");
    path.setAttribute("fill", colour);
    svg.appendChild(path);
    return svg;
  }

  B.homes = function (view) {
    const layer = L.layerGroup(view.reps.filter((rep) => rep.lat !== null && rep.lng !== null).map(function (rep) {
      const territory = view.territories[rep.t];
      const icon = L.divIcon({
        html: B.el("span", "", null, [house(territory ? territory.colour : "#6b7280")]),
        className: "bw-home", iconSize: [20, 20],
      });
      const marker = L.marker([rep.lat, view.near(rep.lng)], { icon, keyboard: true, alt: "Home of a rep", bubblingMouseEvents: false });
      marker.bindTooltip(() => B.el("div", "bw-card", null, [B.el("bdi", "", rep.name)]), { className: "bw-tip", direction: "top", offset: [0, -12] });
      return marker.on("click", () => view.openCard(B.repCard(view, rep), marker.getLatLng()));
    }));
    return layer.on("add remove", () => B.placeNames(view));
  };

  B.points = function (view) {
    const points = view.points, values = () => points.values[view.colouring] || [];
    const colour = (i, list) => view.scale.classes[view.scale.unit(points.t[i], list[i] || 0, true)];
    const renderer = L.canvas({ padding: 0.2, pane: "points" });
    const radius = points.id.length > 5000 ? 3 : 5;
    const markers = points.id.map(function (_, i) {
      const marker = L.circleMarker([points.lat[i], view.near(points.lng[i])], {
        renderer, radius, weight: 1, color: "#ffffff", fillOpacity: 0.95, fillColor: colour(i, values()), bubblingMouseEvents: false,
      });
      return marker.on("click", () => view.openCard(B.unitCard(view, i), marker.getLatLng()));
    });
    view.on("recolour", function () {
      const list = values();
      markers.forEach((marker, i) => marker.setStyle({ fillColor: colour(i, list) }));
    });
    return L.layerGroup(markers);
  };
})(window.Bailiwick);
