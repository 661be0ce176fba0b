import {
  type InferenceSession,
  type ModelArtifact,
  type NamedTensors,
  onAbort,
  onOneLine,
  unlessAborted,
  VoxplainError,
} from "@voxplain/core";
import { kernelNames, type LeadingProgram, leadingProgram } from "@voxplain/kernels";
import type {
  ImagePlace,
  SessionSettings,
  WorkerError,
  WorkerLike,
  WorkerReply,
  WorkerRequest,
} from "./worker-protocol.ts";

export interface LoadProgress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** What an opening session reports, and what ends it. */
export interface OpeningOptions {
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface OpenWorker {
  readonly worker: WorkerLike;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly place?: ImagePlace;
}

/**
 * A session in a worker of its own. The worker, and with it all memory, is gone when the session is
 * released, and also when a run is cancelled or the WebAssembly crashes: the next run then opens another.
 */
export async function startWorkerSession(
  startWorker: () => WorkerLike,
  settings: SessionSettings,
  model: ModelArtifact,
  { onProgress, signal: openingSignal }: OpeningOptions = {},
): Promise<InferenceSession> {
  const leading = model.leading && leadingProgram(model.leading);
  const open = (signal: AbortSignal | undefined) =>
    openWorker(startWorker, settings, { model, leading }, { onProgress, signal });
  let current: OpenWorker | undefined = await open(openingSignal);
  const { inputNames, outputNames } = current;
  let queue: Promise<unknown> = Promise.resolve();
  let released = false;
  const discard = () => {
    current?.worker.terminate();
    current = undefined;
  };
  const compute = async (
    feeds: NamedTensors,
    fetches: readonly string[] | undefined,
    transfer: boolean,
    signal: AbortSignal | undefined,
  ): Promise<NamedTensors> => {
    signal?.throwIfAborted();
    current ??= await open(signal);
    const isPlaced = placeImage(feeds, current.place);
    const sent = Object.entries(feeds).filter(([name]) => !isPlaced || name !== current?.place?.input);
    const whole = Object.fromEntries(sent.map(([name, fed]) => [name, ownBuffer(fed)]));
    const buffers = transfer
      ? new Set(Object.values(whole).map(({ data }) => data.buffer as ArrayBuffer))
      : [];
    const request: WorkerRequest = { kind: "run", feeds: whole, isPlaced, ...(fetches && { fetches }) };
    try {
      const reply = await ask(current.worker, request, [...buffers], signal);
      if (reply.kind === "result") return reply.results;
      if (reply.kind === "failure" && reply.crashed) discard();
      throw reply.kind === "failure" ? errorFrom(reply.error) : computationError("it gave no result");
    } finally {
      if (signal?.aborted) discard();
    }
  };

  return {
    inputNames,
    outputNames,
    ...(leading && { kernels: kernelNames(leading) }),
    run(feeds, { fetches, transfer = false, signal } = {}) {
      if (released) return Promise.reject(computationError("the session has ended"));
      const turn = queue.then(() => compute(feeds, fetches, transfer, signal));
      queue = turn.catch(() => {});
      return unlessAborted(turn, signal);
    },
    async release() {
      released = true;
      await queue;
      discard();
    },
  };
}

async function openWorker(
  startWorker: () => WorkerLike,
  settings: SessionSettings,
  { model, leading }: { readonly model: ModelArtifact; readonly leading: LeadingProgram | undefined },
  { onProgress, signal }: OpeningOptions,
): Promise<OpenWorker> {
  signal?.throwIfAborted();
  const worker = startWorker();
  const openIn = async () => {
    // The kernels are compiled while the weights are read.
    if (leading) worker.postMessage({ kind: "prepare", leading, threads: settings.threads }, []);
    const externalData = await readWeights(model, { onProgress, signal });
    signal?.throwIfAborted();
    // The protobuf is the caller's, the weights were read for this worker alone.
    const buffers = externalData.map(({ data }) => data.buffer as ArrayBuffer);
    const request: WorkerRequest = { kind: "open", settings, proto: model.proto, externalData };
    return ask(worker, request, buffers, signal);
  };
  const reply = await openIn().catch((reason: unknown) => {
    worker.terminate();
    throw reason;
  });
  if (reply.kind === "ready") return { worker, ...reply };
  worker.terminate();
  throw reply.kind === "failure" ? errorFrom(reply.error) : computationError("it did not open the model");
}

/** Whole files, one after the other; they move to the worker, so that the page holds no copy. */
async function readWeights(
  { externalData }: ModelArtifact,
  { onProgress, signal }: OpeningOptions,
): Promise<{ path: string; data: Uint8Array }[]> {
  const totalBytes = externalData.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let loadedBytes = 0;
  const read: { path: string; data: Uint8Array }[] = [];
  for (const { location, byteLength, chunks } of externalData) {
    const data = new Uint8Array(byteLength);
    let offset = 0;
    for await (const chunk of chunks()) {
      signal?.throwIfAborted();
      if (offset + chunk.byteLength > byteLength) throw wrongLength(location, byteLength, "more");
      data.set(chunk, offset);
      offset += chunk.byteLength;
      loadedBytes += chunk.byteLength;
      onProgress?.({ loadedBytes, totalBytes });
    }
    if (offset !== byteLength) throw wrongLength(location, byteLength, String(offset));
    read.push({ path: location, data });
  }
  return read;
}

function wrongLength(file: string, expected: number, found: string): VoxplainError {
  return new VoxplainError("invalid-file", "the file of weights has a wrong length", {
    file,
    expected: `${expected} bytes`,
    found,
  });
}

/** One question at a time. A signal ends the worker: there is no other way to stop what it computes. */
function ask(
  worker: WorkerLike,
  request: WorkerRequest,
  transfer: Transferable[],
  signal?: AbortSignal,
): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    const finish = signal ? onAbort(signal, () => reject(signal.reason)) : () => {};
    worker.onmessage = ({ data }) => {
      finish();
      resolve(data);
    };
    worker.onerror = (event) => {
      finish();
      const reason = event.message || "its script cannot be loaded";
      const problem = `the worker of ONNX Runtime broke down: ${reason}`;
      resolve({ kind: "failure", error: { code: "device-unavailable", problem }, crashed: true });
    };
    worker.postMessage(request, transfer);
  });
}

/** A message carries the whole buffer behind an array: of a part of a larger one only the part shall go. */
function ownBuffer(fed: NamedTensors[string]): NamedTensors[string] {
  const { data } = fed;
  return data.byteLength === data.buffer.byteLength
    ? fed
    : ({ ...fed, data: data.slice() } as NamedTensors[string]);
}

/**
 * Writes the image to its place, where it has one: a message would copy it twice. Runs wait for each other, so that the place
 * is free.
 * @returns Whether it is there.
 */
function placeImage(feeds: NamedTensors, place: ImagePlace | undefined): boolean {
  if (place === undefined) return false;
  const image = feeds[place.input];
  if (image?.dtype !== "float32" || image.dims.join() !== place.dims.join()) return false;
  place.data.set(image.data);
  return true;
}

function errorFrom({ code, problem, ...fields }: WorkerError): VoxplainError {
  return new VoxplainError(code, problem, fields);
}

function computationError(message: string): VoxplainError {
  return new VoxplainError("computation-failed", `ONNX Runtime could not compute: ${onOneLine(message)}`);
}
