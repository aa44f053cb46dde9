// The results in words and numbers, for people.

export function tables(results) {
  const speed = Object.entries(results.speed).flatMap(([runtime, rows]) => speedTables(runtime, rows));
  return [
    ...speed,
    ...crossover(results.crossover),
    ...handlers(results),
    ...coldStart(results.coldStart),
    ...weights(results),
    ...budgets(results.aims),
  ].join("\n");
}

function speedTables(runtime, rows) {
  const lines = [];
  for (const kase of ["genuine", "wrong", "stale", "missing"]) {
    for (const group of ["verdict", "event"]) {
      const own = rows.filter((row) => row.case === kase && row.group === group);
      if (own.length === 0) continue;
      const names = [...new Set(own.map(({ name }) => name))];
      lines.push(
        "",
        `${runtime}: ${kase} signature, ${group === "verdict" ? "a verdict" : "the event"}; µs, and how many times as long as ours (quartiles)`,
      );
      lines.push(["bytes", "body", ...names].map(cell).join(""));
      for (const { size, kind } of own.filter(({ name }) => name === names[0])) {
        const of = (name) => own.find((row) => row.size === size && row.kind === kind && row.name === name);
        lines.push([size, kind, ...names.map((name) => shown(of(name)))].map(cell).join(""));
      }
    }
  }
  return lines;
}

function shown(row) {
  if (row === undefined) return "-";
  const ratio =
    row.ratio === 1 && row.low === 1 ? "" : ` ${row.ratio.toFixed(2)}x (${row.low.toFixed(2)}-${row.high.toFixed(2)})`;
  return `${row.us.toFixed(row.us < 100 ? 2 : 0)}${ratio}`;
}

function crossover(runtimes) {
  const lines = [
    "",
    "What a host's hash takes, beside wasm in the same call; below 1 the host is faster (bodies go to it from 200 bytes on, in Deno from 700)",
  ];
  for (const [runtime, rows] of Object.entries(runtimes)) {
    for (const kind of ["string", "bytes"]) {
      const own = rows.filter((row) => row.kind === kind);
      lines.push(
        `${cell(runtime)}${cell(kind)}${own.map(({ size, ratio }) => `${size}: ${ratio.toFixed(2)}`).join("  ")}`,
      );
    }
  }
  return lines;
}

function handlers(results) {
  const lines = [
    "",
    "A receiver of 300-byte bodies, µs of CPU time per request: under load; in one thread, without a network; what the latter is above reading and parsing alone (quartiles)",
  ];
  for (const [runtime, rows] of Object.entries(results.handlers)) {
    for (const { way, us, above } of rows) {
      const more = way.endsWith("none") ? "" : withQuartiles(above, 1);
      const loaded = results.load[runtime].find((row) => row.way === way).us;
      lines.push([runtime, way, loaded.toFixed(1), us.toFixed(1), more].map(cell).join(""));
    }
  }
  for (const [runtime, { adds, of, percent }] of Object.entries(results.share))
    lines.push(
      `${runtime}: nodeHandler adds ${adds.toFixed(1)} of the ${of.toFixed(1)} µs of a request under load: ${percent.toFixed(1)} %`,
    );
  return lines;
}

function coldStart(runtimes) {
  const lines = [
    "",
    "Cold start, ms: loading, and the first verification after it (medians); both together: p50, p90, p99, beside standardwebhooks' in the same round (quartiles); the same of CPU time",
  ];
  for (const [runtime, rows] of Object.entries(runtimes)) {
    for (const { name, way, load, first, p50, p90, p99, cpu, beside, cpuBeside } of rows) {
      const parts = [load, first].map((ms) => ms.toFixed(1)).join(" + ");
      const both = [p50, p90, p99].map((ms) => ms.toFixed(1)).join(", ");
      const ratio = (quartiles) => (name === "standardwebhooks" ? "" : withQuartiles(quartiles, 2, "x"));
      const cpuTime = `${cpu.toFixed(1)} ${ratio(cpuBeside)}`;
      lines.push([`${runtime} ${way}`, name, parts, both, ratio(beside), cpuTime].map(cell).join(""));
    }
  }
  return lines;
}

function weights({ bundles, installed, memory }) {
  return [
    "",
    "A production bundle in bytes, minified and gzipped, wasm included: workerd, browser, Node",
    ...Object.entries(bundles).map(([name, bytes]) =>
      [name.padEnd(40), bytes.workerd, bytes.browser, bytes.node].map(cell).join(""),
    ),
    "",
    "Installed: packages, bytes",
    ...Object.entries(installed).map(([name, { packages, bytes }]) =>
      [name.padEnd(40), packages, bytes].map(cell).join(""),
    ),
    "",
    `Wasm memory after 100 MB, in bytes: ${memory.host} where node:crypto hashes, ${memory.wasm} where wasm does`,
  ];
}

function budgets(aims) {
  return ["", "Budgets", ...aims.map(({ isMet, text }) => `${isMet ? "met    " : "NOT MET"}  ${text}`)];
}

function withQuartiles({ median, low, high }, digits, unit = "") {
  return `${median.toFixed(digits)}${unit} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

function cell(value) {
  return `${value}`.padEnd(26);
}
