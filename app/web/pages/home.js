"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
const upload = $("#upload"), design = $("#design"), work = $("#work"), review = $("#review");

function say(form, text, kind = "") {
  const line = $(".say", form);
  line.textContent = text;
  line.className = `say ${kind}`;
}

async function ask(url, options) {
  const answer = await fetch(url, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error([body.detail || answer.statusText, body.hint].filter(Boolean).join(". "));
  }
  return body;
}

async function during(form, text, action) {
  const button = $("button", form);
  button.disabled = true;
  say(form, text);
  try {
    await action();
  } catch (error) {
    say(form, error.message, "bad");
  } finally {
    button.disabled = false;
  }
}

// 1: upload
const chooser = $("input[type=file]", upload), drop = $("#drop");
chooser.addEventListener("change", () => {
  $("#chosen").textContent = chooser.files[0]?.name ?? "Choose a file or drop it here";
});
for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  drop.addEventListener(kind, () => drop.classList.toggle("over", over));
}

upload.addEventListener("submit", (event) => {
  event.preventDefault();
  during(upload, "Reading and locating …", async () => {
    const form = new FormData();
    form.set("file", chooser.files[0]);
    const pairs = upload.elements.columns.value.split("\n").filter((line) => line.trim())
      .map((line) => line.split("=").map((part) => part.trim()));
    form.set("columns", JSON.stringify(Object.fromEntries(pairs)));
    form.set("unit_id", upload.elements.unit_id.value.trim());
    let dataset = await ask("/v1/datasets", { method: "POST", body: form });
    if (dataset.job) dataset = await imported(dataset); // a large file
    say(upload, `${dataset.accounts} rows read, ${dataset.review} doubts to review.`, "good");
    location.reload();
  });
});

function imported({ dataset, job }) {
  return new Promise((done, failed) => {
    const events = new EventSource(`/v1/jobs/${job}/events`);
    events.addEventListener("progress", (event) => {
      const now = JSON.parse(event.data);
      say(upload, now.message || "Reading and locating …");
    });
    for (const end of ["done", "failed", "cancelled"]) {
      events.addEventListener(end, (event) => {
        events.close();
        const { message, error } = JSON.parse(event.data);
        if (end === "done") done(ask(`/v1/datasets/${dataset}`));
        else failed(new Error([message, error?.hint].filter(Boolean).join(". ")));
      });
    }
  });
}

// 2: design
function offerMeasures() {
  const measure = design.elements.measure;
  const names = design.elements.dataset.selectedOptions[0].dataset.measures.split("|");
  measure.replaceChildren(new Option("automatic", ""), new Option("number of accounts", "accounts"));
  for (const name of names.filter((name) => name && name !== "accounts")) {
    measure.append(new Option(name, name));
  }
}
if (design.elements.dataset) {
  offerMeasures();
  design.elements.dataset.addEventListener("change", offerMeasures);
  design.elements.roster.addEventListener("change", () => { design.elements.size.value = "reps"; });
  design.elements.territories.addEventListener("input", () => { design.elements.size.value = "count"; });
  design.addEventListener("submit", (event) => {
    event.preventDefault();
    during(design, "Asking …", async () => {
      const given = design.elements;
      const wish = { dataset: given.dataset.value, seed: Number(given.seed.value) };
      if (given.size.value === "reps") {
        if (!given.roster.files[0]) throw new Error("Choose the roster file of your reps.");
        wish.reps = await given.roster.files[0].text();
      } else {
        wish.territories = Number(given.territories.value);
      }
      if (given.measure.value) {
        wish.balance = [{ measure: given.measure.value, tolerance: Number(given.tolerance.value) / 100 }];
      } else if (given.tolerance.value !== "5") {
        throw new Error("Choose what to balance, so that the tolerance has something to apply to.");
      }
      if (given.name.value.trim()) wish.name = given.name.value.trim();
      if (given.resolution.value) wish.resolution = Number(given.resolution.value);
      if (given.time_limit.value) wish.time_limit = Number(given.time_limit.value);
      const started = await ask("/v1/plans", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
      });
      say(design, "");
      const card = document.createElement("article");
      card.className = "card job";
      Object.assign(card.dataset, { job: started.job, plan: started.plan, name: wish.name ?? "New plan" });
      work.append(card);
      follow(card);
      card.scrollIntoView({ behavior: "smooth", block: "center" });
    });
  });
}

// Work under way
const STAGES = {
  starting: "Starting", reading: "Reading", geocode: "Locating accounts", market: "Building the map of cells",
  shape: "Shaping territories", border: "Moving borders", balance: "Balancing", report: "Writing the report",
};

function follow(card) {
  const { job, plan, name } = card.dataset;
  const title = document.createElement("h3"), stop = document.createElement("button");
  const bar = document.createElement("progress"), line = document.createElement("p");
  title.textContent = name;
  stop.textContent = "Stop and keep the best";
  stop.className = "quiet";
  bar.max = 1;
  line.textContent = "Waiting for its turn …";
  card.replaceChildren(title, stop, bar, line);
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    await ask(`/v1/jobs/${job}`, { method: "DELETE" }).catch((error) => { line.textContent = error.message; });
  });
  const events = new EventSource(`/v1/jobs/${job}/events`);
  events.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    if (now.state === "running") bar.value = now.fraction;
    const words = [now.stop_requested ? "Stopping" : STAGES[now.stage] ?? now.stage, now.message].filter(Boolean);
    if (words.length) line.textContent = words.join(": ");
  });
  events.addEventListener("done", (event) => {
    events.close();
    bar.value = 1;
    const now = JSON.parse(event.data);
    line.textContent = [now.message, now.best].filter(Boolean).join(": ");
    const open = document.createElement("a");
    open.className = "button";
    open.href = `/v1/plans/${plan}/map`;
    open.textContent = "Open map";
    stop.replaceWith(open);
    setTimeout(() => location.reload(), 1500);
  });
  for (const end of ["failed", "cancelled"]) {
    events.addEventListener(end, (event) => {
      events.close();
      const { message, error } = JSON.parse(event.data);
      line.textContent = [message, error?.hint].filter(Boolean).join(". ");
      bar.remove();
      stop.remove();
    });
  }
}
document.querySelectorAll(".job").forEach(follow);

// Plans and accounts
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.publish) {
    button.disabled = true;
    try {
      await ask(`/v1/plans/${button.dataset.publish}/publish`, {
        method: "POST", headers: { "If-Match": button.dataset.etag },
      });
      location.reload();
    } catch (error) {
      button.replaceWith(error.message);
    }
  }
  if (button?.dataset.review) {
    const found = await ask(`/v1/datasets/${button.dataset.review}/review?limit=1000`);
    const left = found.total - found.review.length;
    $("h2", review).textContent = `${button.dataset.name}: ${found.total} to review`
      + (left > 0 ? ` (the first ${found.review.length})` : "");
    $("tbody", review).replaceChildren(...found.review.map((doubt) => {
      const row = document.createElement("tr");
      row.className = doubt.severity;
      if (doubt.severity === "error") row.title = "This account is in no territory until this is mended.";
      for (const key of ["row", "account_id", "column", "message", "hint"]) {
        const cell = row.insertCell();
        cell.textContent = key === "row" && !doubt.row ? "file" : doubt[key];
        if (key === "row") cell.className = "n";
      }
      return row;
    }));
    review.showModal();
  }
});
