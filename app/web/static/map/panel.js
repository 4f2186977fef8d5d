// The panel: what the plan is, how cells are coloured, its legend, and what awaits review.
(function (B) {
  "use strict";

  const PAGE = 100; // review lines shown at a time

  B.panel = function (view) {
    const body = B.el("div", "bw-body");
    const toggle = B.el("button", "bw-toggle");
    toggle.type = "button";
    toggle.setAttribute("aria-label", "Show or hide the panel");
    const panel = B.el("section", "bw-panel", null, [
      B.el("header", "bw-head", null, [
        B.el("div", "", null, [B.el("h1", "", view.title), B.el("p", "bw-figures", figures(view))]), toggle,
      ]),
      body,
    ]);
    panel.setAttribute("aria-label", "Plan");
    const open = function (yes) {
      panel.classList.toggle("bw-closed", !yes);
      toggle.setAttribute("aria-expanded", String(yes));
    };
    toggle.addEventListener("click", () => open(panel.classList.contains("bw-closed")));
    open(!B.isNarrow());

    const legend = B.el("div", "bw-legend"), review = reviewPanel(view);
    const plan = B.el("div", "bw-plan", null, [violations(view), colourings(view), legend]);
    const tabs = tabBar([["Territories", plan], ["Review (" + B.count(view.reviewLines.length) + ")", review.element]]);
    view.openReview = function (i) {
      open(true);
      tabs.choose(1);
      review.find(i);
    };
    if (view.segments) body.append(segmentChoice(view));
    body.append(B.searchBox(view), tabs.bar, plan, review.element);
    const draw = () => legend.replaceChildren(...legendOf(view));
    view.on("recolour", draw);
    draw();
    view.on("highlight", function () {
      for (const row of legend.querySelectorAll("[data-t]")) {
        row.classList.toggle("bw-on", Number(row.dataset.t) === view.highlighted);
      }
    });
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
    for (const name of ["mousemove", "mouseover"]) L.DomEvent.on(panel, name, L.DomEvent.stopPropagation);
    view.map.getContainer().appendChild(panel);
    // A list has no geography: its accounts are all that there is to see.
    if (view.segments && !view.cells.length && view.accountLayer) view.accountLayer.addTo(view.map);
  };

  function figures(view) {
    const { summary, territories } = view, parts = [B.count(territories.length) + (territories.length === 1 ? " territory" : " territories")];
    if (summary.accounts) parts.push(B.count(summary.accounts) + " accounts");
    if (summary.max_deviation !== undefined && summary.max_deviation !== null) {
      parts.push("largest deviation " + B.percent(Math.abs(summary.max_deviation)).replace("+", ""));
    }
    return parts.join(" · ");
  }

  // Each segment has a geography of its own: the page is opened again with the one that is chosen.
  function segmentChoice(view) {
    const select = B.el("select", "bw-segment", null, view.segments.names.map(function (name, i) {
      const option = B.el("option", "", name);
      option.value = String(i);
      option.selected = i === view.segments.shown;
      return option;
    }));
    select.setAttribute("aria-label", "Segment");
    select.addEventListener("change", function () {
      location.hash = "segment=" + select.value;
      location.reload();
    });
    return B.el("label", "bw-segments", null, [B.el("span", "", "Segment"), select]);
  }

  const violations = (view) => view.violations.length
    ? B.el("ul", "bw-violations", null, view.violations.map((text) => B.el("li", "", text))) : null;

  function tabBar(tabs) {
    const buttons = tabs.map(([label]) => B.el("button", "", label));
    const choose = (chosen) => tabs.forEach(function ([, element], k) {
      element.hidden = k !== chosen;
      buttons[k].setAttribute("aria-selected", String(k === chosen));
    });
    buttons.forEach(function (button, k) {
      button.type = "button";
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => choose(k));
    });
    const bar = B.el("div", "bw-tabs", null, buttons);
    bar.setAttribute("role", "tablist");
    choose(0);
    return { bar, choose };
  }

  function colourings(view) {
    const unit = view.cellIndex ? " per cell" : " per unit";
    const choices = [["territory", "Territory"], ["deviation", "Deviation"]];
    if (view.cellIndex || view.points.id.length) {
      for (const name of view.measures) choices.push([name, B.measureName(name) + unit]);
    }
    const row = B.el("div", "bw-colourings", null, choices.map(function ([value, label]) {
      const input = B.el("input");
      Object.assign(input, { type: "radio", name: "colouring", value, checked: value === view.colouring });
      input.addEventListener("change", () => view.setColouring(value));
      return B.el("label", "", null, [input, B.el("span", "", label)]);
    }));
    row.setAttribute("role", "radiogroup");
    row.setAttribute("aria-label", "Colour by");
    return row;
  }

  function legendOf(view) {
    if (view.scale.kind === "measure") return [classes(view)];
    const order = [...view.territories.keys()];
    if (view.scale.kind === "deviation") {
      order.sort((a, b) => (view.territories[b].deviation || 0) - (view.territories[a].deviation || 0));
    }
    const list = B.el("ul", "bw-territories", null, order.map((t) => territoryRow(view, t)));
    return view.scale.kind === "deviation" ? [ramp(view.scale), list] : [list];
  }

  function territoryRow(view, t) {
    const territory = view.territories[t];
    const button = B.el("button", "", null, [
      B.swatch(view.scale.territory(t)),
      B.el("span", "bw-who", null, [B.el("bdi", "bw-first", territory.name), B.el("bdi", "bw-second", territory.rep || "no rep")]),
      B.el("span", "bw-deviation", B.percent(territory.deviation)),
    ]);
    button.type = "button";
    button.dataset.t = t;
    button.addEventListener("click", () => B.showTerritory(view, t));
    button.addEventListener("mouseenter", () => view.highlight(t));
    button.addEventListener("mouseleave", () => view.highlight(-1));
    return B.el("li", "", null, [button]);
  }

  function ramp(scale) {
    const bar = B.el("div", "bw-ramp");
    bar.style.background = "linear-gradient(to right," + scale.stops.join(",") + ")";
    const ends = B.el("div", "bw-ends", null, [
      B.el("span", "", B.percent(-scale.largest)), B.el("span", "", "on target"), B.el("span", "", B.percent(scale.largest)),
    ]);
    const allowed = scale.tolerance ? B.el("p", "bw-allowed", "Tolerance ±" + B.percent(scale.tolerance).slice(1)) : null;
    return B.el("div", "bw-scale", null, [bar, ends, allowed]);
  }

  function classes(view) {
    const { scale } = view, limits = [scale.lowest, ...scale.edges, scale.highest];
    const rows = scale.empty ? [] : limits.slice(1).map((limit, k) =>
      B.el("li", "", null, [B.swatch(scale.classes[k]), B.el("span", "", B.number(limits[k]) + " – " + B.number(limit))]));
    rows.reverse().push(B.el("li", "", null, [B.swatch(scale.classes[scale.classes.length - 1]), B.el("span", "", "none")]));
    return B.el("div", "", null, [
      B.el("p", "bw-explain", "Equally many " + (view.cellIndex ? "cells" : "units") + " in each colour"),
      B.el("ul", "bw-classes", null, rows),
    ]);
  }

  // Lines by what is wrong; accounts that nobody owns come first.
  function reviewPanel(view) {
    const element = B.el("div", "bw-review-list");
    const without = (line) => line.i >= 0 && view.accounts.t[line.i] < 0;
    const groups = new Map();
    for (const line of view.reviewLines) {
      const key = (without(line) ? "0" : "1") + line.code;
      if (!groups.has(key)) groups.set(key, { orphan: without(line), code: line.code, lines: [] });
      groups.get(key).lines.push(line);
    }
    const sorted = [...groups.values()].sort((a, b) => b.orphan - a.orphan || b.lines.length - a.lines.length);
    for (const group of sorted) group.box = groupBox(view, group);
    if (sorted.length) element.append(...sorted.map((group) => group.box));
    else element.append(B.el("p", "bw-explain", "Nothing to review: every account has a territory, and no value was doubted."));
    return {
      element,
      find: function (i) {
        const group = sorted.find((one) => one.lines.some((line) => line.i === i));
        if (!group) return;
        group.box.open = true;
        group.reveal(group.lines.findIndex((line) => line.i === i));
      },
    };
  }

  function groupBox(view, group) {
    const list = B.el("ul"), more = B.el("button", "bw-more", "Show more");
    more.type = "button";
    let shown = 0;
    const grow = function (count) {
      list.append(...group.lines.slice(shown, shown + count).map((line) => reviewLine(view, line)));
      shown = Math.min(group.lines.length, shown + count);
      more.hidden = shown >= group.lines.length;
    };
    more.addEventListener("click", () => grow(PAGE));
    const box = B.el("details", group.orphan ? "bw-orphan" : "", null, [
      B.el("summary", "", null, [
        B.el("span", "", group.code.replaceAll("_", " ") + (group.orphan ? " – no territory" : "")),
        B.el("span", "bw-count", B.count(group.lines.length)),
      ]),
      list, more,
    ]);
    box.addEventListener("toggle", () => { if (box.open && !shown) grow(PAGE); });
    group.reveal = function (k) {
      if (shown <= k) grow(k + 1 - shown);
      const item = list.children[k];
      item.classList.add("bw-on");
      requestAnimationFrame(() => item.scrollIntoView({ block: "nearest" }));
    };
    return box;
  }

  function reviewLine(view, line) {
    const place = line.i >= 0 && view.accounts.lat[line.i] !== null;
    const title = line.i >= 0 ? B.accountName(view, line.i) : line.id || "The file as a whole";
    const where = line.row > 0 ? "row " + line.row + (line.column ? ", " + line.column : "") : line.column;
    const item = B.el("li", "", null, [
      B.el(place ? "button" : "span", "bw-account-name", null, [B.el("bdi", "", title)]),
      B.el("span", "bw-where", where),
      B.el("p", "", line.message),
      line.hint ? B.el("p", "bw-hint", line.hint) : null,
    ]);
    if (place) item.firstChild.addEventListener("click", () => B.showAccount(view, line.i));
    return item;
  }
})(window.Bailiwick);
