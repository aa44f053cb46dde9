/** A list in which no item turns the others around. */
export function isolated(list: readonly string[]): string {
  return list
    .slice(0, 10)
    .map((text) => `\u2068${text.slice(0, 60)}\u2069`)
    .join(", ");
}
