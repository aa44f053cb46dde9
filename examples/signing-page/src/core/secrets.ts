const PREFIXED = /whsec_[A-Za-z0-9+/_=-]{12,}/;
/** A value of a variable or field called secret; a name in its place, as code has, rarely has a digit. */
const NAMED = /secret\w*["']?\s*[:=]\s*["']?(?=[A-Za-z+/_=-]*\d)[A-Za-z0-9+/_=-]{12,}(?=["'\s,;&}]|$)/i;

/** Whether text holds what looks like a secret in use: ours by its prefix or its name, or one of these secrets. */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  if (PREFIXED.test(text) || NAMED.test(text)) return true;
  return secrets.some((secret) => secret.length >= 8 && text.includes(secret));
}
