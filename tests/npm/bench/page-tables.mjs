// The tables of docs/benchmarks.md. Those for one Node are for the newest.
const NODE = "Node 24";
const OURS = "@dealix/webhooks";
const PEERS = ["stripe", "svix", "standardwebhooks"];

export function speedTable({ speed }) {
  const cell = (size, kind, group, name) => {
    const found = speed[NODE].find(
      (row) =>
        row.case === "genuine" && row.size === size && row.kind === kind && row.group === group && row.name === name,
    );
    if (found === undefined) throw new Error(`nothing was measured for ${name} at ${size} bytes`);
    return name === OURS ? micro(found.us) : `${found.ratio.toFixed(found.ratio < 10 ? 2 : 0)} ×`;
  };
  const rows = [];
  for (const [size, label] of [
    [300, "300 bytes"],
    [4000, "4 kB"],
    [64_000, "64 kB"],
    [1_000_000, "1 MB"],
  ]) {
    for (const kind of ["string", "bytes"]) {
      const found = [OURS, "node:crypto", "stripe"].map((name) => cell(size, kind, "verdict", name));
      rows.push([`${label}, ${kind}: a verdict`, ...found, "", ""]);
    }
  }
  for (const kind of ["string", "bytes"]) {
    const found = [OURS, "node:crypto", ...PEERS].map((name) => cell(300, kind, "event", name));
    rows.push([`300 bytes, ${kind}: the event`, ...found]);
  }
  return table([`${NODE}, a genuine delivery`, "ours", "`node:crypto`, ten lines", ...PEERS], rows);
}

export function handlerTable({ handlers, load, share }) {
  const nodes = Object.keys(handlers);
  const adds = (way) =>
    nodes.map((node) => {
      const { median, low, high } = handlers[node].find((row) => row.way === way).above;
      return `${median.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
    });
  const whole = (way) => nodes.map((node) => load[node].find((row) => row.way === way).us.toFixed(0));
  const rows = [
    ["`nodeHandler` adds", ...adds("nodeHandler")],
    ["`node:crypto`, ten lines", ...adds("node:crypto")],
    ["stripe", ...adds("stripe")],
    ["svix", ...adds("svix")],
    ["`fetchHandler` adds, to a web `Request`", ...adds("fetchHandler")],
    ["a whole request under load, not verified", ...whole("none")],
    ["the same with `nodeHandler`", ...whole("nodeHandler")],
    ["with stripe", ...whole("stripe")],
    ["with svix", ...whole("svix")],
    ["`nodeHandler`’s share of it", ...nodes.map((node) => `${share[node].percent.toFixed(0)} %`)],
  ];
  return table(["µs of CPU time, 300 bytes", ...nodes], rows);
}

export function coldStartTable({ coldStart }) {
  const nodes = Object.keys(coldStart);
  const rows = ["import", "require"].flatMap((way) =>
    [OURS, "standardwebhooks", "svix", "stripe"].map((name) => [
      `\`${way}\`, ${name === OURS ? "ours" : name}`,
      ...nodes.map((node) => percentiles(coldStart[node].find((row) => row.name === name && row.way === way))),
    ]),
  );
  const ratio = (way, key) =>
    nodes.map((node) => {
      const { median, low, high } = coldStart[node].find((row) => row.name === OURS && row.way === way)[key];
      return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
    });
  for (const way of ["import", "require"]) {
    rows.push([`\`${way}\`, ours ÷ standardwebhooks`, ...ratio(way, "beside")]);
    rows.push([`\`${way}\`, the same of CPU time`, ...ratio(way, "cpuBeside")]);
  }
  return table(["ms: p50, p90, p99", ...nodes], rows);
}

export function sizeTable({ bundles, installed, memory }) {
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const bundle = (target) => [
    kB(bundles[`${OURS} Webhook`][target]),
    kB(bundles[`${OURS} verifySignature`][target]),
    ...PEERS.map((name) => kB(bundles[name][target])),
  ];
  const packages = (name) => `${(installed[name].bytes / 1000).toFixed(0)} kB, ${installed[name].packages}`;
  return table(
    ["", "ours: `Webhook`", "`verifySignature`", ...PEERS],
    [
      ["a Worker’s bundle, gzipped", ...bundle("workerd")],
      ["a browser’s", ...bundle("browser")],
      ["installed, in how many packages", packages(OURS), "", ...PEERS.map(packages)],
      ["wasm memory after 100 MB", `${(Math.max(...Object.values(memory)) / 1024).toFixed(0)} KiB`, "", "", "", ""],
    ],
  );
}

function percentiles({ p50, p90, p99 }) {
  return [p50, p90, p99].map((ms) => ms.toFixed(ms < 100 ? 1 : 0)).join(", ");
}

function micro(us) {
  return `${us.toFixed(us < 100 ? 1 : 0)} µs`;
}

export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
