// The table of docs/benchmarks.md, between its marks.
import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- speed: `cargo xtask bench` writes this table -->\n";
const END = "<!-- /speed -->\n";

export function writeTable(path, results) {
  const page = readFileSync(path, "utf8");
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${path} has no place for the table: ${BEGIN}${END}`);
  writeFileSync(path, [before, BEGIN, table(results), END, after].join(""));
}

function table({ speed, coldStart, bundles, installed, memory }) {
  const row = (size, kind, group, name) =>
    speed["Node 24"].find(
      (row) =>
        row.case === "genuine" && row.size === size && row.kind === kind && row.group === group && row.name === name,
    );
  const cell = (size, kind, group, name) => {
    const found = row(size, kind, group, name);
    if (found === undefined) throw new Error(`nothing was measured for ${name} at ${size} bytes`);
    const digits = found.us < 100 ? 1 : 0;
    return name === "@dealix/webhooks"
      ? `${found.us.toFixed(digits)} µs`
      : `${found.ratio.toFixed(found.ratio < 10 ? 2 : 0)}×`;
  };
  const lines = [
    "| Node 24, a genuine delivery | ours | `node:crypto`, ten lines | stripe | svix | standardwebhooks |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const [size, label] of [
    [300, "300 bytes"],
    [4000, "4 kB"],
    [64_000, "64 kB"],
    [1_000_000, "1 MB"],
  ]) {
    for (const kind of ["string", "bytes"]) {
      const [ours, crypto, stripe] = ["@dealix/webhooks", "node:crypto", "stripe"].map((name) =>
        cell(size, kind, "verdict", name),
      );
      lines.push(`| ${label}, ${kind}: a verdict | ${ours} | ${crypto} | ${stripe} | | |`);
    }
  }
  const [ours, crypto, ...peers] = ["@dealix/webhooks", "node:crypto", "stripe", "svix", "standardwebhooks"].map(
    (name) => cell(300, "string", "event", name),
  );
  lines.push(`| 300 bytes, string: the event | ${ours} | ${crypto} | ${peers.join(" | ")} |`);
  const beside = (what, of) =>
    lines.push(
      `| ${what} | ${of("@dealix/webhooks")} | | ${["stripe", "svix", "standardwebhooks"].map(of).join(" | ")} |`,
    );
  beside("`import` and the first verification", (name) => {
    const { load, first } = coldStart["Node 24"].find((one) => one.name === name && one.way === "import");
    return `${(load + first).toFixed(1)} ms`;
  });
  beside(
    "a Worker's bundle, gzipped",
    (name) => `${((bundles[name] ?? bundles[`${name} Webhook`]).workerd / 1000).toFixed(1)} kB`,
  );
  beside(
    "installed, in how many packages",
    (name) => `${(installed[name].bytes / 1000).toFixed(0)} kB, ${installed[name].packages}`,
  );
  lines.push(`| wasm memory after 100 MB | ${(memory.wasm / 1024).toFixed(0)} KiB | | | | |`);
  return `${lines.join("\n")}\n`;
}
