import { signPayload } from "@dealix/webhooks";
import { makeEvent, serializeEnvelope } from "@dealix/webhooks/testing";
import { isSupported } from "./verdict.js";

/** Nobody's: it only signs the delivery that a first visit shows. */
export const SAMPLE_SECRET = "whsec_sample";

/** What a person named شركة الأفق would see of a deal: Arabic, an emoji, a number with `.0`. */
const DATA = `{
  "name": "شركة الأفق 🌅",
  "contact": "ليلى حدّاد",
  "amount": 12500.0,
  "currency": "SAR",
  "note": "الدفعة الأولى (30%) قبل يوم الخميس"
}`;

export function sampleData(type: string): string {
  if (type === "deal.won" || !isSupported) return DATA;
  return JSON.stringify(makeEvent({ type }).data, null, 2);
}

export interface Sample {
  readonly header: string;
  readonly body: string;
}

export function sample(now: number): Sample {
  const { id } = makeEvent({ type: "deal.won" });
  const body = serializeEnvelope(envelope({ id, type: "deal.won", customer: "cus_42", timestamp: now, data: DATA }));
  return { header: signPayload({ secret: SAMPLE_SECRET, body, timestamp: now }), body };
}

export interface EventText {
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly timestamp: number;
  /** JSON text, so that numbers keep their digits. */
  readonly data: string;
}

export function envelope({ id, type, customer, timestamp, data }: EventText): string {
  const fields = { id, type, customer_id: customer, timestamp, api_version: "v1" };
  return `${JSON.stringify(fields).slice(0, -1)},"data":${data}}`;
}
