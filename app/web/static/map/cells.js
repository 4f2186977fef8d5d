// Cells: unpacked once, found again by position, drawn on a canvas (100,000 of them at a time).
(function (B) {
  "use strict";

  const OPACITY = 0.78;

  // See app/maps/cell_codes.py: differences of the low 52 bits, LEB128 in base64.
  function unpack(packed, resolution) {
    const bytes = atob(packed), ids = [];
    const prefix = "8" + resolution.toString(16), finer = Math.pow(8, 15 - resolution);
    let key = 0, step = 0, weight = 1;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes.charCodeAt(i);
      step += (byte & 127) * weight;
      weight *= 128;
      if (byte < 128) {
        key += step;
        step = 0;
        weight = 1;
        ids.push(prefix + ((key + 1) * finer - 1).toString(16).padStart(13, "0"));
      }
    }
    return ids;
  }

  // Columns over all cells: id, t (territory), accounts, values by measure; and at(lat, lng).
  B.decodeCells = function (view) {
    const groups = view.cells.map((group) => unpack(group.ids, group.r));
    const id = groups.flat(), rows = new Map();
    const index = {
      id, t: new Int32Array(id.length), level: new Uint8Array(id.length),
      accounts: new Int32Array(id.length), values: {},
    };
    for (const name of view.measures) index.values[name] = new Float64Array(id.length);
    let start = 0;
    view.cells.forEach(function (group, g) {
      const size = groups[g].length;
      index.t.fill(group.t, start, start + size);
      index.level.fill(group.r, start, start + size);
      index.accounts.set(group.accounts, start);
      for (const name of Object.keys(group.values)) index.values[name].set(group.values[name], start);
      start += size;
    });
    // As geo/cells/holding.py has it: the finest cell in which a place lies; in a corner that the
    // children of a replaced cell leave out, the neighbour whose own children reach in there.
    const levels = view.cells.map((group) => group.r), replaced = new Set();
    const coarsest = Math.min(...levels), finest = Math.max(...levels);
    function prepare() {
      id.forEach((cell, i) => rows.set(cell, i));
      view.cells.forEach(function (group, g) {
        for (const cell of groups[g]) {
          for (let r = group.r - 1; r >= coarsest; r--) {
            const parent = h3.cellToParent(cell, r);
            if (replaced.has(parent)) break;
            replaced.add(parent);
          }
        }
      });
    }
    index.at = function (lat, lng) {
      if (!rows.size) prepare();
      for (let r = finest; r >= coarsest; r--) {
        const cell = h3.latLngToCell(lat, lng, r), found = rows.get(cell);
        if (found !== undefined) return found;
        if (!replaced.has(cell)) continue;
        const child = h3.latLngToCell(lat, lng, r + 1);
        for (let up = r; up >= coarsest; up--) {
          const beside = rows.get(h3.cellToParent(child, up));
          if (beside !== undefined) return beside;
        }
        return -1;
      }
      return -1;
    };
    return index;
  };

  // Hexagons in world units: corners of cell i are at from[i] .. from[i + 1].
  function shapes(view) {
    const ids = view.cellIndex.id, from = new Int32Array(ids.length + 1);
    const x = [], y = [], middleX = new Float64Array(ids.length), middleY = new Float64Array(ids.length);
    const reach = new Float64Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const corners = h3.cellToBoundary(ids[i]);
      const turn = view.near(corners[0][1]) - corners[0][1];
      let sumX = 0, sumY = 0;
      for (const [lat, lng] of corners) {
        const gap = lng - corners[0][1];
        const near = lng + turn - (gap > 180 ? 360 : gap < -180 ? -360 : 0);
        x.push(B.worldX(near));
        y.push(B.worldY(lat));
        sumX += x[x.length - 1];
        sumY += y[y.length - 1];
      }
      from[i + 1] = x.length;
      middleX[i] = sumX / corners.length;
      middleY[i] = sumY / corners.length;
      reach[i] = Math.hypot(x[from[i]] - middleX[i], y[from[i]] - middleY[i]) * 1.2;
    }
    return { from, x: Float64Array.from(x), y: Float64Array.from(y), middleX, middleY, reach };
  }

  B.cells = function (view) {
    const cells = view.cellIndex;
    const mixed = cells.level.some((level) => level !== cells.level[0]);
    let shape = null, order = null, colourOf = null;

    // Coarse cells first, as the finer ones lie on top; then by colour, so that one path fills many.
    function paint() {
      const scale = view.scale, values = cells.values[view.colouring], count = scale.classes.length;
      const worth = cells.values[view.measures[0]] || cells.accounts;
      colourOf = new Uint16Array(cells.id.length);
      const sizes = new Int32Array(16 * count + 1), place = new Int32Array(cells.id.length);
      for (let i = 0; i < colourOf.length; i++) {
        colourOf[i] = scale.unit(cells.t[i], values ? values[i] : 0, cells.accounts[i] > 0 || worth[i] > 0);
        place[i] = cells.level[i] * count + colourOf[i];
        sizes[place[i] + 1]++;
      }
      for (let k = 1; k < sizes.length; k++) sizes[k] += sizes[k - 1];
      order = new Int32Array(colourOf.length);
      for (let i = 0; i < colourOf.length; i++) order[sizes[place[i]]++] = i;
    }

    function trace(context, frame, i) {
      const size = shape.reach[i] * frame.scale;
      if (size < 1.2) { // smaller than a pixel or two: a square looks the same
        const side = Math.max(1, size * 1.6);
        context.rect(shape.middleX[i] * frame.scale + frame.left - side / 2,
          shape.middleY[i] * frame.scale + frame.top - side / 2, side, side);
        return;
      }
      for (let k = shape.from[i]; k < shape.from[i + 1]; k++) {
        const x = shape.x[k] * frame.scale + frame.left, y = shape.y[k] * frame.scale + frame.top;
        if (k === shape.from[i]) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.closePath();
    }

    const layer = new B.CanvasLayer(function (context, frame) {
      if (!shape) shape = shapes(view);
      if (!order) paint();
      if (mixed) ground(context, frame);
      for (let from = 0, to; from < order.length; from = to) {
        const level = cells.level[order[from]];
        let radius = 0;
        for (to = from; to < order.length && cells.level[order[to]] === level; to++) {
          radius = Math.max(radius, shape.reach[order[to]]);
        }
        const seen = order.subarray(from, to).filter(inSight(frame, radius));
        fill(context, frame, seen);
        if (radius * frame.scale > 14) edges(context, frame, seen);
      }
      document.documentElement.dataset.cellsDrawn = String(cells.id.length);
    }, { pane: "cells" });

    const inSight = (frame, margin) => (i) =>
      shape.middleX[i] >= frame.west - margin && shape.middleX[i] <= frame.east + margin &&
      shape.middleY[i] >= frame.north - margin && shape.middleY[i] <= frame.south + margin;

    // Children leave out small corners of the cell that they replace: there the ground shows.
    function ground(context, frame) {
      view.territories.forEach(function (territory, t) {
        context.beginPath();
        for (const ring of territory.rings) {
          for (let k = 0; k < ring.x.length; k++) {
            const x = ring.x[k] * frame.scale + frame.left, y = ring.y[k] * frame.scale + frame.top;
            if (k === 0) context.moveTo(x, y);
            else context.lineTo(x, y);
          }
          context.closePath();
        }
        context.fillStyle = view.scale.classes[view.scale.unit(t, 0, false)];
        context.fill("evenodd");
      });
    }

    function fill(context, frame, seen) {
      const flush = function (colour) {
        context.fillStyle = context.strokeStyle = colour;
        context.fill();
        context.stroke();
      };
      context.lineWidth = 0.7; // covers the seams between neighbours
      let colour = -1, pending = 0;
      for (const i of seen) {
        if (colourOf[i] !== colour || pending >= 300) {
          if (pending) flush(view.scale.classes[colour]);
          context.beginPath();
          colour = colourOf[i];
          pending = 0;
        }
        trace(context, frame, i);
        pending++;
      }
      if (pending) flush(view.scale.classes[colour]);
    }

    // Near enough to tell cells apart: a thin white line around each.
    function edges(context, frame, seen) {
      context.beginPath();
      for (const i of seen) trace(context, frame, i);
      context.strokeStyle = "rgba(255,255,255,0.55)";
      context.lineWidth = 1;
      context.stroke();
    }

    view.map.getPane("cells").style.opacity = OPACITY;
    view.on("recolour", function () { order = null; layer.redraw(); });
    return layer;
  };
})(window.Bailiwick);
