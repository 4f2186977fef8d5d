// Colours and numbers: what a colour means, and how a figure is written.
(function (B) {
  "use strict";

  // ColorBrewer YlGnBu without its palest step, and a blue-white-orange scale: both safe for
  // colour-blind people.
  const SEQUENTIAL = ["#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"];
  const BELOW = [33, 102, 172], MIDDLE = [246, 244, 240], ABOVE = [201, 90, 20];
  const NOBODY = "#b9b6ae", NOTHING = "#e9e6df";

  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
  const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  B.number = (value) =>
    value === null || value === undefined ? "–"
      : Math.abs(value) >= 100000 ? compact.format(value) : plain.format(value);
  B.count = (value) => new Intl.NumberFormat("en").format(value);
  B.percent = function (fraction) {
    if (fraction === null || fraction === undefined) return "–";
    const percent = Math.round(fraction * 1000) / 10;
    return (percent > 0 ? "+" : percent < 0 ? "−" : "") + Math.abs(percent).toFixed(1) + " %";
  };
  B.measureName = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

  const mix = (a, b, share) => a.map((part, i) => Math.round(part + (b[i] - part) * share));
  const hex = (rgb) => "#" + rgb.map((part) => part.toString(16).padStart(2, "0")).join("");
  const parse = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  B.paler = (colour, share) => hex(mix(parse(colour), [255, 255, 255], share));

  // A scale paints units (`unit`: class of a unit, `classes`: the colours) and whole territories.
  B.makeScale = function (view) {
    if (view.colouring === "territory") return territoryScale(view);
    if (view.colouring === "deviation") return deviationScale(view);
    return measureScale(view);
  };

  // Units that hold an account are full, those between them pale.
  function territoryScale(view) {
    const colours = view.territories.map((territory) => territory.colour).concat(NOBODY);
    const count = colours.length;
    return {
      kind: "territory",
      classes: colours.concat(colours.map((colour) => B.paler(colour, 0.42))),
      unit: (t, value, busy) => (t < 0 ? count - 1 : t) + (busy ? 0 : count),
      territory: (t) => colours[t],
    };
  }

  function deviationScale(view) {
    const tolerance = view.tolerance[view.measures[0]] || 0;
    const largest = Math.max(0.01, tolerance, ...view.territories.map((x) => Math.abs(x.deviation || 0)));
    const colours = view.territories.map(function (x) {
      const share = (x.deviation || 0) / largest;
      return hex(mix(MIDDLE, share < 0 ? BELOW : ABOVE, Math.abs(share)));
    }).concat(NOBODY);
    return {
      kind: "deviation", largest, tolerance,
      stops: [hex(BELOW), hex(MIDDLE), hex(ABOVE)],
      classes: colours,
      unit: (t) => (t < 0 ? colours.length - 1 : t),
      territory: (t) => colours[t],
    };
  }

  // Six classes with as many units in each: potential is so skewed that equal steps show one blot.
  function measureScale(view) {
    const units = view.cellIndex || view.points;
    const values = Float64Array.from(units.values[view.colouring] || []).filter((x) => x > 0).sort();
    const edges = [];
    for (let k = 1; k < SEQUENTIAL.length && values.length; k++) {
      const edge = values[Math.floor((k * values.length) / SEQUENTIAL.length)];
      if (edge > (edges.length ? edges[edges.length - 1] : values[0])) edges.push(edge);
    }
    const step = edges.length ? (SEQUENTIAL.length - 1) / edges.length : 0;
    const classes = edges.map((_, k) => SEQUENTIAL[Math.round(k * step)]).concat(SEQUENTIAL[5], NOTHING);
    return {
      kind: "measure", edges, classes,
      lowest: values.length ? values[0] : 0,
      highest: values.length ? values[values.length - 1] : 0,
      empty: values.length === 0,
      unit: function (t, value) {
        if (!(value > 0)) return classes.length - 1;
        let k = 0;
        while (k < edges.length && value >= edges[k]) k++;
        return k;
      },
      territory: () => NOTHING,
    };
  }
})(window.Bailiwick);
