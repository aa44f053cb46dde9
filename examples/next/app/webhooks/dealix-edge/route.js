// The same receiver on Next's edge runtime.
export { POST } from "../dealix/route.js";

export const runtime = "edge";
