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
    const index = { id, t: new Int32Array(id.length), accounts: new Int32Array(id.length), values: {} };
    for (const name of view.measures) index.values[name] = new Float64Array(id.length);
    let start = 0;
    view.cells.forEach(function (group, g) {
      const size = groups[g].length;
      index.t.fill(group.t, start, start + size);
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
    let radius = 0;
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
      radius = Math.max(radius, reach[i]);
    }
    return { from, x: Float64Array.from(x), y: Float64Array.from(y), middleX, middleY, reach, radius };
  }

  B.cells = function (view) {
    const cells = view.cellIndex;
    let shape = null, order = null, colourOf = null;

    // Sorted by colour, so that one path fills many cells.
    function paint() {
      const scale = view.scale, values = cells.values[view.colouring];
      const worth = cells.values[view.measures[0]] || cells.accounts;
      colourOf = new Uint16Array(cells.id.length);
      const sizes = new Int32Array(scale.classes.length + 1);
      for (let i = 0; i < colourOf.length; i++) {
        colourOf[i] = scale.unit(cells.t[i], values ? values[i] : 0, cells.accounts[i] > 0 || worth[i] > 0);
        sizes[colourOf[i] + 1]++;
      }
      for (let k = 1; k < sizes.length; k++) sizes[k] += sizes[k - 1];
      order = new Int32Array(colourOf.length);
      for (let i = 0; i < colourOf.length; i++) order[sizes[colourOf[i]]++] = i;
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
      const margin = shape.radius, flush = function (colour) {
        context.fillStyle = context.strokeStyle = colour;
        context.fill();
        context.stroke();
      };
      context.lineWidth = 0.7; // covers the seams between neighbours
      let colour = -1, pending = 0;
      for (const i of order) {
        const x = shape.middleX[i], y = shape.middleY[i];
        if (x < frame.west - margin || x > frame.east + margin) continue;
        if (y < frame.north - margin || y > frame.south + margin) continue;
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
      if (shape.radius * frame.scale > 14) edges(context, frame, margin);
      document.documentElement.dataset.cellsDrawn = String(cells.id.length);
    }, { pane: "cells" });

    // Near enough to tell cells apart: a thin white line around each.
    function edges(context, frame, margin) {
      context.beginPath();
      for (let i = 0; i < cells.id.length; i++) {
        const x = shape.middleX[i], y = shape.middleY[i];
        if (x < frame.west - margin || x > frame.east + margin) continue;
        if (y < frame.north - margin || y > frame.south + margin) continue;
        trace(context, frame, i);
      }
      context.strokeStyle = "rgba(255,255,255,0.55)";
      context.lineWidth = 1;
      context.stroke();
    }

    view.map.getPane("cells").style.opacity = OPACITY;
    view.on("recolour", function () { order = null; layer.redraw(); });
    return layer;
  };
})(window.Bailiwick);
