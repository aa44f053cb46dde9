// The tests that judge a mutant: those that are quick, and that look closely at what is mutated.
import { Worker } from "node:worker_threads";
import vm from "node:vm";
import * as webhooks from "@dealix/webhooks";
import * as replay from "@dealix/webhooks/replay";
import * as testing from "@dealix/webhooks/testing";
import { runCases } from "../fuzz/run.mjs";
import { bits } from "../properties/bits.mjs";
import { reentry } from "../properties/reentry.mjs";
import { streams } from "../properties/streams.mjs";
import { vectors } from "../runtimes/vectors.mjs";
import { suite } from "../suite/index.mjs";
import { testsOf } from "./collector.mjs";

const FILES = ["node-handler", "limits", "middleware", "late-secret", "shapes", "unseen"];
