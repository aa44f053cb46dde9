// What happened to a delivery after the verdict, for people.
import { bold, dim, green, printable, red } from "../output.js";
import { ending } from "../response-advice.js";
import type { Forwarded, Handled } from "./forwarder.js";

export function handledLines({ saved, forwarded }: Handled, isGenuine: boolean): string[] {
  const lines = forwarded === undefined ? [] : forwardedLines(forwarded, isGenuine);
  return saved === undefined ? lines : [...lines, `  ${dim(`saved as ${printable(saved)}`)}`];
}

function forwardedLines(forwarded: Forwarded, isGenuine: boolean): string[] {
  const { status, answered, code, advice, milliseconds } = forwarded;
  if (status === null) {
    const first = `  ${red("✗")} no response from the target after ${milliseconds} ms (${printable(code ?? "")})`;
    return [first, `    ${advice} The sender got ${answered}, so it tries again.`];
  }
  const isRight = status === answered && status < 300 === isGenuine;
  const words = `the target answered ${bold(String(status))} after ${milliseconds} ms${ending(forwarded)}`;
  const first = `  ${isRight ? green("✓") : red("✗")} ${words}`;
  if (isRight) return [first];
  if (!isGenuine && status >= 200 && status < 300)
    return [first, "    It accepted a delivery that is not genuine: does it verify the signature?"];
  const instead = answered === status ? "" : ` The sender got ${answered}, so it tries again.`;
  return [first, `    ${printable(advice ?? "")}${instead}`];
}
