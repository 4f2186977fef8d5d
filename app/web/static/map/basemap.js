// Land, borders and state lines from TopoJSON, drawn in every copy of the world that is in sight.
(function (B) {
  "use strict";

  const LAND = "#f7f5f0", COAST = "#b9c3c9", BORDER = "#8d8a83", STATE = "#b4b0a7";

  // Lines and rings in world units with their bounding boxes; `closed` for areas.
  function paths(coordinates, closed) {
    return coordinates.map(function (points) {
      const x = Float64Array.from(points, (point) => B.worldX(point[0]));
      const y = Float64Array.from(points, (point) => B.worldY(point[1]));
      const seam = Uint8Array.from(points, (point) => Math.abs(point[0]) > 179.999 || point[1] < -84);
      let west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
      for (let i = 0; i < x.length; i++) {
        west = Math.min(west, x[i]); east = Math.max(east, x[i]);
        north = Math.min(north, y[i]); south = Math.max(south, y[i]);
      }
      return { x, y, seam, west, east, north, south, closed };
    });
  }

  const rings = (multiPolygon) => multiPolygon.coordinates.flat();

  function trace(context, frame, path, turn) {
    if (path.east + turn < frame.west || path.west + turn > frame.east) return;
    if (path.south < frame.north || path.north > frame.south) return;
    const left = frame.left + turn * frame.scale;
    let pen = false;
    for (let i = 0; i < path.x.length; i++) {
      const x = path.x[i] * frame.scale + left, y = path.y[i] * frame.scale + frame.top;
      // The edge along ±180° is where the files cut, not a coast.
      const skip = !path.closed && i > 0 && path.seam[i] && path.seam[i - 1];
      if (pen && !skip) context.lineTo(x, y);
      else context.moveTo(x, y);
      pen = true;
    }
    if (path.closed) context.closePath();
  }

  function draw(context, frame, list) {
    context.beginPath();
    for (let turn = Math.floor(frame.west); turn <= Math.floor(frame.east); turn++) {
      for (const path of list) trace(context, frame, path, turn);
    }
  }

  B.land = function (view) {
    const world = view.world, states = view.states;
    const areas = paths(rings(topojson.merge(world, world.objects.countries.geometries)), true);
    const finer = states
      ? paths(rings(topojson.merge(states, states.objects.states.geometries)), true) : [];
    return new B.CanvasLayer(function (context, frame) {
      context.fillStyle = context.strokeStyle = LAND;
      context.lineWidth = 0.6; // closes the hairline where the files cut the land at ±180°
      for (const list of [areas, finer]) {
        draw(context, frame, list);
        context.fill("evenodd");
        context.stroke();
      }
    }, { pane: "land" });
  };

  B.borders = function (view) {
    const world = view.world, states = view.states;
    const mesh = (topology, object, choose) =>
      paths(topojson.mesh(topology, topology.objects[object], choose).coordinates, false);
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
