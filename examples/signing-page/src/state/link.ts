// The address holds the delivery in Verify, so that a colleague can look at it, but never a secret.
import { computed, effect } from "@preact/signals";
import { decode, decodeStrictly } from "../core/bytes.js";
import { MAX_SHARED_BYTES, readFragment, writeFragment } from "../core/fragment.js";
import { holdsSecret } from "../core/secrets.js";
import { explain } from "./explain.js";
import { mode } from "./page.js";
import { keepBytes } from "./kept.js";
import * as verify from "./verify.js";

const WAIT_MS = 250;
const FIRST_VISIT = "";

/** The headers that say something about a signature; others may hold what is nobody else's business. */
const SHARED = /signature|hmac|^(dealix|svix|webhook|x-github|x-shopify|content)-|^(host|user-agent)$/i;

const header = computed(() => {
  const { kind, headers } = verify.pasted.value;
  if (kind === "value" || kind === "report") return verify.header.value;
  const shared = headers.filter(([name]) => SHARED.test(name));
  return shared.map(([name, value]) => `${name}: ${value}`).join("\n");
});

/** Whether the delivery is too long for a link, or holds a secret. */
export const isWithheld = computed(() => {
  const body = verify.body.value;
  if (body === null || body.length + header.value.length > MAX_SHARED_BYTES) return true;
  return holdsSecret(`${header.value}\n${decode(body)}`, verify.secrets.value);
});

const fragment = computed(() => {
  if (verify.isSample.value || isWithheld.value) return mode.value === "verify" ? FIRST_VISIT : `#mode=${mode.value}`;
  const body = verify.body.value ?? new Uint8Array();
  return writeFragment({ mode: mode.value, header: header.value, body, clock: verify.clock.value });
});

export const link = computed(() => location.href.replace(/#.*$/, "") + fragment.value);

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
  else receive(shared.header, shared.body ?? new Uint8Array(), shared.clock ?? "now");
  if (shared.mode === "explain") void explain();
  else mode.value = shared.mode ?? "verify";
}

function receive(header: string, body: Uint8Array<ArrayBuffer>, clock: typeof verify.clock.value): void {
  verify.clear();
  verify.header.value = header;
  verify.clock.value = clock;
  const text = decodeStrictly(body);
  if (text === null || text.includes("\r")) keepBytes(body);
  else verify.bodyText.value = text;
}
