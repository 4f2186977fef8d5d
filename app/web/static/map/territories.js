// Territory outlines; where a plan has no cells, the outlines carry the colour too.
(function (B) {
  "use strict";

  function trace(context, frame, territory, closed) {
    context.beginPath();
    for (const ring of territory.rings) {
      const last = ring.x.length - 1;
      for (let i = 0; i <= last + (closed ? 0 : 1); i++) {
        const k = i > last ? 0 : i, before = k ? k - 1 : last;
        const x = ring.x[k] * frame.scale + frame.left, y = ring.y[k] * frame.scale + frame.top;
        const seam = !closed && ring.seam[k] && ring.seam[before];
        if (i === 0 || seam) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      if (closed) context.closePath();
    }
  }

  const inSight = (frame, territory) =>
    B.worldX(territory.east) >= frame.west && B.worldX(territory.west) <= frame.east &&
    B.worldY(territory.south) >= frame.north && B.worldY(territory.north) <= frame.south;

  B.outlines = function (view) {
    const layer = new B.CanvasLayer(function (context, frame) {
      const seen = view.territories.filter((territory) => territory.rings.length && inSight(frame, territory));
      context.lineJoin = "round";
      const stroke = function (territory, colour, width) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        trace(context, frame, territory, false);
        context.stroke();
      };
      if (!view.cellIndex) {
        context.globalAlpha = 0.72;
        for (const territory of seen) {
          context.fillStyle = view.scale.territory(view.territories.indexOf(territory));
          trace(context, frame, territory, true);
          context.fill("evenodd");
        }
        context.globalAlpha = 1;
      }
      for (const territory of seen) stroke(territory, "rgba(255,255,255,0.75)", 3);
      for (const territory of seen) stroke(territory, "#39434d", 1.1);
      const chosen = view.territories[view.highlighted];
      if (seen.includes(chosen)) {
        stroke(chosen, "rgba(255,255,255,0.95)", 6);
        stroke(chosen, "#16202b", 2.6);
      }
    }, { pane: "outlines" });
    view.on("highlight recolour", () => layer.redraw());
    return layer;
  };

  // Bridges: the joins across water that keep a territory in one piece.
  B.bridges = function (view) {
    return L.layerGroup(view.bridges.map(function ([latA, lngA, latB, lngB, km]) {
      const a = view.near(lngA), b = view.near(lngB);
      // The short way round, though both ends be within half a turn of the middle.
      const end = b - a > 180 ? b - 360 : b - a < -180 ? b + 360 : b;
      return L.polyline([[latA, a], [latB, end]], {
        color: "#16202b", weight: 2, opacity: 0.85, dashArray: "3 7", lineCap: "round", className: "bw-bridge",
      }).bindTooltip(() => B.el("div", "", "Bridge, " + B.number(km) + " km"), { sticky: true, className: "bw-tip" });
    }));
  };
})(window.Bailiwick);
