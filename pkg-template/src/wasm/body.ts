import type { BodyContent } from "../input/body.js";
import type { Receiver } from "./receiver.js";
import { encodeInto } from "../runtime/text.js";

/** Passes the body that is being verified or signed to the module, through its buffer, in as many pieces as needed. */
export function passBody({ wasm, body }: Receiver, content: BodyContent): void {
  const most = typeof content === "string" ? body.length / 3 : body.length;
  let from = 0;
  do {
    const end = content.length - from <= most ? content.length : wholeEnd(content, from + most);
    wasm.update(write(piece(content, from, end), body));
    from = end;
  } while (from < content.length);
}

function piece(content: BodyContent, from: number, end: number): BodyContent {
  if (end - from === content.length) return content;
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
