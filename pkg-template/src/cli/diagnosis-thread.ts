// The thread in which `listen` diagnoses: a delivery that comes meanwhile does not wait.
import { parentPort } from "node:worker_threads";
import { diagnose, type DiagnoseOptions } from "../testing.js";

parentPort?.on("message", (options: DiagnoseOptions) => parentPort?.postMessage(diagnose(options)));
