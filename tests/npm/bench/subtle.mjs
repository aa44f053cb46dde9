// What a careful guide shows without node:crypto: SubtleCrypto, with a key that is imported once.
const encoder = new TextEncoder();

export async function verifierFor(secret) {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
  return async (body, header) => {
    const parts = Object.fromEntries(header.split(",").map((part) => part.split("=")));
    const age = Math.abs(Date.now() / 1000 - Number(parts.t));
    if (!(age <= 300) || !/^[0-9a-f]{64}$/.test(parts.v1)) return false;
    const mac = Uint8Array.from(parts.v1.match(/../g), (digits) => parseInt(digits, 16));
    const prefix = encoder.encode(`${parts.t}.`);
    const content = typeof body === "string" ? encoder.encode(body) : body;
    const payload = new Uint8Array(prefix.length + content.length);
    payload.set(prefix);
    payload.set(content, prefix.length);
    return crypto.subtle.verify("HMAC", key, mac, payload);
  };
}
