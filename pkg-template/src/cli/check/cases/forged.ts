// Deliveries that are not genuine, or no longer valid.
import type { Case } from "../case.js";

export const FORGED: readonly Case[] = [
  {
    name: "forged",
    what: "a signature of zeros",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => kit.delivery(kit.event(), `t=${kit.now()},v1=${"0".repeat(64)}`),
  },
  {
    name: "wrong-secret",
    what: "signed with another secret",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => kit.signed(kit.event(), { secret: kit.foreign }),
  },
  {
    name: "added-space",
    what: "a space added to a signed body",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => {
      const body = kit.event();
      return kit.delivery(body.replace(",", ", "), kit.header(body));
    },
  },
  {
    name: "changed-value",
    what: "a value changed in a signed body",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => {
      const body = kit.event('{"amount":1}');
      return kit.delivery(body.replace('"amount":1', '"amount":9'), kit.header(body));
    },
  },
  {
    name: "emptied",
    what: "no body, with a signature for another body",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => kit.delivery("", kit.header(kit.event())),
  },
  {
    name: "new-time",
    what: "an old signature with a new t",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => {
      const body = kit.event();
      return kit.delivery(body, `t=${kit.now()},v1=${kit.mac(kit.now(-3600), body)}`);
    },
  },
  {
    name: "body-only",
    what: "a signature of the body without t",
    expected: "refuse",
    cure: "forgery",
    make: (kit) => {
      const body = kit.event();
      return kit.delivery(body, `t=${kit.now()},v1=${kit.bodyMac(body)}`);
    },
  },
  {
    name: "stale",
    what: "signed an hour ago",
    expected: "refuse",
    cure: "age",
    make: (kit) => kit.signed(kit.event(), { offset: -3600 }),
  },
  // Stripe's SDKs accept these two, and only someone who holds the secret can make them.
  {
    name: "future",
    what: "signed an hour ahead",
    expected: "refuse",
    isNote: true,
    cure: "age",
    make: (kit) => kit.signed(kit.event(), { offset: 3600 }),
  },
  {
    name: "milliseconds",
    what: "t in milliseconds",
    expected: "refuse",
    isNote: true,
    cure: "age",
    make: (kit) => {
      const [body, time] = [kit.event(), Date.now()];
      return kit.delivery(body, `t=${time},v1=${kit.mac(time, body)}`);
    },
  },
];
