// What the Verify mode was given. Nothing but its reader writes into these, and its own example at the start.
import { computed, effect, signal } from "@preact/signals";
import { lane } from "../aside/lane.js";
import { decode, encode, fromBase64 } from "../core/bytes.js";
import { SAMPLE_SECRET, sample } from "../core/sample.js";
import { headersRecord } from "../pasted/given.js";
import { holdsSecret } from "../core/secrets.js";
import { timeOf } from "../core/signature.js";
import { type Delivery, isSupported, judge, type Match, match, type Verdict } from "../core/verdict.js";
import { kept, release, reread } from "./kept.js";
import { seconds } from "./page.js";
import { header, pasted } from "./pasted.js";
import { releaseSource, source } from "./source.js";

type Bytes = Uint8Array<ArrayBuffer>;
export type BodyKind = "text" | "base64" | "file";

/** A longer body is hashed in a worker. */
const AT_ONCE_BYTES = 1024 * 1024;
const TYPING_MS = 100;
const TIME = /^\s*\d{1,12}\s*$/;

export const bodyKind = signal<BodyKind>("text");
export const bodyText = signal("");
export const bodyBase64 = signal("");
export const secrets = signal<readonly string[]>([""]);
/** A password field drops line breaks, so that nobody would see what is wrong elsewhere. */
export const isPastedWithBlanks = signal(false);
export const isSample = signal(false);
/** The clock that the reader has chosen; null until then. */
export const chosenClock = signal<number | "now" | "signed" | null>(null);
/** The sample is as old as the visit, and stays good. */
export const clock = computed(() => chosenClock.value ?? (isSample.value ? "signed" : "now"));
/** A time as it is typed; null while another is not. */
export const typedTime = signal<string | null>(null);
export const isTimeBad = computed(() => typedTime.value !== null && !TIME.test(typedTime.value));

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

/** Whether nobody has said yet what the body is. An empty file is a body. */
const isBodyAwaited = computed(() => kept.value === null && body.value?.length === 0);

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
  if (isTimeBad.value) return "bad_clock";
  if (secrets.value.some((secret) => secret !== "")) return null;
  return isBodyAwaited.value ? "no_body" : "empty_secret";
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
const matchedAside = signal<{ of: unknown; match: Match | "failed" } | null>(null);

const isLong = computed(() => (givenDelivery.value?.body.length ?? 0) > AT_ONCE_BYTES);

effect(() => {
  const given = givenDelivery.value;
  if (given === null || !isLong.value) return;
  const start = async () => {
    const match = await matching.run({ ...given, now: 0 }).catch(() => "failed" as const);
    matchedAside.value = { of: given, match };
  };
  const timer = setTimeout(start, TYPING_MS);
  return () => (clearTimeout(timer), matching.stop());
});

/** null while a worker is at it. */
const matched = computed((): Match | "failed" | null => {
  const given = givenDelivery.value;
  if (given === null) return null;
  if (!isLong.value) return match({ ...given, now: 0 });
  return matchedAside.value?.of === given ? matchedAside.value.match : null;
});

function judgeNow(): Verdict {
  const match = matched.value;
  if (delivery.value === null || match === null) return unjudged(obstacle.value ?? "checking");
  if (match === "failed") return unjudged("check_failed");
  const found = judge(delivery.value, match);
  return found.code === "signature_mismatch" && isBodyAwaited.value ? unjudged("no_body") : found;
}

function unjudged(code: string): Verdict {
  return { code, secretIndex: null, v1Index: null, time: timeOf(pasted.value.signature ?? ""), matches: false };
}

let last: Verdict | null = null;

/** The same object while it says the same, so that nothing is drawn again each second. */
export const verdict = computed((): Verdict => {
  const next = judgeNow();
  if (last === null || !areSame(last, next)) last = next;
  return last;
});

function areSame(left: Verdict, right: Verdict): boolean {
  return (Object.keys(right) as (keyof Verdict)[]).every((key) => left[key] === right[key]);
}

/** The number of the field whose secret matched, from 1. */
export const matchedSecret = computed((): number | null => {
  const { secretIndex } = verdict.value;
  const fields = secrets.value.flatMap((secret, index) => (secret === "" ? [] : [index + 1]));
  return secretIndex === null ? null : (fields[secretIndex] ?? null);
});

/** Codes that say nothing about the delivery. */
const CONFIGURATION = ["checking", "no_body", "empty_secret", "invalid_secret", "unsupported_runtime"];

export const isJudged = computed(() => {
  const { code } = verdict.value;
  return delivery.value !== null && (code === null || !CONFIGURATION.includes(code));
});

/** Whether `diagnose` has something to say. */
export const isExplainable = computed(() => {
  const { code } = verdict.value;
  if (pasted.value.kind === "report" || (code === "no_body" && delivery.value !== null)) return true;
  return isJudged.value && code !== null && code !== "check_failed";
});

export const isSecretInBody = computed(() => {
  if (isSample.value) return false;
  if (kept.value === null)
    return holdsSecret(bodyKind.value === "base64" ? bodyBase64.value : bodyText.value, secrets.value);
  const { bytes } = kept.value;
  return bytes !== null && bytes.length <= AT_ONCE_BYTES && holdsSecret(decode(bytes), secrets.value);
});

export const isSecretInHeader = computed(() => {
  if (isSample.value || source.value !== null) return false;
  return holdsSecret(header.value, secrets.value);
});

export function chooseBodyKind(kind: BodyKind): void {
  bodyKind.value = kind;
  if (kind !== "file") reread(kind);
}

export function chooseClock(chosen: number | "now" | "signed"): void {
  chosenClock.value = chosen;
  typedTime.value = null;
}

export function typeTime(text: string): void {
  typedTime.value = text;
  if (TIME.test(text)) chosenClock.value = Number(text);
}

export function showSample(): void {
  clear();
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
  chosenClock.value = typedTime.value = null;
  isSample.value = isPastedWithBlanks.value = false;
}
