// For browsers, through their bundlers: as index.ts, but without the detour through a hash that no browser has.
import bytes from "./generated/receiver.wasm";
import { startReceiver } from "./wasm/receiver.js";
import { fromText } from "./wasm/inlined/decode.js";

startReceiver(() => fromText(bytes));

export * from "./api.js";
