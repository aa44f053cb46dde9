// Reads an archive of tar, as npm packs it.
const BLOCK = 512;

export function entries(archive) {
  const found = [];
  for (let at = 0; archive[at] !== 0; ) {
    const header = archive.subarray(at, at + BLOCK);
    const text = (from, length) => header.toString("latin1", from, from + length).replace(/\0.*$/s, "");
    const octal = (from, length) => Number.parseInt(text(from, length), 8);
    const size = octal(124, 12);
    const start = at + BLOCK;
    found.push({
      name: text(345, 155) === "" ? text(0, 100) : `${text(345, 155)}/${text(0, 100)}`,
      mode: octal(100, 8) & 0o777,
      modified: octal(136, 12),
      type: text(156, 1),
      owner: text(265, 32),
      group: text(297, 32),
      content: archive.subarray(start, start + size),
    });
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return found;
}
