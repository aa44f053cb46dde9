/** Whether text holds what looks like a secret in use: our prefix with a key behind it, or one of these secrets. */
export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  if (/whsec_[A-Za-z0-9+/_=-]{12,}/.test(text)) return true;
  return secrets.some((secret) => secret.length >= 8 && text.includes(secret));
}
