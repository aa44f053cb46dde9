import { equal, ok, same } from "./assert.mjs";

export function headers({ webhooks, testing }) {
  const { Webhook, signPayload, verifySignature } = webhooks;
  const webhook = new Webhook("whsec_headers");
  const body = testing.serializeEnvelope(testing.makeEvent({ type: "lead.created" }));
  const header = webhook.sign(body);
  const code = (input) => webhook.check(body, input).error?.code ?? "valid";

  return {
    "every form of the headers": () => {
      for (const [what, input] of Object.entries({
        "the header's text": header,
        Headers: new Headers({ "Dealix-Signature": header }),
        "Node's headers": { host: "x", "dealix-signature": header },
        "the wire's case": { "Dealix-Signature": header },
        "upper case": { "DEALIX-SIGNATURE": header },
        "array values": { "dealix-signature": [header] },
        "Lambda's multiValueHeaders": { "Dealix-Signature": [header] },
        "no prototype": Object.assign(Object.create(null), { "dealix-signature": header }),
        "a Map": new Map([["dealix-signature", header]]),
        "the values alone": [header],
      })) {
        equal(code(input), "valid", what);
        const result = verifySignature({ secret: "whsec_headers", signatureHeader: input, body });
        equal(result.valid, true, what);
      }
    },

    "no header: its error names those that are there": () => {
      for (const input of [{ host: "x", "Content-Type": "y" }, new Headers({ host: "x", "content-type": "y" })]) {
        const { error } = webhook.check(body, input);
        equal(error.code, "malformed_header");
        same(error.details.headerNames.map((name) => name.toLowerCase()).sort(), ["content-type", "host"]);
        ok(/content-type/i.test(error.message), error.message);
      }
      const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`h${index}`.padEnd(500, "x"), ""]));
      const { error } = webhook.check(body, many);
      ok(error.details.headerNames.length === 50 && error.message.length < 4000, "as many names as help");
    },

    "what is no header is a missing one, never an accident": () => {
      for (const input of [
        null,
        undefined,
        5,
        true,
        Symbol("x"),
        () => {},
        {},
        [],
        [[]],
        new Date(),
        { "dealix-signature": 5 },
        { "dealix-signature": [Symbol("x")] },
        { "dealix-signature": [header, {}] },
        [["dealix-signature", header]],
        [Object.create(null)],
        { "dealix-signature": nested(100_000) },
        { "dealix-signature": undefined },
        { "dealix-signature": null },
        { "dealix-signature": {} },
        new Map(),
      ]) {
        equal(code(input), "malformed_header", typeof input);
      }
      for (const input of [[], { "dealix-signature": [] }, { undefined: header }]) {
        const { message } = webhook.check(body, input).error;
        ok(message.startsWith("There is no Dealix-Signature header"), message);
      }
    },

    "headers of any name: those of an object's own functions, and very many": () => {
      const names = [
        "get",
        "keys",
        "has",
        "constructor",
        "toString",
        "hasOwnProperty",
        "then",
        "__proto__",
        "prototype",
        "length",
        "arrayBuffer",
        "pipe",
      ];
      const odd = Object.create(null);
      for (const name of names) odd[name] = "x";
      const parsed = JSON.parse(
        `{${names.map((name) => `"${name}":"x"`)},"dealix-signature":${JSON.stringify(header)}}`,
      );
      const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x-${index}`, ""]));
      for (const input of [odd, { ...odd }, Object.assign({}, odd), many]) {
        equal(code({ ...input, "Dealix-Signature": header }), "valid");
        equal(code(input), "malformed_header");
        equal(webhook.checkHeader(input).code, "malformed_header");
        for (const nothing of [undefined, null, {}])
          equal(webhook.check(nothing, { ...input, "dealix-signature": header }).error.code, "signature_mismatch");
      }
      equal(code(parsed), "valid");
    },

    "the error for a header says what is wrong with it": () => {
      for (const [input, seen, advice] of [
        ["", "The Dealix-Signature header is empty.", "exactly as it arrived"],
        ["t=1", "The Dealix-Signature header has no comma.", "exactly as it arrived"],
        ["é".repeat(4096), "The Dealix-Signature header has no comma.", "exactly as it arrived"],
        ["é".repeat(4097), "The Dealix-Signature header is over 8 KiB.", "exactly as it arrived"],
        ["t=x,v1=y", "does not contain exactly one t=<unix seconds>.", "exactly as it arrived"],
        ["t=1,v1=", "contains no v1=<signature>.", "exactly as it arrived"],
        [{}, "There is no Dealix-Signature header. No headers were passed: an object.", "let it keep the header."],
        [{ a: "", b: "" }, "There is no Dealix-Signature header. The headers are: a, b.", "let it keep the header."],
      ]) {
        const { message } = webhook.check(body, input).error;
        ok(message.includes(seen) && message.includes(advice), message);
      }
    },

    "the error for a signature says how many were tried, and of what": () => {
      const [t, v1] = header.split(",");
      const twice = `${t},${v1},${v1}`;
      for (const [secrets, input, seen] of [
        ["whsec_1k", header, "The signature does not match the body under the secret. Check that"],
        ["whsec_1k", twice, "The 2 signatures do not match the body under the secret. Check that"],
        [["whsec_1k", "whsec_2k"], header, "The signature does not match the body under any of the 2 secrets. Check"],
        ["'whsec_1k'", header, "under the secret. The secret begins or ends with white space or a quote."],
        [["1k", "2k "], header, "any of the 2 secrets. One of them begins or ends with white space or a quote."],
      ]) {
        const { message } = new Webhook(secrets).check(body, input).error;
        ok(message.includes(seen) && message.includes("finds out which it is."), message);
      }
    },

    "no headers: its error says what was given": () => {
      for (const [input, seen] of [
        [Promise.resolve(new Headers()), "a Promise"],
        [undefined, "undefined"],
        [{}, "an object"],
      ]) {
        const { error } = webhook.check(body, input);
        ok(error.message.includes(`No headers were passed: ${seen}.`), error.message);
        same(error.details.headerNames, []);
      }
      ok(webhook.check(body, Promise.resolve()).error.message.includes("`await headers()`"), "Next.js");
    },

    "two headers of one name are read as the platforms join them": () => {
      const [t, v1] = header.split(",");
      const other = `v1=${"0".repeat(64)}`;
      const joined = new Headers();
      joined.append("dealix-signature", `${t},${other}`);
      joined.append("dealix-signature", v1);
      // Joined with ", ", and nothing is trimmed: the second header's first part is another key.
      equal(code(joined), code({ "dealix-signature": [`${t},${other}`, v1] }));
      equal(code({ "dealix-signature": [header, header] }), "valid");
    },

    "8 KiB is the limit, in bytes": () => {
      const padded = (length, filler) => `${header},x=${filler.repeat(length)}`.slice(0, length);
      equal(code(padded(8192, "a")), "valid");
      equal(code(padded(8193, "a")), "malformed_header");
      const room = 8192 - header.length - 3;
      equal(code(`${header},x=${"é".repeat(room / 2)}`), "valid");
      equal(code(`${header},x=${"é".repeat(room / 2 + 1)}`), "malformed_header");
      equal(code(`${header},x=${"😀".repeat(room)}`), "malformed_header");
    },

    "a header of 1 MB is refused, and the next call works": () => {
      for (const huge of [
        "v1=x,".repeat(200_000),
        `t=${"1".repeat(1e6)},v1=x`,
        `${header},${"\ud800".repeat(1e6)}`,
        "é,".repeat(5e5),
      ]) {
        const { error } = webhook.check(body, huge);
        equal(error.code, "malformed_header");
        ok(error.message.includes("over 8 KiB"), error.message);
        ok(error.message.length < 500, "the header is not repeated");
      }
      equal(code(header), "valid");
    },

    "100 v1, the last one right": () => {
      const many = header.replace(",", `,${`v1=${"0".repeat(64)},`.repeat(100)}`);
      equal(code(many), "valid");
      const { error } = webhook.check(`${body} `, many);
      same([error.details.signaturesTried, error.details.secretsTried], [101, 1]);
    },

    "20,000 mutated headers: none throws, none is wrongly valid": () => {
      const random = generator(7);
      const pieces = [
        "t=",
        "v1=",
        ",",
        "=",
        "v0=",
        "\0",
        "é",
        "\ud800",
        "0",
        " ",
        "+",
        "9".repeat(20),
        "\n",
        ",,",
        "t=1",
      ];
      const now = 1_700_000_000;
      const good = signPayload({ secret: "s", body: "x", timestamp: now });
      for (let round = 0; round < 20_000; round += 1) {
        let text = good;
        for (let edits = 1 + (random() % 3); edits > 0; edits -= 1) {
          const at = random() % (text.length + 1);
          text = text.slice(0, at) + pieces[random() % pieces.length] + text.slice(at + (random() % 4));
        }
        const { valid } = verifySignature({ secret: "s", signatureHeader: text, body: "x", now });
        const holdsBoth =
          text
            .split(",")
            .filter((part) => part.startsWith("t="))
            .join() === `t=${now}` && text.split(",").includes(good.split(",")[1]);
        equal(valid, holdsBoth, JSON.stringify(text));
      }
    },
  };
}

/** An array in an array, and so on: to join it takes a stack as deep. */
function nested(depth) {
  let array = [];
  for (let level = 0; level < depth; level += 1) array = [array];
  return array;
}

/** A small linear congruential generator: the same headers on every run. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
