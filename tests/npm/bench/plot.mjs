// How many times as long as ours the others take, by the body's size: an SVG for docs/benchmarks.md, in light and in
// dark. It has a background, since a dark page may show it to a browser in light mode.
import { versionOf } from "./sizes.mjs";

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 60;
const RIGHT = 150;
const TOP = 76;
const BOTTOM = 48;
const RATIOS = [0.5, 1, 2, 5, 10, 20];
const COLOURS = { "node:crypto": "#d97706", stripe: "#6366f1", svix: "#db2777", standardwebhooks: "#059669" };
const LABELS = { "node:crypto": "node:crypto, ten lines" };
const LABEL_HEIGHT = 15;

export function plot({ speed, sizes }) {
  const rows = speed["Node 24"].filter(
    (row) =>
      row.case === "genuine" &&
      row.kind === "string" &&
      row.name in COLOURS &&
      row.group === (row.name.length < 12 && row.name !== "svix" ? "verdict" : "event"),
  );
  const x = scale(sizes[0], sizes.at(-1), LEFT, WIDTH - RIGHT);
  const y = scale(RATIOS[0], RATIOS.at(-1), HEIGHT - BOTTOM, TOP);
  const ends = labelHeights(
    Object.keys(COLOURS).map((name) => ({ name, at: y(rows.findLast((row) => row.name === name).ratio) })),
  );
  const peers = ["stripe", "svix", "standardwebhooks"].map((name) => `${name} ${versionOf(name)}`).join(", ");
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" class="page"/>`,
    ...RATIOS.map(
      (ratio) =>
        line(LEFT, y(ratio), WIDTH - RIGHT, y(ratio), ratio === 1 ? "one" : "grid") +
        text(LEFT - 8, y(ratio) + 4, `${ratio}×`, "end"),
    ),
    ...sizes.map((size) => text(x(size), HEIGHT - BOTTOM + 20, bytes(size), "middle")),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "bytes of the body, a string", "middle"),
    text(
      LEFT,
      24,
      `Time to verify a delivery, as a multiple of @dealix/webhooks’ (Node ${versionOf("node-24")})`,
      "start",
      "title",
    ),
    text(LEFT, 42, `Above 1× it takes longer than ours; medians of paired rounds. ${peers}.`, "start", "small"),
    text(
      LEFT,
      57,
      "svix and standardwebhooks are beside our verify, which gives the event; the others beside our bare verdict.",
      "start",
      "small",
    ),
    ...Object.keys(COLOURS).flatMap((name) =>
      curve(
        name,
        rows.filter((row) => row.name === name),
        x,
        y,
        ends.get(name),
      ),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Time to verify by size of the body, as a multiple of ours"><style>${STYLE}</style>${parts.join("\n")}</svg>\n`;
}

const STYLE =
  "text{font:12px system-ui,sans-serif;fill:#374151}.title{font-size:15px;font-weight:600}.small{font-size:11px}.grid{stroke:#9ca3af;stroke-opacity:.35}.one{stroke:#6b7280;stroke-width:1.5}.page{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#d1d5db}.page{fill:#0d1117}}";

/** Places the curves' names next to their ends, without overlap. */
function labelHeights(ends) {
  let lowest = Infinity;
  const spread = ends
    .toSorted((one, other) => other.at - one.at)
    .map(({ name, at }) => [name, (lowest = Math.min(at, lowest - LABEL_HEIGHT))]);
  return new Map(spread);
}

function curve(name, rows, x, y, labelY) {
  const points = rows.map(({ size, ratio }) => [x(size), y(ratio)]);
  const [lastX] = points.at(-1);
  const dots = points.map(
    ([cx, cy]) => `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="3" fill="${COLOURS[name]}"/>`,
  );
  const path = `<polyline points="${points.map((point) => point.map((one) => one.toFixed(1)).join(",")).join(" ")}" fill="none" stroke="${COLOURS[name]}" stroke-width="2"/>`;
  const label = `<text x="${lastX + 10}" y="${(labelY + 4).toFixed(1)}" style="fill:${COLOURS[name]}">${LABELS[name] ?? name}</text>`;
  return [path, ...dots, label];
}

/** A logarithmic scale. */
function scale(low, high, from, to) {
  return (value) => from + ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (to - from);
}

function line(x1, y1, x2, y2, name) {
  return `<line x1="${x1}" y1="${y1.toFixed(1)}" x2="${x2}" y2="${y2.toFixed(1)}" class="${name}"/>`;
}

function text(x, y, words, anchor, name = "") {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" class="${name}">${words}</text>`;
}

function bytes(size) {
  return size < 1000 ? `${size}` : size < 1_000_000 ? `${size / 1000} k` : `${size / 1_000_000} M`;
}
