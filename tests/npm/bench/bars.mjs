// docs/handlers.svg and docs/cold-start.svg: bars, ours in another colour.
import { line, svg, text, WIDTH } from "./svg.mjs";
import { versionOf } from "./sizes.mjs";

const LEFT = 190;
const RIGHT = WIDTH - 170;
const TOP = 76;
const BAR = 20;
const ROW = 30;
const HEADING = 28;

export function handlerBars({ handlers }) {
  const bar = (way, label, isOurs = false) => {
    const { median, low, high } = handlers["Node 24"].find((row) => row.way === way).above;
    return { label, isOurs, value: median, low, high, words: `${median.toFixed(1)} µs` };
  };
  return bars({
    title: "What a handler adds to a request",
    subtitle: `CPU time above reading the body and parsing it, on Node ${versionOf("node-24")}; the thin line shows the quartiles.`,
    axis: "µs a request",
    groups: [
      {
        heading: "With Node’s request and response",
        rows: [
          bar("nodeHandler", "nodeHandler", true),
          bar("node:crypto", "node:crypto, ten lines"),
          bar("stripe", "stripe"),
          bar("svix", "svix"),
        ],
      },
      { heading: "With a web Request", rows: [bar("fetchHandler", "fetchHandler", true)] },
    ],
  });
}

export function coldStartBars({ coldStart }) {
  const rows = (way) =>
    coldStart["Node 24"]
      .filter((row) => row.way === way)
      .map(({ name, p50, p99 }) => ({
        label: name,
        isOurs: name === "@dealix/webhooks",
        value: p50,
        low: p50,
        high: p99,
        words: `${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)}`,
      }));
  return bars({
    title: "Cold start: load the package and verify the first delivery",
    subtitle: `In a new process of Node ${versionOf("node-24")}. The bar ends at the median, the thin line at the 99th percentile.`,
    axis: "ms",
    groups: [
      { heading: "import", rows: rows("import") },
      { heading: "require", rows: rows("require") },
    ],
  });
}

function bars({ title, subtitle, axis, groups }) {
  const highest = Math.max(...groups.flatMap(({ rows }) => rows.map(({ high }) => high)));
  const x = (value) => LEFT + (value / highest) * (RIGHT - LEFT);
  const parts = [];
  let y = TOP;
  for (const { heading, rows } of groups) {
    parts.push(text(20, y + 16, heading, "start", "bold"));
    y += HEADING;
    for (const row of rows) {
      parts.push(...bar(row, x, y));
      y += ROW;
    }
  }
  const grid = ticks(highest).flatMap((value) => [
    line(x(value), TOP, x(value), y, "grid"),
    text(x(value), y + 18, `${value}`, "middle", "small"),
  ]);
  return svg(y + 48, title, subtitle, [...grid, text((LEFT + RIGHT) / 2, y + 38, axis, "middle", "small"), ...parts]);
}

function bar({ label, isOurs, value, low, high, words }, x, y) {
  const name = isOurs ? "ours" : "";
  const middle = y + BAR / 2;
  return [
    text(LEFT - 10, middle + 4, label, "end", name),
    `<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR}" rx="2" class="${isOurs ? "ours" : "peer"}"/>`,
    line(x(low), middle, x(high), middle, "range"),
    line(x(high), middle - 5, x(high), middle + 5, "range"),
    text(x(high) + 10, middle + 4, words, "start", name),
  ];
}

/** Round numbers from 0 on, up to eight. */
function ticks(highest) {
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  const step = [1, 2, 5, 10].map((part) => part * power).find((step) => highest / step <= 7);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step);
}
