// Values that act whenever the package looks at them.

/** Each takes what it does when it is looked at, and what it then says it is. */
export const VALUES = {
  "a conversion": (act) => ({
    toString: () => (act(), "text"),
    valueOf: () => (act(), 1),
    [Symbol.toPrimitive]: () => (act(), "1"),
    get [Symbol.toStringTag]() {
      return (act(), "ArrayBuffer");
    },
  }),
  "a proxy": (act, value) => new Proxy(Object(value), acting(act)),
  "a proxy of a function": (act) => new Proxy(() => "", acting(act)),
  "an object of getters": (act, value) => {
    const object = {};
    for (const name of ["get", "then", "length", "buffer", "byteLength", "headers", "Dealix-Signature"])
      Object.defineProperty(object, name, { enumerable: true, get: () => (act(), value) });
    return object;
  },
  "headers with get": (act, value) => ({ get: () => (act(), value) }),
  "a header's getter": (act, value) => ({
    get "dealix-signature"() {
      return (act(), value);
    },
  }),
  "a list": (act, value) => {
    const list = [value];
    Object.defineProperty(list, 0, { get: () => (act(), value) });
    return list;
  },
  "a view": (act, value) => {
    const view = new (class extends Uint8Array {
      get length() {
        return (act(), super.length);
      }
      get byteLength() {
        return (act(), super.byteLength);
      }
      get buffer() {
        return (act(), super.buffer);
      }
    })(10);
    return Object.defineProperty(view, "toString", { value: () => (act(), value) });
  },
};

/** A proxy's handler: every trap acts first. */
function acting(act) {
  const names = Object.getOwnPropertyNames(Reflect);
  return Object.fromEntries(names.map((name) => [name, (...words) => (act(), Reflect[name](...words))]));
}

/** Calls something with each of its parameters in turn replaced by a hostile value, and each option. */
export const CALLS = {
  "check(body, )": ({ webhook }, value) => webhook.check(value, "t=1,v1=x"),
  "check( , headers)": ({ webhook, body }, value) => webhook.check(body, value),
  "check of both": ({ webhook }, value) => webhook.check(value, value),
  checkHeader: ({ webhook }, value) => webhook.checkHeader(value),
  sign: ({ webhook }, value) => webhook.sign(value),
  "sign at a time": ({ webhook, body }, value) => webhook.sign(body, value),
  "new Webhook": ({ Webhook }, value) => new Webhook(value),
  "new Webhook of a list": ({ Webhook }, value) => new Webhook(["whsec_theirs", value]),
  "new Webhook with options": ({ Webhook }, value) => new Webhook("whsec_theirs", value),
  "maxAgeSeconds of a Webhook": ({ Webhook }, value) => new Webhook("whsec_theirs", { maxAgeSeconds: value }),
  verifySignature: ({ verifySignature }, value) => verifySignature(value),
  ...Object.fromEntries(
    ["secret", "signatureHeader", "body", "maxAgeSeconds", "now"].map((option) => [
      `verifySignature's ${option}`,
      ({ verifySignature, options }, value) => verifySignature({ ...options, [option]: value }),
    ]),
  ),
  "a getter of verifySignature's options": ({ verifySignature, options }, value) =>
    verifySignature(Object.defineProperty({ ...options }, "body", { enumerable: true, get: () => `${value}` })),
  signPayload: ({ signPayload, body }, value) => signPayload({ secret: value, body }),
};
