import type { BodyContent } from "./body.js";
import { receiver } from "./receiver.js";
import { encodeInto } from "./text.js";

/** Passes the body that is being verified or signed to the module, through its buffer in as many chunks as it takes. */
export function passBody(content: BodyContent): void {
  const { wasm } = receiver();
  let rest = content;
  do {
    const { read, written } = write(rest);
    wasm.update(written);
    rest = typeof rest === "string" ? rest.slice(read) : rest.subarray(read);
  } while (rest.length > 0);
}

/** Writes as much of a body as there is room for; `read` counts UTF-16 units or bytes, `written` bytes. */
function write(content: BodyContent): { read: number; written: number } {
  const { body } = receiver();
  if (typeof content === "string") return encodeInto(content, body);
  const length = Math.min(content.length, body.length);
  body.set(length < content.length ? content.subarray(0, length) : content);
  return { read: length, written: length };
}
