// docs/verify.svg: how long a verification takes, by the size of the body; a verdict on the left, the event on the right.
import { line, svg, text } from "./svg.mjs";
import { versionOf } from "./sizes.mjs";

const HEIGHT = 460;
const TOP = 96;
const BOTTOM = HEIGHT - 52;
const PLOT_WIDTH = 200;
const LABEL_HEIGHT = 32;
const OURS = "@dealix/webhooks";
const COLOURS = {
  "node:crypto": "#d97706",
  stripe: "#8b5cf6",
  svix: "#db2777",
  standardwebhooks: "#059669",
  [OURS]: "#3b82f6",
};
const LABELS = { "node:crypto": "node:crypto, ten lines" };
const PANELS = [
  { group: "verdict", title: "A verdict", left: 62 },
  { group: "event", title: "A verdict, and the event parsed", left: 488 },
];
const MICROSECONDS = { 1: "1 µs", 10: "10 µs", 100: "100 µs", 1000: "1 ms", 10000: "10 ms", 100000: "100 ms" };
const BYTES = { 100: "100", 1000: "1 k", 10000: "10 k", 100000: "100 k", 1000000: "1 M" };

export function curves({ speed, sizes }) {
  const rows = speed["Node 24"].filter(
    ({ case: kase, kind, name }) => kase === "genuine" && kind === "bytes" && name in COLOURS,
  );
  const y = scale(...range(rows.map(({ us }) => us)), BOTTOM, TOP);
  return svg(
    HEIGHT,
    "Time to verify a delivery, by the size of its body",
    `CPU time on Node ${versionOf("node-24")}; lower is better. Both scales are logarithmic.`,
    PANELS.flatMap((panel) => drawn(panel, rows, y, sizes)),
  );
}

function drawn({ group, title, left }, rows, y, sizes) {
  const right = left + PLOT_WIDTH;
  const x = scale(sizes[0], sizes.at(-1), left, right);
  const own = rows.filter((row) => row.group === group);
  const names = Object.keys(COLOURS).filter((name) => own.some((row) => row.name === name));
  const of = (name) => own.filter((row) => row.name === name);
  const labels = labelHeights(names.map((name) => ({ name, at: y(of(name).at(-1).us) })));
  return [
    text(left, TOP - 16, title, "start", "bold"),
    ...ticks(MICROSECONDS, y, TOP, BOTTOM).flatMap(([at, words]) => [
      line(left, at, right, at, "grid"),
      text(left - 8, at + 4, words, "end", "small"),
    ]),
    ...ticks(BYTES, x, left, right).map(([at, words]) => text(at, BOTTOM + 18, words, "middle", "small")),
    text((left + right) / 2, BOTTOM + 38, "bytes of the body", "middle", "small"),
    ...names.flatMap((name) => curve(name, of(name), x, y, labels.get(name))),
  ];
}

/** Its name is next to its end, and below it what a delivery of the usual size takes. */
function curve(name, rows, x, y, labelY) {
  const isOurs = name === OURS;
  const colour = COLOURS[name];
  const points = rows.map(({ size, us }) => `${x(size).toFixed(1)},${y(us).toFixed(1)}`);
  const { us, ratio } = rows.find(({ size }) => size === 300);
  const usual = isOurs ? `${us.toFixed(1)} µs at 300 bytes` : `${ratio.toFixed(1)} × ours at 300 bytes`;
  const labelX = x(rows.at(-1).size) + 10;
  return [
    `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="${isOurs ? 4 : 2}" stroke-linejoin="round"/>`,
    `<text x="${labelX}" y="${labelY.toFixed(1)}" style="fill:${colour};font-weight:${isOurs ? 700 : 400}">${LABELS[name] ?? name}</text>`,
    text(labelX, labelY + 14, usual, "start", "small"),
  ];
}

/** Places the labels next to the ends of their curves, without overlap, and none above the plot. */
function labelHeights(ends) {
  let lowest = Infinity;
  const spread = ends
    .toSorted((one, other) => other.at - one.at)
    .map(({ name, at }) => [name, (lowest = Math.min(at, lowest - LABEL_HEIGHT))]);
  const down = Math.max(0, TOP + 4 - lowest);
  return new Map(spread.map(([name, at]) => [name, at + down]));
}

/** From a power of ten on. */
function range(numbers) {
  return [10 ** Math.floor(Math.log10(Math.min(...numbers))), Math.max(...numbers) * 1.1];
}

function ticks(words, scaled, low, high) {
  return Object.entries(words)
    .map(([value, label]) => [scaled(Number(value)), label])
    .filter(([at]) => at >= low - 0.5 && at <= high + 0.5);
}

/** A logarithmic scale. */
function scale(low, high, from, to) {
  return (value) => from + ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (to - from);
}
