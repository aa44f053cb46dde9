import { signPayload, WebhookError } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { batch, computed, signal } from "@preact/signals";
import type { Signed } from "../core/copies.js";
import { readJson } from "../core/json.js";
import { MAX_DATA } from "../core/limits.js";
import { envelope, sampleData } from "../core/sample.js";
import { isSupported } from "../core/verdict.js";
import { seconds } from "./page.js";

export const type = signal("deal.won");
export const isOwnType = signal(false);
export const data = signal(sampleData("deal.won"));
export const customer = signal("cus_42");
/** The time as typed; null for the current minute, which changes the header no more often than a person can follow. */
export const ownTime = signal<string | null>(null);
export const time = computed(() => ownTime.value ?? String(seconds.value - (seconds.value % 60)));
export const url = signal("http://localhost:3000/webhooks/dealix");
export const signingSecrets = signal<readonly [string, string]>(["", ""]);
const id = signal(newId());

/** Whether data was given that is too long, of which only the beginning is kept: fields are slow with more. */
const isTooLong = signal(false);
const KEPT_CHARACTERS = 2000;

export const reading = computed(() => readJson(isTooLong.value ? "{}" : data.value));

/** The first thing that keeps the event from being signed, as a key of the dictionary. */
export const hurdle = computed((): "badType" | "badUrl" | "badTime" | "tooLong" | "fault" | "notObject" | null => {
  if (!/^[\x20-\x7e]+$/.test(type.value)) return "badType";
  if (!/^\d{1,15}$/.test(time.value)) return "badTime";
  if (!/^https?:\/\/[^\s'"]+$/.test(url.value)) return "badUrl";
  if (isTooLong.value) return "tooLong";
  if (reading.value.fault !== null) return "fault";
  return data.value.trim().startsWith("{") ? null : "notObject";
});

/** The canonical body, or the sentence that says why there is none. */
export const canonical = computed((): { body: string | null; complaint: string | null } => {
  if (hurdle.value !== null) return { body: null, complaint: null };
  const fields = { id: id.value, type: type.value, customer: customer.value, timestamp: Number(time.value) };
  try {
    return { body: serializeEnvelope(envelope({ ...fields, data: data.value })), complaint: null };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { body: null, complaint: error.message };
  }
});

/** The header, or the code of what is wrong with a secret. */
export const signature = computed((): { header: string | null; code: string | null } => {
  const { body } = canonical.value;
  const given = signingSecrets.value.filter((secret) => secret !== "");
  if (body === null || given.length === 0) return { header: null, code: null };
  try {
    const headers = given.map((secret) => signPayload({ secret, body, timestamp: Number(time.value) }));
    const [first = "", ...more] = headers;
    return { header: [first, ...more.map((header) => header.replace(/^t=\d+,/, ""))].join(","), code: null };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { header: null, code: error.code };
  }
});

export const signed = computed((): Signed | null => {
  const { body } = canonical.value;
  const { header } = signature.value;
  if (body === null || header === null) return null;
  return { url: url.value, body, header, timestamp: Number(time.value), id: id.value, type: type.value };
});

/** Takes the data as it is edited. */
export function edit(text: string): void {
  // The editor, too, tells what it was just told to show.
  if (text === data.peek()) return;
  batch(() => {
    isTooLong.value = text.length > MAX_DATA;
    data.value = isTooLong.value ? text.slice(0, KEPT_CHARACTERS) : text;
  });
}

/** Takes the type's sample as data unless the data is the reader's own. */
export function chooseType(chosen: string): void {
  const isUntouched = data.value === sampleData(type.value) || data.value.trim() === "";
  type.value = chosen;
  id.value = newId();
  if (isUntouched) data.value = sampleData(chosen);
}

function newId(): string {
  return isSupported ? makeEvent({ type: "deal.won" }).id : "";
}
