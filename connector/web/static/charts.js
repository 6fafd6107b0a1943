/* Draws every table[data-chart] as a chart above itself, by Chart.js, and folds the table into a details.
   The first column names the points; each further column whose th has no data-skip is a series. */
"use strict";

(() => {
  const KINDS = { bar: "bar", rows: "bar", stacked: "bar", line: "line", doughnut: "doughnut" };
  const PALETTE = 6;
  const WIDTHS_OF_A_NAME = 15; /* A letter is about 6 pixels wide, and names have two fifths of a chart. */
  const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
  const POINTS = ["circle", "rect", "triangle", "rectRot"];
  const drawn = new Map();

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tone = (name, index) => token(name ? `--tone-${name}` : `--chart-${(index % PALETTE) + 1}`);

  function value(cell) {
    const plain = cell ? cell.dataset.value ?? cell.textContent.trim() : "";
    return plain === "" || Number.isNaN(Number(plain)) ? null : Number(plain);
  }

  function figures(table) {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const series = heads
      .map((head, column) => ({ head, column }))
      .filter(({ head, column }) => column > 0 && head.dataset.skip === undefined)
      .map(({ head, column }) => ({
        label: head.textContent.trim(),
        tone: head.dataset.tone,
        data: rows.map((row) => value(row.cells[column])),
      }));
    const tones = rows.map((row) => row.dataset.tone);
    return { labels: rows.map((row) => row.cells[0].textContent.trim()), tones, series };
  }

  function painted(kind, { series, tones, labels }) {
    return series.map((each, index) => {
      const colour = tone(each.tone, index);
      const own = tones.some(Boolean) || kind === "doughnut";
      const ground = own && series.length === 1 ? labels.map((_, row) => tone(tones[row], row)) : colour;
      const line = kind === "line" ? { borderDash: DASHES[index % 4], pointStyle: POINTS[index % 4] } : {};
      const edge = kind === "doughnut" ? token("--pico-background-color") : colour;
      return { label: each.label, data: each.data, backgroundColor: ground, borderColor: edge, ...line,
        borderWidth: kind === "line" || kind === "doughnut" ? 2 : 0, borderRadius: 3, maxBarThickness: 36, tension: 0.25,
        pointRadius: each.data.length > 40 ? 0 : 3, spanGaps: true };
    });
  }

  /* A name in at most two lines: on a phone a canvas would leave out how it begins. */
  function wrapped(name, most) {
    const lines = [];
    for (const word of name.split(/\s+/)) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    const cut = lines.length > 2 ? [lines[0], `${lines[1]} ${lines[2]}`] : lines;
    return cut.map((line) => (line.length > most ? `${line.slice(0, most - 1)}…` : line));
  }

  function axes(kind, unit, told) {
    if (kind === "doughnut") return {};
    const grid = { color: token("--pico-muted-border-color") };
    const ticks = { color: token("--pico-muted-color"), maxRotation: 0, autoSkipPadding: 12 };
    const stacked = kind === "stacked";
    const names = { stacked, grid: { display: false }, ticks };
    const amounts = { stacked, grid, beginAtZero: true, ticks: { ...ticks, callback: told }, border: { display: false } };
    if (unit !== "%") amounts.ticks.precision = 0;
    const named = { ...ticks, autoSkip: false, callback(at) {
      return wrapped(this.getLabelForValue(at), Math.floor(this.chart.width / WIDTHS_OF_A_NAME));
    } };
    return kind === "rows" ? { x: amounts, y: { ...names, ticks: named } } : { x: names, y: amounts };
  }

  function plan(table) {
    const kind = table.dataset.chart;
    const unit = table.dataset.unit || "";
    const found = figures(table);
    const numbers = new Intl.NumberFormat(document.documentElement.lang);
    const told = (amount) => numbers.format(amount) + (unit ? ` ${unit}` : "");
    const said = (point) => ` ${kind === "doughnut" ? point.label : point.dataset.label}: ${told(point.raw)}`;
    const legend = { display: kind === "doughnut" || found.series.length > 1, position: kind === "doughnut" ? "right" : "top",
      align: "start", labels: { color: token("--pico-color"), boxWidth: 12, boxHeight: 12, usePointStyle: kind === "line" } };
    return {
      type: KINDS[kind],
      data: { labels: found.labels, datasets: painted(kind, found) },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, locale: document.documentElement.lang,
        indexAxis: kind === "rows" ? "y" : "x", scales: axes(kind, unit, told), interaction: { mode: "index", intersect: false },
        plugins: { legend, tooltip: { callbacks: { label: said } } },
      },
    };
  }

  function fold(table, after) {
    const words = document.querySelector("meta[name=chart-words]");
    if (table.closest("details") || !words) return;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = words.content;
    after.after(details);
    details.append(summary, table.closest(".scroll") || table);
  }

  /* In rem: each row has room for its name, and each series in it for a bar. */
  function tall(table) {
    const series = [...table.tHead.rows[0].cells].filter((head) => head.dataset.skip === undefined).length - 1;
    return Math.max(9, 4 + table.tBodies[0].rows.length * Math.max(2, 1.1 * series));
  }

  function draw(table) {
    if (!(table.dataset.chart in KINDS) || !table.tHead || !table.tBodies.length || drawn.has(table)) return;
    const host = document.createElement("div");
    host.className = `chart ${table.dataset.chart}`;
    if (table.dataset.chart === "rows") host.style.height = `${tall(table)}rem`;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", table.caption ? table.caption.textContent.trim() : "");
    host.append(canvas);
    const outer = table.closest("details") || table.closest(".scroll") || table;
    outer.before(host);
    fold(table, host);
    drawn.set(table, { host, chart: new Chart(canvas, plan(table)) });
  }

  function look() {
    for (const [table, { host, chart }] of drawn) {
      if (table.isConnected && host.isConnected) continue;
      chart.destroy();
      host.remove();
      drawn.delete(table);
    }
    document.querySelectorAll("table[data-chart]").forEach(draw);
  }

  function repaint() {
    for (const [table, { chart }] of drawn) {
      const { data, options } = plan(table);
      Object.assign(chart, { data, options });
      chart.update("none");
    }
  }

  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
})();
