import type { BodyContent } from "../input/body.js";
import type { Receiver } from "./receiver.js";
import { encodeInto } from "../runtime/text.js";

/**
 * Passes the body that is being verified or signed to the module, through its buffer, in as many pieces as needed. Returns
 * what the module returns in the end.
 */
export function passBody({ wasm, body }: Receiver, content: BodyContent): number {
  const most = typeof content === "string" ? body.length / 3 : body.length;
  let from = 0;
  while (content.length - from > most) {
    const end = wholeEnd(content, from + most);
    wasm.update(write(piece(content, from, end), body));
    from = end;
  }
  return wasm.finish(write(from === 0 ? content : piece(content, from, content.length), body));
}

function piece(content: BodyContent, from: number, end: number): BodyContent {
  // Only this piece: some engines convert all the text an encoder is given, however little it writes.
  return typeof content === "string" ? content.slice(from, end) : content.subarray(from, end);
}

/** Does not split a surrogate pair, whose halves would each be encoded as U+FFFD. */
function wholeEnd(content: BodyContent, end: number): number {
  return typeof content === "string" && (content.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}

function write(piece: BodyContent, body: Uint8Array): number {
  if (typeof piece === "string") return encodeInto(piece, body).written;
  body.set(piece);
  return piece.length;
}
