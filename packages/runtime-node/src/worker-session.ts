import { Worker } from "node:worker_threads";
import {
  type InferenceSession,
  type NamedTensors,
  onAbort,
  onOneLine,
  type RunOptions,
  VoxplainError,
} from "@voxplain/core";
import { kernelNames, type LeadingProgram } from "@voxplain/kernels";
import { lentMemory } from "./lent-memory.ts";
import { type NodeProvider, whyUnavailable } from "./providers.ts";
import { type Answer, type Asked, sessionRays } from "./session-rays.ts";
import { canShare, sharedFeeds } from "./shared-feeds.ts";
import { startHelper } from "./start-helper.ts";
import type { ModelSource, WorkerReply, WorkerRequest, WorkerSettings } from "./worker-protocol.ts";

type Result = Extract<WorkerReply, { kind: "result" }>;

interface Pending {
  /** Called when the thread has read what was sent. */
  giveBack(): void;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** A thread that can compute with one model. It takes a while to load ONNX Runtime, meanwhile others can work. */
export interface StartedWorker {
  readonly worker: Worker;
  /** Resolves when the thread ends, also if it could not start. */
  readonly ended: Promise<Error>;
}

/**
 * The thread does not keep the process alive, but for as long as it loads ONNX Runtime: a process that ends
 * meanwhile is aborted by the native library.
 */
export function startWorker(settings: WorkerSettings): StartedWorker {
  // Since 1.29 ONNX Runtime reports its use to its maker unless this is set before it is loaded. The native
  // library reads the environment of the process, which only this thread can set.
  process.env.ORT_DISABLE_TELEMETRY = "1";
  const worker = new Worker(new URL("./inference-worker.js", import.meta.url), { workerData: settings });
  const ended = new Promise<Error>((resolve) => {
    worker.once("error", resolve);
    worker.once("exit", () => resolve(new Error("its thread ended")));
  });
  worker.once("message", () => worker.unref());
  return { worker, ended };
}

export interface WorkerModel {
  readonly source: ModelSource;
  readonly executionProvider: NodeProvider;
  /** Threads of the CPU for one operator. */
  readonly threads: number;
  /** The first blocks, where kernels compute them. */
  readonly leading: LeadingProgram | undefined;
}

/** Ends a thread that no session will use; not before it has loaded ONNX Runtime. */
export function endWorker({ worker }: StartedWorker): void {
  worker.postMessage({ kind: "release" } satisfies WorkerRequest);
}

/** Loads a model in a thread, which belongs to the session from then on. */
export async function openWorkerSession(
  { worker, ended: endedBy }: StartedWorker,
  { source, executionProvider, threads, leading }: WorkerModel,
): Promise<InferenceSession> {
  worker.ref();
  worker.postMessage({ kind: "load", source, threads, leading } satisfies WorkerRequest);
  const helpers: Worker[] = [];
  worker.on("message", (reply: WorkerReply) => {
    if (reply.kind === "help") helpers.push(startHelper(reply.help));
  });
  endedBy.then(() => helpers.map((helper) => helper.terminate()));
  const { inputNames, outputNames, places } = await ready(worker, endedBy, executionProvider);

  const memory = places && lentMemory(places);
  const shared = sharedFeeds();
  const pending = new Map<number, Pending>();
  let count = 0;
  let ended: Error | undefined;
  let releasing = false;
  const failAll = (error: Error) => {
    ended ??= error;
    for (const { giveBack, reject } of pending.values()) {
      giveBack();
      reject(error);
    }
    pending.clear();
  };
  worker.on("message", (reply: WorkerReply) => {
    if (!("id" in reply) || reply.id === undefined) return;
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    waiting?.giveBack();
    if (pending.size === 0 && !releasing) worker.unref();
    if (reply.kind === "result") waiting?.resolve(reply);
    else waiting?.reject(computationError(reply.message));
  });
  const exited = endedBy.then((error) => failAll(computationError(error.message)));
  // An idle session does not keep the process alive.
  worker.unref();

  const imagePlace = (feeds: NamedTensors) => {
    const image = places && feeds[places.input];
    return image && memory?.take(image);
  };
  const withoutImage = (feeds: NamedTensors) =>
    Object.fromEntries(Object.entries(feeds).filter(([name]) => name !== places?.input));
  const checkOpen = (signal: AbortSignal | undefined) => {
    if (ended) throw ended;
    signal?.throwIfAborted();
  };
  const ask = (asked: Asked, { borrow = false, signal }: Pick<RunOptions, "borrow" | "signal">) => {
    const { transfer = [], giveBack, ...rest } = asked;
    return new Promise<Answer>((resolve, reject) => {
      const id = count++;
      // Nothing stops native code: what it computes is thrown away. A run that waits is not computed, where memory is shared.
      const cancelled = signal && canShare ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
      let isOver = false;
      const settle = (finish: () => void) => {
        isOver = true;
        stopWaiting?.();
        finish();
      };
      const cancel = () => {
        if (cancelled) Atomics.store(cancelled, 0, 1);
        settle(() => reject(signal?.reason));
      };
      const stopWaiting = signal && onAbort(signal, cancel);
      pending.set(id, {
        giveBack,
        resolve({ results, map, begun = false }) {
          if (map === undefined || !memory || !places?.gradient)
            return settle(() => resolve({ results, begun }));
          if (isOver) return memory.drop(map);
          const gradient = { [places.gradient]: memory.result(map, borrow) };
          settle(() => resolve({ results: { ...results, ...gradient }, begun }));
        },
        reject: (error) => settle(() => reject(error)),
      });
      worker.ref();
      const request: WorkerRequest = { kind: "run", id, ...rest, ...(cancelled && { cancelled }) };
      worker.postMessage(request, [...transfer]);
    });
  };
  return {
    inputNames,
    outputNames,
    ...(leading && { kernels: kernelNames(leading) }),
    ...(memory && { borrowInput: memory.borrow, giveBack: memory.giveBack }),
    ...(memory && places?.hasRay && { beginRay: sessionRays(memory, places.gradient ?? "", checkOpen, ask) }),
    async run(feeds, { fetches, transfer = false, borrow = false, signal } = {}) {
      checkOpen(signal);
      const image = imagePlace(feeds);
      const given = image === undefined ? feeds : withoutImage(feeds);
      const buffers = transfer
        ? new Set(Object.values(given).map(({ data }) => data.buffer as ArrayBuffer))
        : [];
      const sent = transfer ? { feeds: given, giveBack: () => {} } : shared.share(given);
      const asked = {
        ...{ feeds: sent.feeds, transfer: [...buffers] },
        ...(image !== undefined && { image }),
        ...(fetches && { fetches }),
        giveBack() {
          sent.giveBack();
          if (image !== undefined) memory?.leave(image);
        },
      };
      return (await ask(asked, { borrow, signal })).results;
    },
    async release() {
      if (ended === undefined && !releasing) {
        releasing = true;
        worker.ref();
        worker.postMessage({ kind: "release" } satisfies WorkerRequest);
      }
      await exited;
    },
  };
}

function ready(
  worker: Worker,
  ended: Promise<Error>,
  provider: NodeProvider,
): Promise<Extract<WorkerReply, { kind: "ready" }>> {
  return new Promise((resolve, reject) => {
    const listener = (reply: WorkerReply) => {
      // It is no longer loading, but it is going to be used.
      if (reply.kind === "loaded") return worker.ref();
      if (reply.kind === "help") return;
      worker.off("message", listener);
      if (reply.kind === "ready") resolve(reply);
      else if (reply.kind === "failure") reject(loadingError(provider, reply.message));
    };
    worker.on("message", listener);
    ended.then((cause) => {
      const message = `ONNX Runtime cannot start: ${cause.message}`;
      reject(new VoxplainError("device-unavailable", message, { cause }));
    });
  });
}

function loadingError(provider: NodeProvider, message: string): VoxplainError {
  const reason = provider === "cpu" ? undefined : whyUnavailable(provider, message);
  return reason === undefined
    ? new VoxplainError("invalid-file", `ONNX Runtime cannot load the model: ${onOneLine(message)}`)
    : new VoxplainError("device-unavailable", `${provider} cannot be used here: ${reason}`);
}

function computationError(message: string): VoxplainError {
  return new VoxplainError("computation-failed", `ONNX Runtime could not compute: ${onOneLine(message)}`);
}
