// The results in words and numbers, for people.
import { BUNDLE_AIM, IMPORT_MS, MEMORY_BYTES, STRIPE_RATIO, UNPACKED_AIM } from "../budgets.mjs";

export function tables(results) {
  const speed = Object.entries(results.speed).flatMap(([runtime, rows]) => speedTables(runtime, rows));
  return [
    ...speed,
    ...crossover(results.crossover),
    ...handlers(results.handlers),
    ...coldStart(results.coldStart),
    ...weights(results),
    ...budgets(results),
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

function handlers(runtimes) {
  const lines = [
    "",
    "A receiver under load, 300-byte bodies: CPU time per request in µs, then the extra over reading and parsing alone (quartiles)",
  ];
  for (const [runtime, rows] of Object.entries(runtimes)) {
    for (const { way, us, above, low, high } of rows) {
      const more = way.endsWith("none") ? "" : `${above.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
      lines.push([runtime, way, us.toFixed(1), more].map(cell).join(""));
    }
  }
  return lines;
}

function coldStart(runtimes) {
  const lines = ["", "Cold start, ms: loading (quartiles), and the first verification after it"];
  for (const [runtime, rows] of Object.entries(runtimes)) {
    for (const { name, way, load, low, high, first } of rows) {
      lines.push(
        [runtime, way, name, `${load.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)})`, first.toFixed(1)]
          .map(cell)
          .join(""),
      );
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

/** Each budget, the measurement, and whether the budget is met. */
export function budgets(results) {
  const rows = (runtime, name, filter) =>
    results.speed[runtime].filter(
      (row) => row.case === "genuine" && row.group === "verdict" && row.name === name && filter(row),
    );
  const lines = ["", "Budgets"];
  for (const runtime of ["Node 20", "Node 22", "Node 24"]) {
    const stripe = rows(runtime, "stripe", ({ size }) => size === 300);
    const crypto = rows(runtime, "node:crypto", () => true).toSorted((one, other) => one.high - other.high)[0];
    for (const { kind, ratio } of stripe)
      lines.push(
        budget(
          ratio >= STRIPE_RATIO,
          `${runtime}: stripe takes ${ratio.toFixed(2)} times as long at 300 bytes (${kind}); ${STRIPE_RATIO} at least`,
        ),
      );
    // If both compute the same hash, the quartiles are around 1.
    lines.push(
      budget(
        crypto.high >= 1,
        `${runtime}: node:crypto takes ${crypto.ratio.toFixed(2)} times as long (${crypto.low.toFixed(2)}-${crypto.high.toFixed(2)}) where it does best, at ${crypto.size} bytes (${crypto.kind}); never less than 1`,
      ),
    );
    const { load } = results.coldStart[runtime].find(
      ({ name, way }) => name === "@dealix/webhooks" && way === "import",
    );
    lines.push(budget(load <= IMPORT_MS, `${runtime}: import takes ${load.toFixed(1)} ms; ${IMPORT_MS} at most`));
  }
  for (const [name, bytes] of Object.entries(results.bundles).filter(([name]) => name.startsWith("@dealix"))) {
    for (const target of ["workerd", "browser"])
      lines.push(
        budget(
          bytes[target] <= BUNDLE_AIM,
          `${name}: a bundle of ${bytes[target]} bytes for ${target}; ${BUNDLE_AIM} at most`,
        ),
      );
  }
  const { bytes } = results.installed["@dealix/webhooks"];
  lines.push(
    budget(
      Math.max(...Object.values(results.memory)) < MEMORY_BYTES,
      `wasm memory of ${Math.max(...Object.values(results.memory))} bytes; under ${MEMORY_BYTES}`,
    ),
  );
  lines.push(budget(bytes <= UNPACKED_AIM, `${bytes} bytes installed; ${UNPACKED_AIM} at most`));
  return lines;
}

function budget(isMet, text) {
  return `${isMet ? "met    " : "NOT MET"}  ${text}`;
}

function cell(value) {
  return `${value}`.padEnd(26);
}
