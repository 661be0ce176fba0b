import type { BlockRelevance } from "./block-relevance.ts";
import type { ConvolutionBlock } from "./convolution-block.ts";
import type { NamedTensors, Tensor } from "./tensor.ts";

/** Weights stored outside the ONNX protobuf, as ONNX "external data". */
export interface ExternalData {
  /** The name by which the protobuf refers to it. */
  readonly location: string;
  /** Length of the whole content. */
  readonly byteLength: number;
  /** The content in pieces, from the start; can be asked for again. */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * Weights in a file of this machine, such as a checkpoint: the protobuf refers to it by its name, as ONNX "external data",
 * with the place of each weight in it.
 */
export interface StoredWeights {
  /** The path of the file, behind all symbolic links. */
  readonly path: string;
  /**
   * Reads all weights and verifies them; without it they are not verified.
   * @throws VoxplainError what reading them throws: `invalid-file`, `not-finite`; the signal's reason.
   */
  check(signal?: AbortSignal): Promise<void>;
}

/** An ONNX model as a runtime takes it: a small protobuf and its weights. */
export interface ModelArtifact {
  /** The bytes of the `.onnx` file. */
  readonly proto: Uint8Array;
  /** The files of weights that it refers to. */
  readonly externalData: readonly ExternalData[];
  /** Weights that stay where they are, for runtimes whose `lowering` has `storedWeights`. */
  readonly stored?: StoredWeights;
  /** Blocks in front of the model, for runtimes whose `lowering` has `kernels`. */
  readonly leading?: LeadingKernels;
}

/**
 * The first blocks of a network, which kernels of the runtime compute; the model is what is behind them. The session takes
 * `input` in the place of the model's input `cut`, and gives `gradient` in the place of its output `cutGradient`. All other
 * inputs of the model have one row for each image.
 */
export interface LeadingKernels {
  /** The blocks, from the image on. */
  readonly blocks: readonly ConvolutionBlock[];
  /** Name of the image. */
  readonly input: string;
  /** Lengths of the image, without batch and channels. */
  readonly inputDims: readonly number[];
  /** Name of the value behind the blocks. */
  readonly cut: string;
  /** Names of the gradient at `cut` and of that at `input`; absent where the model has no gradient. */
  readonly gradients?: {
    /** Name of the gradient at `cut`, an output of the model. */
    readonly cut: string;
    /** Name under which the session gives the gradient at `input`. */
    readonly input: string;
  };
  /** What the activations of the blocks let back; absent: the gradient. */
  readonly rule?: ActivationRule;
  /** How each block hands relevance to its input, which then takes the place of the gradient; blocks have no averages. */
  readonly relevance?: readonly BlockRelevance[];
}

/**
 * What activations let back in place of the gradient. `guided`: of what is positive, what the gradient would let through (guided
 * backpropagation); `deconvolution`: all that is positive.
 */
export type ActivationRule = "guided" | "deconvolution";

/** Names of the kernels that compute the first blocks of a network, from the image on: one for each block. */
export interface SessionKernels {
  /** For the forward pass. */
  readonly forward: readonly string[];
  /** For the gradient at the input of each block; absent where kernels compute the forward pass alone. */
  readonly gradient?: readonly string[];
}

/** What computed the first blocks (convolution, activation, pooling) of a network in one kind of pass. */
export interface KernelUse {
  /** "gradient": the forward pass and the gradient; "forward": the outputs alone. */
  readonly pass: "gradient" | "forward";
  /** How many of the first blocks kernels of Voxplain computed; the runtime computed the rest, and all where it is 0. */
  readonly blocks: number;
  /** By which kernels; absent where they computed none. */
  readonly kernels?: SessionKernels;
  /** Why kernels computed none. */
  readonly reason?: string;
}

/** A network that is open on a device. */
export interface InferenceSession {
  /** Names of the graph's inputs, in its order. */
  readonly inputNames: readonly string[];
  /** Names of the graph's outputs, in its order. */
  readonly outputNames: readonly string[];
  /** Which kernels compute the model's `leading` blocks; absent where the session has none. */
  readonly kernels?: SessionKernels;
  /**
   * Computes `fetches`, or every output where none are named. Runs are queued, one at a time but where
   * the session was made for several.
   * Tensors returned belong to the caller, unless `borrow` is true. Tensors fed may be handed over (and be empty afterwards)
   * where `transfer` is true: it spares a copy.
   */
  run(feeds: NamedTensors, options?: RunOptions): Promise<NamedTensors>;
  /**
   * Memory of the session's own for one large input, where it has some that is free: to be written, and then fed without a
   * copy, as often as wanted. Other runs may wait until it is given back. Absent in sessions that have no such memory.
   */
  borrowInput?(name: string): Tensor<"float32"> | undefined;
  /**
   * Gives back an input, or a result of a run with `borrow`: it must not be read or written any more. Tensors that are not
   * of the session's memory are ignored.
   */
  giveBack?(tensor: Tensor): void;
  /**
   * Begins to sum gradients at multiples of one image [1, ...dims], where the session does that faster than one run for each: else it is
   * absent, or resolves with undefined. A sum waits for the one begun before it; other runs may come between its points.
   */
  beginRay?(image: Tensor<"float32">, options?: Pick<RunOptions, "signal">): Promise<SessionRay | undefined>;
  /** Gives back memory and threads; nothing can be run afterwards. */
  release(): Promise<void>;
}

/** A point on the straight way from 0 everywhere to an image. */
export interface RayPoint {
  /** The image is multiplied by it: above 0, at most 1. */
  readonly position: number;
  /** What the gradient there is multiplied by. */
  readonly weight: number;
}

/** A sum of gradients at multiples of one image. */
export interface SessionRay {
  /** Computes `fetches` of the model at a point, with its other inputs, and adds the gradient at the image to the sum. */
  add(
    point: RayPoint,
    feeds: NamedTensors,
    options?: Pick<RunOptions, "fetches" | "signal">,
  ): Promise<NamedTensors>;
  /** The sum; `borrow` and `giveBack` as of `run`. */
  sum(options?: Pick<RunOptions, "borrow" | "signal">): Promise<Tensor<"float32">>;
  /** Ends it; to be called in any case. Nothing can be added afterwards. */
  release(): void;
}

/** What a run is to compute, and how. */
export interface RunOptions {
  /** Names of the outputs wanted; default: all. */
  readonly fetches?: readonly string[];
  /** Lets the runtime take the fed tensors over, which are empty afterwards. */
  readonly transfer?: boolean;
  /**
   * Keeps large results in memory of the session, which it uses again once `giveBack` has returned them;
   * default: false. A result that never is given back costs its memory until the session is released, no more: later results
   * are copied. Nothing is promised: a result may belong to the caller all the same.
   */
  readonly borrow?: boolean;
  /**
   * Rejects the run with its reason as soon as it is aborted. A run that waits for its turn is not computed; one that
   * is being computed may go on unseen where native code cannot be stopped. The session can be used again.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a runtime wants a graph to be written, where several spellings compute the same.
 * - `poolingGradient`: "indices" uses MaxPool's second output and MaxUnpool; "windows" gathers each
 *   window and needs neither (WebGPU has no such outputs).
 * - `convolution3d`: "blocked" rewrites a 3D convolution as 2D ones, for which the CPU provider has
 *   faster kernels; "direct" leaves it.
 */
export interface Lowering {
  /** How the gradient of max-pooling is expressed: by the indices of the maxima, or by windows. */
  readonly poolingGradient: "indices" | "windows";
  /** How 3D convolutions are expressed: in blocks that a 2D kernel computes, or unchanged. */
  readonly convolution3d: "blocked" | "direct";
  /** Takes the first blocks of a network apart from its graph, as `ModelArtifact.leading`, and computes them by kernels of its own. */
  readonly kernels?: boolean;
  /** Reads weights from the file that they are in, as `ModelArtifact.stored`, where that is a file of this machine. */
  readonly storedWeights?: boolean;
}

/** What a session will be used for. */
export interface SessionOptions {
  /**
   * Runs that will be asked for at once; default: 1. Small inputs are computed faster beside each other, each by
   * few threads, than one after the other by all. It may be ignored; results are the same up to rounding.
   */
  readonly concurrentRuns?: number;
  /** Rejects the opening with its reason as soon as it is aborted. What was opened by then is released. */
  readonly signal?: AbortSignal | undefined;
}

/** What computes, as ONNX Runtime calls it. */
export type ExecutionProvider = "cpu" | "cuda" | "webgpu" | "wasm" | "dml" | "coreml";

/** Whether a provider can be used here. */
export interface DeviceReport {
  /** The provider that this report is about. */
  readonly executionProvider: ExecutionProvider;
  /** Whether it can be used here. */
  readonly usable: boolean;
  /** True for a "GPU" that the processor imitates: right, and slow. */
  readonly software: boolean;
  /** What was found, or what is missing and what to do. */
  readonly detail: string;
}

/** Opens networks on one kind of device. */
export interface ModelRuntime {
  /** What it computes with. */
  readonly executionProvider: ExecutionProvider;
  /** The form of graph that it executes best. */
  readonly lowering: Lowering;
  /** Name and version of what computes, for provenance: "onnxruntime-node 1.30.0". */
  readonly version: string;
  /**
   * Whether each session holds a copy of the weights in memory that is scarce. A network then keeps one session open where it can: that of
   * its gradient computes forward passes, too. Default: false.
   */
  readonly copiesWeights?: boolean;
  /**
   * Rejects with VoxplainError `device-unavailable` where the provider is absent (it never falls
   * back to another silently), `invalid-file` where the model cannot be loaded.
   */
  createSession(model: ModelArtifact, options?: SessionOptions): Promise<InferenceSession>;
}
