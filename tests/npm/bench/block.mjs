/** The page with what is between a block's marks replaced. `command` is what writes it. */
export function replaced(page, name, block, command = "cargo xtask bench") {
  const [begin, end] = [`<!-- ${name}: \`${command}\` writes this -->\n`, `<!-- /${name} -->\n`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/benchmarks.md has no place for ${name}: ${begin}${end}`);
  return [before, begin, block, end, after].join("");
}
