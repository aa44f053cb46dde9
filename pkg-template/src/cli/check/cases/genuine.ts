// Deliveries that a receiver must accept.
import type { Case } from "../case.js";
import { without } from "../kit.js";

const MIB = 1024 * 1024;

/** The first is the simplest: if it is refused, no other result means anything. */
export const GENUINE: readonly [Case, ...Case[]] = [
  {
    name: "valid",
    what: "a genuine delivery",
    expected: "accept",
    cure: "handler",
    make: (kit) => kit.signed(kit.event()),
  },
  {
    name: "arabic",
    what: "Arabic and an emoji as UTF-8",
    expected: "accept",
    cure: "bytes",
    make: (kit) => kit.signed(kit.event('{"name":"شركة الأفق 🌅"}')),
  },
  {
    name: "escaped",
    what: "the same, escaped as \\uXXXX",
    expected: "accept",
    cure: "bytes",
    make: (kit) => kit.signed(kit.event('{"name":"\\u0634\\u0631\\u0643\\u0629 \\ud83c\\udf05"}')),
  },
  {
    name: "spelling",
    what: "12500.0, spaces and keys out of order",
    expected: "accept",
    cure: "bytes",
    make: (kit) => kit.signed(kit.event('{"b": 12500.0, "a": 1e2}')),
  },
  {
    name: "final-newline",
    what: "white space around the body",
    expected: "accept",
    cure: "bytes",
    make: (kit) => kit.signed(` ${kit.event()}\r\n`),
  },
  {
    name: "slow",
    what: "a body in pieces that split characters, over 2 s",
    expected: "accept",
    cure: "bytes",
    make: (kit) => ({ ...kit.signed(kit.event(`{"name":"${"🌅".repeat(97)}"}`)), pieces: 9 }),
  },
  {
    name: "1-mib",
    what: "a body of 1 MiB",
    expected: "accept",
    cure: "size",
    make: (kit) => kit.signed(kit.event(`{"text":"${"x".repeat(MIB - kit.event('{"text":""}').length)}"}`)),
  },
  {
    name: "unknown-type",
    what: "an event type that does not exist yet",
    expected: "accept",
    cure: "handler",
    make: (kit) => kit.signed(kit.event("{}", { type: "check.unknown" })),
  },
  {
    name: "lower-case-header",
    what: "the header's name in lower case",
    expected: "accept",
    cure: "header",
    make: (kit) => {
      const body = kit.event();
      const { headers, ...rest } = without("Dealix-Signature", kit.signed(body));
      return { ...rest, headers: [...headers, ["dealix-signature", kit.header(body)]] };
    },
  },
  {
    name: "late",
    what: "signed 2 minutes ago",
    expected: "accept",
    cure: "clock",
    make: (kit) => kit.signed(kit.event(), { offset: -120 }),
  },
  {
    name: "early",
    what: "signed 30 s ahead of your clock",
    expected: "accept",
    cure: "clock",
    make: (kit) => kit.signed(kit.event(), { offset: 30 }),
  },
  {
    name: "duplicate",
    what: "one event twice",
    expected: "accept",
    cure: "duplicates",
    make: (kit) => {
      const body = kit.event();
      return [kit.signed(body), kit.signed(body)];
    },
  },
  {
    name: "concurrent-duplicates",
    what: "one event five times at once",
    expected: "concurrent",
    cure: "duplicates",
    make: (kit) =>
      Array<string>(5)
        .fill(kit.event())
        .map((body) => kit.signed(body)),
  },
];
