// Signature headers that are missing, damaged or hostile.
import type { Case } from "../case.js";
import type { Kit } from "../kit.js";

/** A case whose body has this header, made from its right time and signature. */
function refused(name: string, what: string, header: (time: number, mac: string) => string[]): Case {
  const make = (kit: Kit) => kit.withHeaders((time, mac) => header(time, mac()));
  return { name, what, expected: "refuse", cure: "header", make };
}

const ZEROS = "0".repeat(64);

export const HEADERS: readonly Case[] = [
  refused("no-header", "no signature header", () => []),
  refused("empty-header", "an empty signature header", () => [""]),
  refused("garbage", "a meaningless signature header", () => ["garbage"]),
  refused("no-t", "no t", (_time, mac) => [`v1=${mac}`]),
  refused("bad-t", "a t that is not a number", (_time, mac) => [`t=abc,v1=${mac}`]),
  refused("huge-t", "a t of 5,000 digits", (_time, mac) => [`t=${"9".repeat(5000)},v1=${mac}`]),
  refused("no-v1", "no v1", (time) => [`t=${time}`]),
  refused("v0-only", "the right signature as v0 only", (time, mac) => [`t=${time},v0=${mac}`]),
  refused("empty-v1", "an empty v1", (time) => [`t=${time},v1=`]),
  refused("short-v1", "the first half of the right v1", (time, mac) => [`t=${time},v1=${mac.slice(0, 32)}`]),
  refused("non-ascii", "a v1 that is not ASCII", (time) => [`t=${time},v1=${"é".repeat(64)}`]),
  refused("two-forged", "two signature headers, both forged", (time) => [`t=${time},v1=${ZEROS}`, `t=${time},v1=`]),
  {
    ...refused("one-of-two", "two signature headers, one forged", (time, mac) => {
      return [`t=${time},v1=${ZEROS}`, `t=${time},v1=${mac}`];
    }),
    expected: "survive",
  },
  {
    ...refused("upper-case", "the right v1 in upper case", (time, mac) => [`t=${time},v1=${mac.toUpperCase()}`]),
    expected: "survive",
  },
  {
    name: "other-provider",
    what: "GitHub's header, signed with your secret",
    expected: "refuse",
    cure: "header",
    make: (kit) => {
      const body = kit.event();
      const { headers, ...rest } = kit.delivery(body);
      return { ...rest, headers: [...headers, ["X-Hub-Signature-256", `sha256=${kit.bodyMac(body)}`]] };
    },
  },
];
