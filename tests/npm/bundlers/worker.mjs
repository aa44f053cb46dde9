import { consume } from "./consumer.mjs";

export default { fetch: async () => new Response(await consume()) };
