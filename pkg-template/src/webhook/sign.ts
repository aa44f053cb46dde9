import type { BodyContent } from "../input/body.js";
import { receivers } from "../wasm/receiver.js";
import { hostDigests, pass, UNKNOWN_KEY, type Verifier } from "./verifier.js";

/** The MAC lies at the start of the header's room, in hex. */
const SIGNED = -9;
const HEX_DIGITS = 64;

/** The signature header for a body, under the first secret. Not a method, so that a bundle that never signs leaves it out. */
export function sign(verifier: Verifier, content: BodyContent, timestamp: number): string {
  const receiver = receivers.enter();
  const { wasm, header } = receiver;
  const passDigests = hostDigests(content.length);
  const start = () => wasm.start_signing(verifier.firstKey(receiver), timestamp, passDigests ? 1 : 0);
  let status = start();
  if (status === UNKNOWN_KEY) {
    verifier.reload(receiver);
    status = start();
  }
  status = pass(receiver, content, status, passDigests);
  if (status !== SIGNED) throw new Error(`@dealix/webhooks: no key (${status})`);
  const v1 = String.fromCharCode(...header.subarray(0, HEX_DIGITS));
  receivers.leave(receiver);
  return `t=${timestamp},v1=${v1}`;
}
