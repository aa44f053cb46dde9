import { verifyOften } from "./web.mjs";

export default {
  async fetch(request) {
    await verifyOften(await request.json());
    return new Response();
  },
};
