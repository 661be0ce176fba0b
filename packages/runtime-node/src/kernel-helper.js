// A thread that computes parts of the kernels of an inference worker.
import { workerData } from "node:worker_threads";
import { helpKernels } from "@voxplain/kernels/runner";

helpKernels(workerData);
