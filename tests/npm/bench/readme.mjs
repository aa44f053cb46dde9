// The README's table, between its marks.
import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- speed: `cargo xtask bench` writes this table -->\n";
const END = "<!-- /speed -->\n";

export function writeReadme(path, results) {
  const readme = readFileSync(path, "utf8");
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${path} has no place for the table: ${BEGIN}${END}`);
  writeFileSync(path, [before, BEGIN, table(results), END, after].join(""));
}

function table({ speed, coldStart, bundles, installed, memory }) {
  const row = (size, kind, group, name) => speed["Node 24"].find((row) => row.case === "genuine" && row.size === size && row.kind === kind && row.group === group && row.name === name);
  const cell = (size, kind, group, name) => {
    const found = row(size, kind, group, name);
    if (found === undefined) throw new Error(`nothing was measured for ${name} at ${size} bytes`);
    const digits = found.us < 100 ? 1 : 0;
    return name === "@dealix/webhooks" ? `${found.us.toFixed(digits)} µs` : `${found.ratio.toFixed(found.ratio < 10 ? 2 : 0)}×`;
  };
  const lines = ["| Node 24, a genuine delivery | ours | `node:crypto`, ten lines | stripe | svix |", "| --- | --- | --- | --- | --- |"];
  for (const [size, label] of [[300, "300 bytes"], [4000, "4 kB"], [64_000, "64 kB"], [1_000_000, "1 MB"]]) {
    for (const kind of ["string", "bytes"]) {
      const [ours, crypto, stripe] = ["@dealix/webhooks", "node:crypto", "stripe"].map((name) => cell(size, kind, "verdict", name));
      lines.push(`| ${label}, ${kind}: a verdict | ${ours} | ${crypto} | ${stripe} | |`);
    }
  }
  const [ours, crypto, stripe, svix] = ["@dealix/webhooks", "node:crypto", "stripe", "svix"].map((name) => cell(300, "string", "event", name));
  lines.push(`| 300 bytes, string: the event | ${ours} | ${crypto} | ${stripe} | ${svix} |`);
  const start = (name) => `${coldStart["Node 24"].find((one) => one.name === name && one.way === "import").load.toFixed(1)} ms`;
  lines.push(`| \`import\` | ${start("@dealix/webhooks")} | | ${start("stripe")} | ${start("svix")} |`);
  const bundle = (name) => `${(bundles[name].workerd / 1000).toFixed(1)} kB`;
  lines.push(`| a Worker's bundle, gzipped | ${bundle("@dealix/webhooks Webhook")} | | ${bundle("stripe")} | ${bundle("svix")} |`);
  const size = (name) => `${(installed[name].bytes / 1000).toFixed(0)} kB in ${installed[name].packages}`;
  lines.push(`| installed | ${size("@dealix/webhooks")} | | ${size("stripe")} | ${size("svix")} |`);
  lines.push(`| wasm memory after 100 MB | ${(memory.wasm / 1024).toFixed(0)} KiB | | | |`);
  return `${lines.join("\n")}\n`;
}
