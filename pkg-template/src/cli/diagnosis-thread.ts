// The thread in which `listen` diagnoses, so that other deliveries do not wait.
import { parentPort } from "node:worker_threads";
import { diagnose, type DiagnoseOptions } from "../testing.js";

parentPort?.on("message", (options: DiagnoseOptions) => parentPort?.postMessage(diagnose(options)));
