// The address holds the delivery in Verify, so that a colleague can look at it, but never a secret.
import { computed, effect } from "@preact/signals";
import { decode, decodeStrictly } from "../core/bytes.js";
import { MAX_SHARED_BYTES, readFragment, writeFragment } from "../core/fragment.js";
import { holdsSecret } from "../core/secrets.js";
import { isSignature, shareable } from "../core/shareable.js";
import { explain } from "./explain.js";
import { keepBytes } from "./kept.js";
import { mode } from "./page.js";
import { header as pastedText, pasted } from "./pasted.js";
import * as verify from "./verify.js";

const WAIT_MS = 250;
const FIRST_VISIT = "";
const NOTHING = new Uint8Array();

const header = computed(() => {
  const { kind, report, headers, signature } = pasted.value;
  if (kind === "value") return signature ?? "";
  if (report !== null) return JSON.stringify({ ...report, advice: "" });
  return shareable(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
});

/** Why the delivery is left out of the link, as a key of the dictionary; null if it is in. */
export const reasonWithheld = computed((): "linkUnread" | "linkWithheld" | null => {
  const body = verify.body.value ?? NOTHING;
  // Whatever was not read as anything else may be a command with credentials.
  if (pasted.value.kind === "value" && !isSignature(header.value)) return "linkUnread";
  if (body.length + header.value.length > MAX_SHARED_BYTES) return "linkWithheld";
  return holdsSecret(`${header.value}\n${decode(body)}`, verify.secrets.value) ? "linkWithheld" : null;
});

const fragment = computed(() => {
  const body = verify.body.value;
  if (body === null || verify.isSample.value || reasonWithheld.value !== null)
    return mode.value === "verify" ? FIRST_VISIT : `#mode=${mode.value}`;
  return writeFragment({ mode: mode.value, header: header.value, body, clock: verify.clock.value });
});

/** Empty while the body is not there: it is still being read, or cannot be. */
export const link = computed(() =>
  verify.body.value === null ? "" : location.href.replace(/#.*$/, "") + fragment.value,
);

/** Reads the address, again if somebody follows a link to another, and keeps it up to date. */
export function follow(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  read(location.hash);
  // Not for what `write` writes.
  addEventListener("hashchange", () => {
    clearTimeout(timer);
    read(location.hash);
  });
  effect(() => {
    const next = fragment.value;
    clearTimeout(timer);
    timer = setTimeout(() => write(next), WAIT_MS);
  });
}

function write(next: string): void {
  if (location.hash === next) return;
  history.replaceState(null, "", next === "" ? location.pathname + location.search : next);
}

function read(hash: string): void {
  const shared = readFragment(hash);
  if (shared.header === undefined) verify.showSample();
  else receive(shared.header, shared.body ?? NOTHING, shared.clock ?? "now");
  if (shared.mode === "explain") void explain();
  else mode.value = shared.mode ?? "verify";
}

function receive(header: string, body: Uint8Array<ArrayBuffer>, clock: typeof verify.clock.value): void {
  verify.clear();
  pastedText.value = header;
  verify.chosenClock.value = clock;
  const text = decodeStrictly(body);
  if (text === null || text.includes("\r")) keepBytes(body);
  else verify.bodyText.value = text;
}
