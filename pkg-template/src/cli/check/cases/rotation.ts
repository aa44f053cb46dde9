// Genuine deliveries while a secret is rotated.
import type { Case } from "../case.js";

export const ROTATION: readonly Case[] = [
  {
    name: "first-v1",
    what: "two v1, of which the first is right",
    expected: "accept",
    cure: "rotation",
    make: (kit) => kit.withHeaders((time, mac) => [`t=${time},v1=${mac()},v1=${mac(kit.foreign)}`]),
  },
  {
    name: "second-v1",
    what: "two v1, of which the second is right",
    expected: "accept",
    cure: "rotation",
    make: (kit) => kit.withHeaders((time, mac) => [`t=${time},v1=${mac(kit.foreign)},v1=${mac()}`]),
  },
  {
    name: "unknown-keys",
    what: "a v0 and a v2 beside the v1",
    expected: "accept",
    cure: "rotation",
    make: (kit) => kit.withHeaders((time, mac) => [`t=${time},v0=${"0".repeat(64)},v1=${mac()},v2=new`]),
  },
];

/** Only for a receiver that holds both secrets. */
export const TWO_SECRETS: readonly Case[] = [
  {
    name: "previous-secret",
    what: "signed with the previous secret",
    expected: "accept",
    cure: "rotation",
    make: (kit) => kit.signed(kit.event(), { secret: kit.previous ?? "" }),
  },
  {
    name: "both-secrets",
    what: "signed with both secrets",
    expected: "accept",
    cure: "rotation",
    make: (kit) => kit.withHeaders((time, mac) => [`t=${time},v1=${mac(kit.previous)},v1=${mac()}`]),
  },
];
