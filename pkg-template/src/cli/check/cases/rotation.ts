// Genuine deliveries while a secret is rotated.
import type { Case } from "../case.js";

export const ROTATION: readonly Case[] = [
  {
    name: "first-v1",
    what: "two v1, of which the first is right",
    expected: "accept",
    cure: "rotation",
    make: (kit) => {
      const [body, time] = [kit.event(), kit.now()];
      return kit.delivery(body, `t=${time},v1=${kit.mac(time, body)},v1=${kit.mac(time, body, kit.foreign)}`);
    },
  },
  {
    name: "second-v1",
    what: "two v1, of which the second is right",
    expected: "accept",
    cure: "rotation",
    make: (kit) => {
      const [body, time] = [kit.event(), kit.now()];
      return kit.delivery(body, `t=${time},v1=${kit.mac(time, body, kit.foreign)},v1=${kit.mac(time, body)}`);
    },
  },
  {
    name: "unknown-keys",
    what: "a v0 and a v2 beside the v1",
    expected: "accept",
    cure: "rotation",
    make: (kit) => {
      const [body, time] = [kit.event(), kit.now()];
      return kit.delivery(body, `t=${time},v0=${"0".repeat(64)},v1=${kit.mac(time, body)},v2=new`);
    },
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
    make: (kit) => {
      const [body, time] = [kit.event(), kit.now()];
      return kit.delivery(body, `t=${time},v1=${kit.mac(time, body, kit.previous)},v1=${kit.mac(time, body)}`);
    },
  },
];
