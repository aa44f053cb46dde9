// Deliveries kept in files, one JSON document each.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Delivery, Header } from "../deliver.js";
import { recordable } from "./pass-on.js";

/** Orders what arrives within a millisecond. */
let count = 0;

/** Writes a delivery to a new file, and returns its path. Nobody ever sees a part of the file under its final name. */
export async function record(folder: string, delivery: Delivery, arrived: Date): Promise<string> {
  const { method } = delivery;
  const headers = recordable(delivery.headers);
  const body = Buffer.from(delivery.body).toString("base64");
  const recording = { method, receivedAt: arrived.toISOString(), headers, body };
  // Sorted by name, the files are in the order of arrival. Nothing in a name comes from the sender.
  const time = arrived.toISOString().replaceAll(/[-:.]/g, "");
  count += 1;
  const name = `${time}-${String(count).padStart(9, "0")}-${randomBytes(4).toString("hex")}.json`;
  const [path, partial] = [join(folder, name), join(folder, `.${name}.partial`)];
  try {
    const file = await open(partial, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(recording, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
  return path;
}

/** The delivery in a file, or what is wrong with the file. */
export function recorded(path: string): Delivery | string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  return parseRecording(text);
}

function parseRecording(text: string): Delivery | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  const { method, headers, body } = (value ?? {}) as Record<string, unknown>;
  if (method !== "POST") return 'has no "method": "POST"';
  if (!Array.isArray(headers) || !headers.every(isHeader)) return 'has no "headers", a list of [name, value]';
  const bytes = typeof body === "string" ? Buffer.from(body, "base64") : null;
  if (bytes === null || bytes.toString("base64") !== body) return 'has no "body" in base64';
  return { method, headers: recordable(headers), body: bytes };
}

function isHeader(value: unknown): value is Header {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [name, content] = value as unknown[];
  if (typeof name !== "string" || typeof content !== "string") return false;
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(content);
}
