// The parts of the plots: SVG in light and in dark. Each has a background, since a dark page may show it to a browser in
// light mode.

const STYLE = [
  "text{font:13px system-ui,sans-serif;fill:#374151}.title{font-size:17px;font-weight:600}.small{font-size:12px}",
  ".bold{font-weight:600}.grid{stroke:#9ca3af;stroke-opacity:.35}.page{fill:#fff}.range{stroke:#374151;stroke-width:1.5}",
  ".ours{fill:#2563eb;font-weight:700}.peer{fill:#9ca3af}",
  "@media(prefers-color-scheme:dark){text{fill:#d1d5db}.page{fill:#0d1117}.range{stroke:#e5e7eb}.ours{fill:#60a5fa}.peer{fill:#6b7280}}",
].join("");

export const WIDTH = 860;

export function svg(height, title, subtitle, parts) {
  const body = [
    `<rect width="${WIDTH}" height="${height}" rx="8" class="page"/>`,
    text(20, 30, title, "start", "title"),
    text(20, 50, subtitle, "start", "small"),
    ...parts,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}"><style>${STYLE}</style>${body.join("\n")}</svg>\n`;
}

export function line(x1, y1, x2, y2, name) {
  const [a, b, c, d] = [x1, y1, x2, y2].map((one) => one.toFixed(1));
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" class="${name}"/>`;
}

export function text(x, y, words, anchor = "start", name = "") {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" class="${name}">${words}</text>`;
}
