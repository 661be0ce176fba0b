// A helper thread of the tests.
import { parentPort, workerData } from "node:worker_threads";
import { helpKernels } from "../src/runner.js";

parentPort?.postMessage("ready");
helpKernels(workerData);
