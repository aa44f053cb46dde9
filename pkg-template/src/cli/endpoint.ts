// The address of a receiver, as an option gives it.
import { UsageError } from "./arguments.js";

/** The URL in an option's value. */
export function endpoint(option: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new UsageError(`--${option} is not an http or https URL${withScheme(value)}`);
  }
  if (url.username || url.password) {
    throw new UsageError(`--${option} contains a user name or a password, which Dealix would not send`);
  }
  return url;
}

const BARE_HOST =
  /^(?:localhost|\[[\da-f:]+\]|[a-z\d-]{1,20}(?:\.[a-z\d-]{1,20})+|[a-z\d-]{1,20}(?=:\d))(?::\d{1,5})?(\/|$)/;

/** Suggests the scheme that a bare host lacks. The path is not shown, since it may contain a secret. */
function withScheme(value: string): string {
  const [host, path] = BARE_HOST.exec(value) ?? [];
  return host === undefined ? "" : `; did you mean http://${host}${path === "" ? "" : "…"}?`;
}
