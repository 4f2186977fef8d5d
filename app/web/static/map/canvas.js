// A canvas that covers the map, moves and zooms with it, and is drawn by one function.
(function (B) {
  "use strict";

  // draw(context, frame): frame turns world units (B.worldX, B.worldY) into canvas pixels by
  // x · scale + left, y · scale + top, and says which world rectangle is in sight.
  B.CanvasLayer = L.Renderer.extend({
    options: { padding: 0.2 },

    initialize: function (draw, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._draw = draw;
    },

    redraw: function () {
      if (this._map) this._update();
      return this;
    },

    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._context = this._container.getContext("2d");
    },

    _destroyContainer: function () {
      this._container.remove();
      delete this._container;
      delete this._context;
    },

    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const map = this._map, bounds = this._bounds, size = bounds.getSize();
      const ratio = window.devicePixelRatio || 1;
      const canvas = this._container, context = this._context;
      L.DomUtil.setPosition(canvas, bounds.min);
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const scale = 256 * Math.pow(2, map.getZoom());
      const corner = map.getPixelOrigin().add(bounds.min);
      this._draw(context, {
        scale, left: -corner.x, top: -corner.y, width: size.x, height: size.y,
        west: corner.x / scale, east: (corner.x + size.x) / scale,
        north: corner.y / scale, south: (corner.y + size.y) / scale,
        zoom: map.getZoom(),
      });
    },
  });
})(window.Bailiwick);
