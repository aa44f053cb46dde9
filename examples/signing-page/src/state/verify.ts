// What the Verify mode was given. Nothing but its reader writes into these, and its own example at the start.
import { computed, signal } from "@preact/signals";
import { encode, fromBase64 } from "../core/bytes.js";
import { headersRecord, readPasted } from "../core/pasted.js";
import { SAMPLE_SECRET, sample } from "../core/sample.js";
import { holdsSecret } from "../core/secrets.js";
import { timeOf } from "../core/signature.js";
import { type Delivery, isSupported, judge, type Verdict } from "../core/verdict.js";
import { seconds } from "./page.js";

type Bytes = Uint8Array<ArrayBuffer>;
export type BodyKind = "text" | "base64" | "file";

/** Bytes that a text field would change or choke on: a file, or a long or unusual paste. */
export interface Kept {
  readonly name: string | null;
  readonly bytes: Bytes;
}

export const MAX_BODY_BYTES = 8 * 1024 * 1024;

export const header = signal("");
export const bodyKind = signal<BodyKind>("text");
export const bodyText = signal("");
export const bodyBase64 = signal("");
export const kept = signal<Kept | null>(null);
export const secrets = signal<readonly string[]>([""]);
export const clock = signal<number | "now" | "signed">("now");
export const isSample = signal(false);

export const pasted = computed(() => readPasted(header.value));

/** The bytes in the body's own field; null if they cannot be read. */
const ownBody = computed((): Bytes | null => {
  if (kept.value !== null) return kept.value.bytes;
  if (bodyKind.value === "text") return encode(bodyText.value);
  if (bodyKind.value === "file") return new Uint8Array();
  return bodyBase64.value.trim() === "" ? new Uint8Array() : fromBase64(bodyBase64.value);
});

export const isBodyFromHeader = computed(() => ownBody.value?.length === 0 && pasted.value.body !== null);

export const body = computed((): Bytes | null => (isBodyFromHeader.value ? pasted.value.body : ownBody.value));

export const now = computed(() => {
  if (clock.value === "now") return seconds.value;
  return clock.value === "signed" ? (timeOf(pasted.value.signature ?? "") ?? seconds.value) : clock.value;
});

/** Why there is nothing to judge yet. */
const obstacle = computed((): string | null => {
  const { kind } = pasted.value;
  if (!isSupported) return "unsupported_runtime";
  if (kind === "empty") return "no_header";
  if (kind === "too_long") return "header_too_long";
  if (kind === "report") return "report";
  if (body.value === null) return "bad_base64";
  if (body.value.length > MAX_BODY_BYTES) return "body_too_large";
  if (kept.value === null && bodyKind.value === "text" && !bodyText.value.isWellFormed()) return "half_character";
  return secrets.value.every((secret) => secret === "") ? "empty_secret" : null;
});

/** Without the clock, so that its ticking computes nothing anew. */
const givenDelivery = computed((): Omit<Delivery, "now"> | null => {
  if (obstacle.value !== null || body.value === null) return null;
  const { headers, signature } = pasted.value;
  const given = secrets.value.filter((secret) => secret !== "");
  return { signature: signature ?? "", headers: headersRecord(headers), body: body.value, secrets: given };
});

export const delivery = computed((): Delivery | null =>
  givenDelivery.value === null ? null : { ...givenDelivery.value, now: now.value },
);

export const verdict = computed((): Verdict => {
  if (delivery.value !== null) return judge(delivery.value);
  const time = timeOf(pasted.value.signature ?? "");
  return { code: obstacle.value, secretIndex: null, v1Index: null, time, matches: false };
});

/** Whether `diagnose` has something to say. */
export const isExplainable = computed(() => {
  if (pasted.value.kind === "report") return true;
  const { code } = verdict.value;
  return delivery.value !== null && code !== null && !CONFIGURATION.includes(code);
});

const CONFIGURATION = ["empty_secret", "invalid_secret", "unsupported_runtime"];

export const isSecretInBody = computed(() => {
  if (kept.value !== null || isSample.value) return false;
  return holdsSecret(bodyKind.value === "base64" ? bodyBase64.value : bodyText.value, secrets.value);
});

export function showSample(): void {
  if (!isSupported) return;
  const { header: signature, body: text } = sample(seconds.value);
  header.value = signature;
  bodyText.value = text;
  secrets.value = [SAMPLE_SECRET];
  isSample.value = true;
}

export function clear(): void {
  header.value = bodyText.value = bodyBase64.value = "";
  kept.value = null;
  bodyKind.value = "text";
  secrets.value = [""];
  clock.value = "now";
  isSample.value = false;
}
