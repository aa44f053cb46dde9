// For every runtime except workerd and edge-light: the module's bytes are inlined.
import bytes from "./generated/receiver.wasm";
import { hostDigests } from "./wasm/host.js";
import { startReceiver } from "./wasm/receiver.js";
import { useHost } from "./webhook/verifier.js";
import { fromText } from "./wasm/inlined/decode.js";

startReceiver(() => fromText(bytes));
useHost(hostDigests);

export * from "./api.js";
