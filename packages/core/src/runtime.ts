import type { NamedTensors } from "./tensor.ts";

/** Weights that lie outside the ONNX protobuf, as ONNX "external data". */
export interface ExternalData {
  /** The name by which the protobuf refers to it. */
  readonly location: string;
  readonly byteLength: number;
  /** The content in pieces, from the start; can be asked for again. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** An ONNX model as a runtime takes it: a small protobuf and its weights. */
export interface ModelArtifact {
  readonly proto: Uint8Array;
  readonly externalData: readonly ExternalData[];
}

export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Computes `fetches`, or every output where none are named. Runs are queued, one at a time.
   * Tensors returned belong to the caller. Tensors fed may be handed over (and be empty afterwards)
   * where `transfer` is true: it spares a copy.
   */
  run(feeds: NamedTensors, options?: RunOptions): Promise<NamedTensors>;
  release(): Promise<void>;
}

export interface RunOptions {
  readonly fetches?: readonly string[];
  readonly transfer?: boolean;
  /** Rejects the run with its reason as soon as it is aborted. The session can be used again. */
  readonly signal?: AbortSignal;
}

/**
 * How a runtime wants a graph to be written, where several spellings compute the same.
 * - `poolingGradient`: "indices" uses MaxPool's second output and MaxUnpool; "windows" gathers each
 *   window and needs neither (WebGPU has no such outputs).
 * - `convolution3d`: "blocked" spells a 3D convolution as 2D ones, for which the CPU provider has
 *   faster kernels; "direct" leaves it.
 */
export interface Lowering {
  readonly poolingGradient: "indices" | "windows";
  readonly convolution3d: "blocked" | "direct";
}

export type ExecutionProvider = "cpu" | "cuda" | "webgpu" | "wasm" | "dml" | "coreml";

/** Whether a provider can be used here. */
export interface DeviceReport {
  readonly executionProvider: ExecutionProvider;
  readonly usable: boolean;
  /** True for a "GPU" that the processor imitates: right, and slow. */
  readonly software: boolean;
  /** What was found, or what is missing and what to do. */
  readonly detail: string;
}

export interface ModelRuntime {
  readonly executionProvider: ExecutionProvider;
  readonly lowering: Lowering;
  /** Name and version of what computes, for provenance: "onnxruntime-node 1.30.0". */
  readonly version: string;
  /**
   * Rejects with VoxplainError `device-unavailable` where the provider is absent (it never falls
   * back to another silently), `invalid-file` where the model cannot be loaded.
   */
  createSession(model: ModelArtifact): Promise<InferenceSession>;
}
