// What the Verify mode was given. Nothing but its reader writes into these, and its own example at the start.
import { computed, effect, signal } from "@preact/signals";
import { lane } from "../aside/lane.js";
import { decode, encode, fromBase64 } from "../core/bytes.js";
import { SAMPLE_SECRET, sample } from "../core/sample.js";
import { headersRecord } from "../pasted/given.js";
import { holdsSecret } from "../core/secrets.js";
import { timeOf } from "../core/signature.js";
import { type Delivery, isSupported, judge, type Match, match, type Verdict } from "../core/verdict.js";
import { kept, release } from "./kept.js";
import { seconds } from "./page.js";
import { header, pasted } from "./pasted.js";
import { releaseSource, source } from "./source.js";

export { header, pasted };

type Bytes = Uint8Array<ArrayBuffer>;
export type BodyKind = "text" | "base64" | "file";

/** A longer body is hashed in a worker. */
const AT_ONCE_BYTES = 1024 * 1024;
const TYPING_MS = 100;

export const bodyKind = signal<BodyKind>("text");
export const bodyText = signal("");
export const bodyBase64 = signal("");
export const secrets = signal<readonly string[]>([""]);
/** A password field drops line breaks, so that nobody would see what is wrong elsewhere. */
export const isPastedWithBlanks = signal(false);
export const clock = signal<number | "now" | "signed">("now");
export const isSample = signal(false);

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
  const { kind, missing } = pasted.value;
  if (!isSupported) return "unsupported_runtime";
  if (source.value !== null && source.value.obstacle !== null) return source.value.obstacle;
  if (kind === "empty") return "no_header";
  if (kind === "too_long") return "header_too_long";
  if (kind === "report") return "report";
  if (kept.value !== null && kept.value.obstacle !== null) return kept.value.obstacle;
  if (ownBody.value?.length === 0 && missing !== null) return missing;
  if (body.value === null) return "bad_base64";
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

const matching = lane("match");
const matchedAside = signal<{ of: unknown; match: Match } | null>(null);

const isLong = computed(() => (givenDelivery.value?.body.length ?? 0) > AT_ONCE_BYTES);

effect(() => {
  const given = givenDelivery.value;
  if (given === null || !isLong.value) return;
  const start = async () => {
    const match = await matching.run({ ...given, now: 0 });
    matchedAside.value = { of: given, match };
  };
  const timer = setTimeout(start, TYPING_MS);
  return () => (clearTimeout(timer), matching.stop());
});

/** null while a worker is at it. */
const matched = computed((): Match | null => {
  const given = givenDelivery.value;
  if (given === null) return null;
  if (!isLong.value) return match({ ...given, now: 0 });
  return matchedAside.value?.of === given ? matchedAside.value.match : null;
});

export const verdict = computed((): Verdict => {
  if (delivery.value !== null && matched.value !== null) return judge(delivery.value, matched.value);
  const code = obstacle.value ?? "checking";
  return { code, secretIndex: null, v1Index: null, time: timeOf(pasted.value.signature ?? ""), matches: false };
});

/** Codes that say nothing about the delivery. */
const CONFIGURATION = ["checking", "empty_secret", "invalid_secret", "unsupported_runtime"];

export const isJudged = computed(() => {
  const { code } = verdict.value;
  return delivery.value !== null && (code === null || !CONFIGURATION.includes(code));
});

/** Whether `diagnose` has something to say. */
export const isExplainable = computed(() => {
  if (pasted.value.kind === "report") return true;
  return isJudged.value && verdict.value.code !== null;
});

export const isSecretInBody = computed(() => {
  if (isSample.value) return false;
  if (kept.value === null)
    return holdsSecret(bodyKind.value === "base64" ? bodyBase64.value : bodyText.value, secrets.value);
  const { bytes } = kept.value;
  return bytes !== null && bytes.length <= AT_ONCE_BYTES && holdsSecret(decode(bytes), secrets.value);
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
  release();
  releaseSource();
  bodyKind.value = "text";
  secrets.value = [""];
  clock.value = "now";
  isSample.value = isPastedWithBlanks.value = false;
}
