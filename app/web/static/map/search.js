// Search over territories, reps and accounts.
(function (B) {
  "use strict";

  const MOST = 12;
  const plainText = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function entries(view) {
    const list = view.territories.map((territory, t) => ({
      kind: "Territory", text: territory.name, more: territory.rep, go: () => B.showTerritory(view, t),
    }));
    for (const rep of view.reps) {
      list.push({ kind: "Rep", text: rep.name, more: rep.id, go: () => B.showRep(view, rep) });
    }
    const known = new Set(view.reps.map((rep) => rep.name));
    view.territories.forEach(function (territory, t) {
      if (territory.rep && !known.has(territory.rep)) {
        list.push({ kind: "Rep", text: territory.rep, more: territory.name, go: () => B.showTerritory(view, t) });
      }
    });
    view.accounts.id.forEach((id, i) => list.push({
      kind: "Account", text: B.accountName(view, i), more: id, go: () => B.showAccount(view, i),
    }));
    if (view.points) view.points.id.forEach((id, i) => list.push({
      kind: "Unit", text: id, more: "", go: () => B.showUnit(view, i),
    }));
    for (const entry of list) entry.key = plainText(entry.text + "\n" + entry.more);
    return list;
  }

  B.showTerritory = function (view, t) {
    const territory = view.territories[t];
    if (!territory.label && !territory.rings.length) return;
    if (territory.rings.length) {
      view.fitBounds([[territory.south, territory.west], [territory.north, territory.east]], 12);
    } else view.map.setView(territory.label, 9, { animate: false });
    view.highlight(t);
    view.openCard(B.territoryCard(view, t, -1), territory.label);
  };

  B.showRep = function (view, rep) {
    if (rep.lat !== null && rep.lng !== null) {
      const home = L.latLng(rep.lat, view.near(rep.lng));
      view.map.setView(home, Math.max(view.map.getZoom(), 8), { animate: false });
      view.openCard(B.repCard(view, rep), home);
    } else if (rep.t >= 0) B.showTerritory(view, rep.t);
  };

  B.showAccount = function (view, i) {
    const { lat, lng, t } = view.accounts;
    if (lat[i] !== null) {
      const place = L.latLng(lat[i], view.near(lng[i]));
      view.map.setView(place, Math.max(view.map.getZoom(), 11), { animate: false });
      view.openCard(B.accountCard(view, i), place);
    } else if (t[i] >= 0) B.showTerritory(view, t[i]);
    else view.openReview(i);
  };

  B.showUnit = function (view, i) {
    const place = L.latLng(view.points.lat[i], view.near(view.points.lng[i]));
    view.map.setView(place, Math.max(view.map.getZoom(), 9), { animate: false });
    view.openCard(B.unitCard(view, i), place);
  };

  B.searchBox = function (view) {
    const input = B.el("input", "bw-search");
    input.type = "search";
    input.placeholder = "Find a territory, rep or account";
    input.setAttribute("aria-label", input.placeholder);
    const results = B.el("ul", "bw-results");
    results.setAttribute("role", "listbox");
    results.hidden = true;
    let index = null, chosen = 0, found = [];

    function show() {
      index ||= entries(view);
      const words = plainText(input.value).split(/\s+/).filter(Boolean);
      found = [];
      if (words.length) for (const entry of index) {
        if (words.every((word) => entry.key.includes(word))) found.push(entry);
        if (found.length >= MOST) break;
      }
      chosen = 0;
      results.replaceChildren(...found.map(function (entry) {
        const item = B.el("li", "", null, [B.el("bdi", "", entry.text), B.el("small", "", entry.kind)]);
        item.setAttribute("role", "option");
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => go(entry));
        return item;
      }));
      if (words.length && !found.length) results.replaceChildren(B.el("li", "bw-nothing", "Nothing found"));
      results.hidden = !words.length;
      mark();
    }
    const mark = () => [...results.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === chosen)));
    function go(entry) {
      results.hidden = true;
      input.blur();
      entry.go();
    }

    input.addEventListener("input", show);
    input.addEventListener("focus", () => { if (input.value) show(); });
    input.addEventListener("blur", () => { results.hidden = true; });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        chosen = Math.max(0, Math.min(found.length - 1, chosen + (event.key === "ArrowDown" ? 1 : -1)));
        mark();
        event.preventDefault();
      } else if (event.key === "Enter" && found[chosen]) go(found[chosen]);
      else if (event.key === "Escape") results.hidden = true;
    });
    return B.el("div", "bw-searching", null, [input, results]);
  };
})(window.Bailiwick);
