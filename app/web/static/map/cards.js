// What tooltips and popups say. Every word goes in as text.
(function (B) {
  "use strict";

  const swatch = function (colour) {
    const element = B.el("span", "bw-swatch");
    element.style.backgroundColor = colour;
    return element;
  };
  B.swatch = swatch;

  const heading = (colour, text) => B.el("div", "bw-card-title", null, [swatch(colour), B.el("bdi", "", text)]);
  function table(rows) {
    const list = B.el("dl", "bw-facts");
    for (const [term, value] of rows) {
      if (value === null || value === undefined || value === "") continue;
      list.appendChild(B.el("dt", "", term));
      list.appendChild(B.el("dd", "", null, [B.el("bdi", "", value)]));
    }
    return list;
  }

  const territoryFacts = function (view, territory) {
    const [balanced, ...others] = view.measures;
    return [
      ["Rep", territory.rep || "nobody yet"],
      ["Accounts", territory.accounts === null ? "" : B.count(territory.accounts || 0)],
      balanced && [B.measureName(balanced), B.number(territory.values[0])],
      ["Target", B.number(territory.target)],
      ["Deviation", B.percent(territory.deviation)],
      ...others.map(function (name, k) {
        const deviation = territory.deviations[k + 1], value = B.number(territory.values[k + 1]);
        return [B.measureName(name), deviation === null ? value : value + " (" + B.percent(deviation) + ")"];
      }),
    ].filter(Boolean);
  };

  const cellFacts = function (view, cell) {
    if (cell < 0) return [];
    const cells = view.cellIndex, facts = [["Cell", cells.id[cell]], ["Accounts here", B.count(cells.accounts[cell])]];
    for (const name of view.measures) facts.push([B.measureName(name) + " here", B.number(cells.values[name][cell])]);
    return facts;
  };

  B.areaTip = function (view, t, cell) {
    const territory = view.territories[t], shown = view.measures.includes(view.colouring) ? view.colouring : view.measures[0];
    return B.el("div", "bw-card", null, [
      heading(territory.colour, territory.name),
      table([
        ["Rep", territory.rep],
        ["Deviation", B.percent(territory.deviation)],
        ...(cell >= 0 && shown ? [[B.measureName(shown) + " here", B.number(view.cellIndex.values[shown][cell])]] : []),
      ]),
    ]);
  };

  B.territoryCard = function (view, t, cell) {
    const territory = view.territories[t];
    return B.el("div", "bw-card", null, [
      heading(territory.colour, territory.name),
      table(territoryFacts(view, territory)),
      territory.contiguous ? null : B.el("p", "bw-note", "Not in one piece."),
      cell >= 0 ? B.el("div", "bw-card-part", null, [table(cellFacts(view, cell))]) : null,
    ]);
  };

  B.accountName = (view, i) => (view.accounts.name && view.accounts.name[i]) || view.accounts.id[i];

  B.accountCard = function (view, i) {
    const accounts = view.accounts, territory = view.territories[accounts.t[i]];
    const doubts = view.doubts.get(i) || [];
    return B.el("div", "bw-card", null, [
      heading(territory ? territory.colour : "#b9b6ae", B.accountName(view, i)),
      table([
        ["Account", accounts.id[i]],
        ["Territory", territory ? territory.name : "none"],
        ["Rep", accounts.reps[accounts.rep[i]]],
        ["Position", accounts.precisions[accounts.precision[i]]],
      ]),
      ...doubts.map((doubt) => B.el("p", "bw-note", doubt.message)),
    ]);
  };

  B.repCard = function (view, rep) {
    const territory = view.territories[rep.t];
    return B.el("div", "bw-card", null, [
      heading(territory ? territory.colour : "#b9b6ae", rep.name),
      table([["Territory", territory ? territory.name : "none"], ["Rep id", rep.id]]),
    ]);
  };

  B.unitCard = function (view, i) {
    const points = view.points, territory = view.territories[points.t[i]];
    return B.el("div", "bw-card", null, [
      heading(territory ? territory.colour : "#b9b6ae", points.id[i]),
      table([["Territory", territory ? territory.name : "none"],
        ...view.measures.map((name) => [B.measureName(name), B.number((points.values[name] || [])[i] || 0)])]),
      territory ? B.el("div", "bw-card-part", null, [table(territoryFacts(view, territory))]) : null,
    ]);
  };
})(window.Bailiwick);
