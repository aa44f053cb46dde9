/** The parts of a signature header, in order; joined with commas they are the header again. */
export interface Part {
  readonly kind: "t" | "v1" | "other";
  readonly text: string;
  readonly value: string;
}

const MAX_PARTS = 20;

export function partsOf(header: string): { parts: Part[]; more: number } {
  const all = header.slice(0, 16_384).split(",");
  const parts = all.slice(0, MAX_PARTS).map((text): Part => {
    const equals = text.indexOf("=");
    const name = equals < 0 ? "" : text.slice(0, equals);
    const value = text.slice(equals + 1);
    return { kind: name === "t" || name === "v1" ? name : "other", text: text.slice(0, 200), value };
  });
  return { parts, more: all.length - parts.length };
}

/** How many `v1` it has, also those that are too many to show. */
export function countV1(header: string): number {
  return header.split(",").filter((part) => part.startsWith("v1=")).length;
}

/** The one time in the header, in seconds; null if there is not exactly one. */
export function timeOf(header: string): number | null {
  const times = header
    .slice(0, 16_384)
    .split(",")
    .filter((part) => part.startsWith("t="));
  const [first] = times;
  if (times.length !== 1 || first === undefined || !/^t=(0|[1-9]\d{0,15})$/.test(first)) return null;
  const time = Number(first.slice(2));
  return Number.isSafeInteger(time) ? time : null;
}
