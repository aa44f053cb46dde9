// Every runtime but workerd and edge-light: the module's bytes are inlined.
import bytes from "./generated/receiver.wasm";
import { hostDigests } from "./host.js";
import { startReceiver } from "./receiver.js";
import { useHost } from "./verifier.js";
import { fromText } from "./wasm.js";

startReceiver(() => fromText(bytes));
useHost(hostDigests);

export * from "./api.js";
