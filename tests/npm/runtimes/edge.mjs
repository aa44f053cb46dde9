// The suite for runtimes that evaluate a script: `run` takes the vectors as text, and returns text.
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { runSuite } from "../suite/index.mjs";

globalThis.run = async (vectors) =>
  JSON.stringify(await runSuite({ webhooks, testing, replay, vectors: JSON.parse(vectors) }));
