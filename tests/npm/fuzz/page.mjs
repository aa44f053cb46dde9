// Cases in a page.
import * as webhooks from "@dealix/webhooks";
import { runCases } from "./run.mjs";

window.fuzz = (options) => runCases(webhooks, options);
