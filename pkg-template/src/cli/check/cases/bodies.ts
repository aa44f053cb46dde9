// Requests that are signed, and yet not what a receiver expects.
import type { Case } from "../case.js";
import { type Kit, without } from "../kit.js";

function survived(name: string, what: string, body: (kit: Kit) => string | Uint8Array): Case {
  return { name, what, expected: "survive", cure: "envelope", make: (kit) => kit.signed(body(kit)) };
}

export const BODIES: readonly Case[] = [
  survived("no-json", "signed text that is not JSON", () => "{"),
  survived("no-object", "signed JSON that is not an object", () => "null"),
  survived("no-id", "a signed event without id", (kit) => kit.event().replace(/"id":"[^"]*",/, "")),
  survived("empty", "a signed empty body", () => ""),
  survived("bom", "a signed event after a byte-order mark", (kit) => `\u{feff}${kit.event()}`),
  survived("no-utf-8", "a signed body that is not UTF-8", () => Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)),
  {
    name: "no-content-type",
    what: "a genuine delivery without Content-Type",
    expected: "survive",
    cure: "envelope",
    make: (kit) => without("Content-Type", kit.signed(kit.event())),
  },
  {
    name: "get",
    what: "a GET",
    expected: "refuse",
    isNote: true,
    cure: "method",
    make: (kit) => ({ ...kit.delivery("", kit.header("")), method: "GET" }),
  },
  {
    name: "oversized",
    what: "a body of 8 MiB",
    expected: "limit",
    isNote: true,
    cure: "limit",
    make: (kit) => kit.signed(kit.event(`{"text":"${"x".repeat(8 * 1024 * 1024)}"}`)),
  },
  {
    name: "still-there",
    what: "a genuine delivery after all of these",
    expected: "accept",
    cure: "header",
    make: (kit) => kit.signed(kit.event()),
  },
];
