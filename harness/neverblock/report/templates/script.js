// Filters, sorts, opens what a link points at, and saves the run that is embedded in the page.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filter = document.getElementById("filter");
  const groups = all("tbody[data-group]");
  const rows = all("tr[data-keys]");
  const table = groups[0]?.parentNode;

  // The choices live in the address (#?verdict=fail&q=http), so that a filtered page can be sent.
  const choices = () =>
    Object.fromEntries([...new FormData(filter)].filter(([, value]) => value));

  const fits = (row, { q = "", verdict = "", diagnosis = "" }) => {
    const keys = row.dataset.keys.split(" ");
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const text = `${row.parentNode.dataset.name} ${row.textContent}`.toLowerCase();
    return [verdict, diagnosis].every((each) => !each || keys.includes(each))
      && words.every((word) => text.includes(word));
  };

  const ORDER = {
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name),
    rank: (a, b) => a.dataset.rank - b.dataset.rank,
    speedup: (a, b) => a.dataset.speedup - b.dataset.speedup,
    wall: (a, b) => b.dataset.wall - a.dataset.wall,
    waited: (a, b) => b.dataset.waited - a.dataset.waited,
  };

  const apply = () => {
    const chosen = choices();
    for (const row of rows) row.hidden = !fits(row, chosen);
    for (const group of groups) {
      group.hidden = all("tr", group).every((row) => row.hidden);
      document.getElementById(group.dataset.group).hidden = group.hidden;
    }
    const sorted = chosen.sort ? [...groups].sort(ORDER[chosen.sort]) : groups;
    table?.append(...sorted);
    const shown = rows.filter((row) => !row.hidden).length;
    filter.querySelector("output").value = `${shown} of ${rows.length} endpoints shown`;
  };

  const remember = () => {
    const query = new URLSearchParams(choices()).toString();
    history.replaceState(null, "", query ? `#?${query}` : "#results");
  };

  const choose = (wanted) => {
    filter.reset();
    for (const [name, value] of wanted) {
      const field = filter.elements.namedItem(name);
      if (field instanceof HTMLElement && "value" in field) field.value = value;
    }
    apply();
  };

  const follow = () => {
    if (location.hash.startsWith("#?")) {
      choose(new URLSearchParams(location.hash.slice(2)));
      document.getElementById("results").scrollIntoView();
      return;
    }
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("section")?.hidden) choose([]);
    for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    if (target.matches("section")) all("details.calm", target).forEach((each) => { each.open = true; });
    target.scrollIntoView();
  };

  if (filter) {
    filter.hidden = false;
    filter.addEventListener("submit", (event) => event.preventDefault());
    filter.addEventListener("input", () => { apply(); remember(); });
    filter.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
    for (const link of all("a[data-verdict]")) {
      link.href = `#?verdict=${encodeURIComponent(link.dataset.verdict)}`;
    }
    apply();
    addEventListener("hashchange", follow);
    follow();
  }

  // On a load's time line, what is pointed at shows what belongs to it.
  const line = document.querySelector("svg.hits");
  if (line) {
    const parts = all("g[data-stalls]", line);
    const said = document.getElementById("pointed");
    const invitation = said.textContent;
    const stalls = (part) => part.dataset.stalls.split(" ");
    const belongs = (part, to) => {
      if (part === to) return true;
      if (part.matches(".hit") && to.matches(".hit")) return false;
      return stalls(part).some((number) => stalls(to).includes(number));
    };
    const show = (shown, text) => {
      line.classList.add("pointing");
      for (const part of parts) part.classList.toggle("shown", shown(part));
      said.textContent = text;
    };
    const forget = () => {
      line.classList.remove("pointing");
      said.textContent = invitation;
    };
    const pointable = (each, point) => {
      for (const event of ["pointerenter", "focusin"]) each.addEventListener(event, point);
      for (const event of ["pointerleave", "focusout"]) each.addEventListener(event, forget);
    };
    for (const each of parts) {
      const text = each.querySelector("title").textContent;
      pointable(each, () => show((part) => belongs(part, each), text));
    }
    for (const card of all("article[data-finding]")) {
      const own = parts.filter((part) => part.dataset.finding === card.dataset.finding);
      if (own.length) {
        const text = `${own.length} of the worst stalls are of this finding.`;
        pointable(card, () => show((part) => own.some((to) => belongs(part, to)), text));
      }
    }
  }

  // Printed, a page shows what is folded away.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const each of all("details:not(.aside):not([open])")) {
      each.open = true;
      unfolded.push(each);
    }
  });
  addEventListener("afterprint", () => {
    for (const each of unfolded.splice(0)) each.open = false;
  });

  const embedded = document.getElementById("embedded-run");
  const read = async () => {
    const packed = atob(embedded.href.slice(embedded.href.indexOf(",") + 1));
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  const COLUMNS = ["seq", "sent_s", "first_byte_s", "done_s", "status", "error"];
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    // a spreadsheet would take these for formulas
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csv = (run) => {
    const lines = [["endpoint", "scenario", ...COLUMNS]];
    for (const { endpoint, scenario, records } of run.results) {
      for (const record of records) {
        lines.push([endpoint.name, scenario.name, ...COLUMNS.map((name) => record[name])]);
      }
    }
    return lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
  };

  const save = (name, text, type) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  if (embedded && "DecompressionStream" in window) {
    for (const button of all("button[data-save]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = await read();
        const name = button.dataset.save;
        if (name.endsWith(".csv")) save(name, csv(JSON.parse(text)), "text/csv");
        else save(name, text, "application/json");
      });
    }
  }
})();
