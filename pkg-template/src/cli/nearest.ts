/** `; did you mean …?` with the nearest known word, or an empty string if none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= 2 && distance * 3 <= candidate.length)
    .sort((one, other) => one.distance - other.distance);
  return nearest === undefined ? "" : `; did you mean ${nearest.candidate}?`;
}

/** Makes `Deal_Won` equal to `deal.won`. */
function plain(word: string): string {
  return word
    .slice(0, 40)
    .toLowerCase()
    .replaceAll(/[^a-z\d]/g, "");
}

/** The number of letters to insert, delete, replace, or swap with the next one. */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + Number(!isSame),
          isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(from.length, to.length);
}
