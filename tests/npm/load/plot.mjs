// docs/load.svg: memory and p99 over time, a column for each part.
import { line, svg, text } from "../bench/svg.mjs";
import { NAMES } from "./tables.mjs";

const HEIGHT = 470;
const WIDTH = 200;
const LEFTS = [62, 346, 630];
const ROWS = [
  { key: "memoryBytes", title: "memory, MB", of: (bytes) => bytes / 1e6, top: 110, bottom: 230 },
  { key: "p99", title: "p99, ms", of: (ms) => ms, top: 300, bottom: 420 },
];
const TITLES = { node: "Node", worker: "A Worker in workerd", sender: "The sender’s worker" };
const COLOURS = ["#3b82f6", "#9ca3af"];
const SENDER_COLOURS = ["#3b82f6", "#d97706"];

export function plot(all) {
  const minutes = all[0].minutes;
  return svg(
    HEIGHT,
    `${minutes} minutes of deliveries, valid and hostile, and of endpoints that work and that fail`,
    "Each point is five seconds. The receivers are shown beside the same servers without verification.",
    all.flatMap((result, index) => column(result, LEFTS[index])),
  );
}

function column({ part, runs, minutes }, left) {
  const colours = part === "sender" ? SENDER_COLOURS : COLOURS;
  const names = runs.map(({ name, database }) => name ?? NAMES[database]);
  return [
    text(left, 82, TITLES[part], "start", "bold"),
    ...names.map(
      (name, index) =>
        `<text x="${left + index * 110}" y="98" class="small" style="fill:${colours[index]}">${name}</text>`,
    ),
    ...ROWS.flatMap((row) => panel(row, runs, left, minutes, colours)),
  ];
}

function panel({ key, title, of, top, bottom }, runs, left, minutes, colours) {
  const series = runs.map(({ samples }) => samples.filter((one) => one[key] !== null));
  const highest = ceiling(Math.max(...series.flat().map((one) => of(one[key]))));
  const x = (seconds) => left + (seconds / (60 * minutes)) * WIDTH;
  const y = (value) => bottom - (Math.min(value, highest) / highest) * (bottom - top);
  return [
    ...[0, 0.5, 1].flatMap((part) => [
      line(left, y(part * highest), left + WIDTH, y(part * highest), "grid"),
      text(left - 6, y(part * highest) + 4, `${part * highest}`, "end", "small"),
    ]),
    text(left, bottom + 18, "0", "middle", "small"),
    text(left + WIDTH, bottom + 18, `${minutes} min`, "middle", "small"),
    text(left + WIDTH / 2, bottom + 18, title, "middle", "small"),
    ...series.map((samples, index) => {
      const points = samples.map((one) => `${x(one.seconds).toFixed(1)},${y(of(one[key])).toFixed(1)}`);
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${colours[index]}" stroke-width="${index === 0 ? 2 : 1.5}" stroke-linejoin="round"/>`;
    }),
  ];
}

/** The next round number, which half of is round too. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((part) => part * power).find((round) => round >= value);
}
