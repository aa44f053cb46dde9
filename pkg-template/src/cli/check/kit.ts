// What the deliveries of a check are made of.
import { createHmac, randomBytes } from "node:crypto";
import type { Delivery, Header } from "../deliver.js";

export interface Signing {
  readonly secret?: string;
  /** When it is signed, in seconds from now. */
  readonly offset?: number;
}

const encoder = new TextEncoder();

export class Kit {
  readonly #secret: string;
  /** The secret that is being rotated out; undefined if there is none. */
  readonly previous: string | undefined;
  /** Something that the receiver does not know. */
  readonly foreign = `whsec_${randomBytes(24).toString("hex")}`;
  /** What must not be in a response. A short secret is left out: it could be there by chance. */
  readonly confidential: string[];

  constructor(secret: string, previous: string | undefined) {
    this.#secret = secret;
    this.previous = previous;
    this.confidential = [secret, previous ?? ""].filter(({ length }) => length >= 8);
  }

  now(offset = 0): number {
    return Math.floor(Date.now() / 1000) + offset;
  }

  /** A new event's JSON. `data` is its JSON, so that it is sent exactly as written. */
  event(data = "{}", fields: { id?: string; type?: string } = {}): string {
    const { id = `evt_${randomBytes(12).toString("hex")}`, type = "health.changed" } = fields;
    const [name, kind] = [JSON.stringify(id), JSON.stringify(type)];
    const rest = `"customer_id":"cus_check","data":${data},"id":${name},"timestamp":${this.now()},"type":${kind}`;
    return `{"api_version":"v1",${rest}}`;
  }

  /** The hex HMAC of a time and a body. */
  mac(time: number | string, body: string | Uint8Array, secret = this.#secret): string {
    return createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex");
  }

  /** Every HMAC that a receiver may accept: one under each of its secrets. */
  rightMacs(time: string, body: Uint8Array): string[] {
    return [this.#secret, this.previous].flatMap((secret) => (secret ? this.mac(time, body, secret) : []));
  }

  /** The hex HMAC of a body alone, as other providers sign. */
  bodyMac(body: string): string {
    return createHmac("sha256", this.#secret).update(body).digest("hex");
  }

  /** A signature header. */
  header(body: string | Uint8Array, { secret, offset = 0 }: Signing = {}): string {
    const time = this.now(offset);
    return `t=${time},v1=${this.mac(time, body, secret)}`;
  }

  /** A delivery of a new event with signature headers made from its time and its signatures. */
  withHeaders(headers: (time: number, mac: (secret?: string) => string) => readonly string[]): Delivery {
    const [body, time] = [this.event(), this.now()];
    return this.delivery(body, ...headers(time, (secret) => this.mac(time, body, secret)));
  }

  /** A delivery of a body that is signed. */
  signed(body: string | Uint8Array, signing: Signing = {}): Delivery {
    return this.delivery(body, this.header(body, signing));
  }

  /** A delivery as Dealix sends it, with these signature headers, right or wrong. */
  delivery(body: string | Uint8Array, ...signatures: readonly string[]): Delivery {
    const headers: Header[] = [
      ["Content-Type", "application/json"],
      ["User-Agent", "Dealix-Webhooks/1.0"],
      ["Dealix-Event-Id", fieldOf(body, "id") ?? "evt_check"],
      ["Dealix-Event-Type", fieldOf(body, "type") ?? "health.changed"],
      ...signatures.map((signature): Header => ["Dealix-Signature", signature]),
      ["Dealix-Delivery-Attempt", "1"],
    ];
    return { method: "POST", headers, body: typeof body === "string" ? encoder.encode(body) : body };
  }
}

/** A field of an event that `Kit.event` made, even if it has been damaged since. */
function fieldOf(body: string | Uint8Array, name: string): string | undefined {
  return new RegExp(`"${name}":"([\\w.]+)"`).exec(String(body))?.[1];
}

/** A delivery without some of its headers. */
export function without(name: string, delivery: Delivery): Delivery {
  return { ...delivery, headers: delivery.headers.filter(([other]) => other !== name) };
}
