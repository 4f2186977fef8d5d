// Land, borders and state lines from TopoJSON, drawn in every copy of the world that is in sight.
(function (B) {
  "use strict";

  const LAND = "#f7f5f0", COAST = "#b9c3c9", BORDER = "#8d8a83", STATE = "#b4b0a7";

  // Lines and rings in world units with their bounding boxes; `closed` for areas. The files let
  // rings run across ±180°, so longitudes are unrolled; a ring that then does not meet its
  // beginning goes around the south pole, and is led there.
  function paths(coordinates, closed) {
    return coordinates.map(function (points) {
      const x = [], y = [];
      let turn = 0, before = points[0][0];
      for (const [lng, lat] of points) {
        if (lng - before > 180) turn -= 360;
        else if (lng - before < -180) turn += 360;
        before = lng;
        x.push(B.worldX(lng + turn));
        y.push(B.worldY(lat));
      }
      if (closed && turn) {
        x.push(x[x.length - 1], x[0]);
        y.push(1.1, 1.1);
      }
      const least = (list) => list.reduce((a, b) => Math.min(a, b));
      const most = (list) => list.reduce((a, b) => Math.max(a, b));
      return { x, y, closed, west: least(x), east: most(x), north: least(y), south: most(y) };
    });
  }

  const rings = (multiPolygon) => multiPolygon.coordinates.flat();

  function trace(context, frame, path, turn) {
    if (path.east + turn < frame.west || path.west + turn > frame.east) return;
    if (path.south < frame.north || path.north > frame.south) return;
    const left = frame.left + turn * frame.scale;
    for (let i = 0; i < path.x.length; i++) {
      const x = path.x[i] * frame.scale + left, y = path.y[i] * frame.scale + frame.top;
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    if (path.closed) context.closePath();
  }

  function draw(context, frame, list) {
    context.beginPath();
    for (let turn = Math.floor(frame.west) - 1; turn <= Math.floor(frame.east) + 1; turn++) {
      for (const path of list) trace(context, frame, path, turn);
    }
  }

  B.land = function (view) {
    const world = view.world, states = view.states;
    const areas = paths(rings(topojson.merge(world, world.objects.countries.geometries)), true);
    const finer = states
      ? paths(rings(topojson.merge(states, states.objects.states.geometries)), true) : [];
    return new B.CanvasLayer(function (context, frame) {
      context.fillStyle = LAND;
      for (const list of [areas, finer]) {
        draw(context, frame, list);
        context.fill();
      }
    }, { pane: "land" });
  };

  // Some islands are cut along ±180°: that edge is no coast.
  function withoutSeam(lines) {
    const seam = (point) => Math.abs(point[0]) > 179.999;
    return lines.flatMap(function (line) {
      const parts = [[line[0]]];
      for (let i = 1; i < line.length; i++) {
        if (seam(line[i]) && seam(line[i - 1])) parts.push([]);
        parts[parts.length - 1].push(line[i]);
      }
      return parts.filter((part) => part.length > 1);
    });
  }

  B.borders = function (view) {
    const world = view.world, states = view.states;
    const mesh = (topology, object, choose) =>
      paths(withoutSeam(topojson.mesh(topology, topology.objects[object], choose).coordinates), false);
    const coast = mesh(world, "countries", (a, b) => a === b);
    const border = mesh(world, "countries", (a, b) => a !== b);
    const state = states ? mesh(states, "states", (a, b) => a !== b) : [];
    return new B.CanvasLayer(function (context, frame) {
      context.lineJoin = "round";
      const line = function (list, colour, width) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        draw(context, frame, list);
        context.stroke();
      };
      line(state, STATE, 0.8);
      if (!states) line(coast, COAST, 0.8);
      line(border, BORDER, 1);
    }, { pane: "borders" });
  };
})(window.Bailiwick);
