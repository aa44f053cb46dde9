// What the package and the reference say, in one form.
import { envelope, headerVerdict } from "./reference.mjs";

/** An error's code and those of its details that are compared; null for no error. */
export function factsOf(error) {
  if (error === null) return null;
  const { ageSeconds, maxAgeSeconds, signaturesTried, secretsTried, field } = error.details;
  return present({ code: error.code, ageSeconds, maxAgeSeconds, signaturesTried, secretsTried, field });
}

export function expectedOfHeader(delivery) {
  const { code, ageSeconds, maxAgeSeconds } = headerVerdict(delivery);
  return code === null ? null : present({ code, ageSeconds, maxAgeSeconds });
}

/** What `Webhook.check` returns, for a reference's verdict on a body. */
export function expectedOfCheck(verdict, bytes) {
  const refused = (error) => ({ valid: false, event: null, error, secretIndex: null });
  if (verdict.code !== null) return refused(verdict);
  const { event, field } = envelope(bytes);
  if (field !== undefined) return refused({ code: "invalid_envelope", field });
  return { valid: true, event, error: null, secretIndex: verdict.secretIndex };
}

function present(facts) {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
