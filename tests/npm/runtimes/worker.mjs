// The suite as a Worker: the vectors come as the request, the results go as the response.
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { runSuite } from "../suite/index.mjs";

export default {
  async fetch(request) {
    return Response.json(await runSuite({ webhooks, testing, replay, vectors: await request.json() }));
  },
};
