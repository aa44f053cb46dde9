// The receiver's module as it is packed, without the JavaScript around it: keys are bytes here, not text, and the host hashes.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const WASM = join(import.meta.dirname, "../../../node_modules/@dealix/webhooks/dist/receiver.wasm");
/** src/wasm/receiver/room.rs has these, and status.rs the codes. */
const HEADER_ROOM = 8193;
const BODY = HEADER_ROOM + 128;
const STARTED = -11;
const SIGNED = -9;
const BLOCK_BYTES = 64;
const NOW = 1_700_000_000;

export async function loadReceiver() {
  const { instance } = await WebAssembly.instantiate(readFileSync(WASM));
  const { memory, buffer, ...calls } = instance.exports;
  const start = buffer();
  const write = (at, bytes) => (new Uint8Array(memory.buffer).set(bytes, start + at), bytes.length);
  const read = (at, length) => Buffer.from(memory.buffer, start + at, length);

  /** Hashes the inner block, which the module has written, and the message, without the time that is signed otherwise. */
  function digest(status, message) {
    const before = STARTED - status;
    const inner = createHash("sha256")
      .update(read(BODY - before, BLOCK_BYTES))
      .update(message)
      .digest();
    write(HEADER_ROOM, inner);
    return calls.host_digest();
  }

  return {
    /** The MAC of a message under a key of any bytes, in hex. */
    mac(key, message) {
      const number = calls.add_key(write(BODY, key));
      const status = digest(calls.start_signing(number, NOW, true), message);
      if (status !== SIGNED) throw new Error(`not signed: ${status}`);
      return read(0, 64).toString();
    },
    /** The module's verdict on a tag: 0, or a negative number. */
    verify(key, message, tag) {
      const number = calls.add_key(write(BODY, key));
      const length = write(0, Buffer.from(`t=${NOW},v1=${tag}`));
      return digest(calls.start_verification(number, 1, 300, length, NOW, true), message);
    },
  };
}
