// Cases in a Worker: what to run comes as the request, the result goes as the response.
import * as webhooks from "@dealix/webhooks";
import { runCases } from "./run.mjs";

export default {
  fetch: async (request) => Response.json(await runCases(webhooks, await request.json())),
};
