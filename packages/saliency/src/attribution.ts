import type {
  ActivationRule,
  BlockRelevance,
  ConvolutionBlock,
  KernelUse,
  RayPoint,
  Tensor,
} from "@voxplain/core";
import type { GradientRules } from "@voxplain/onnx-autodiff";
import type { Decision, Model } from "@voxplain/onnx-graph";

/** A trained network that can be asked for its logits and for their gradient. */
export interface DifferentiableModel {
  /** Shape of one input without the batch axis: [C, X, Y, Z] or [C, H, W]. */
  readonly inputDims: readonly number[];
  /** Number of logits. */
  readonly classCount: number;
  /** How the logits decide on a class; default "softmax". */
  readonly decision?: Decision;
  /** Whether inputs go through it one by one, also those of a batch: then batches gain nothing. Default: false. */
  readonly oneByOne?: boolean;
  /** Runs that may be asked for at once to good effect; default: 1. */
  readonly concurrentRuns?: number;
  /**
   * Whether maps may be in memory that is used again once `giveBack` of the attribution was called; default: false. Methods whose
   * map is the gradient itself ask for it with `borrow`.
   */
  readonly lendsMaps?: boolean;
  /** Ends what is computed with this model: long computations between passes look at it too. See `watchedModel`. */
  readonly signal?: AbortSignal | undefined;
  /** The inner values between input and logits, in the order in which they are computed. */
  readonly layers: readonly Layer[];
  /**
   * Logits [N, classes], before any softmax, of inputs [N, ...inputDims].
   * @throws VoxplainError `not-finite` where logits, the inputs or weights are not finite.
   */
  forward(input: Tensor<"float32">, options?: ForwardOptions): Promise<Tensor<"float32">>;
  /**
   * The gradient of logit `target` of each input at that input, [N, ...inputDims], and the logits.
   * ReLU'(0) = 0; max-pooling passes it to the first maximum in scan order.
   * @throws VoxplainError `unsupported` when an operator on the way has no rule; `invalid-argument`
   * for a target or a layer that the network does not have; `not-finite` as `forward`. The gradient itself may be
   * infinite or NaN, as that of √x at 0 is.
   */
  gradient(input: Tensor<"float32">, target: number, options?: GradientOptions): Promise<Gradient>;
  /**
   * Where the gradient of logit `target` becomes 0 everywhere on its way to the input [1, ...inputDims]; undefined
   * where it reaches it. Slow: for maps that are zero.
   */
  whereGradientDies?(
    input: Tensor<"float32">,
    target: number,
    options?: PassOptions,
  ): Promise<DeadGradient | undefined>;
  /**
   * Begins to open what a forward pass, or the gradient at the input, is computed with, so that the first one does not wait
   * for it. Resolves when it is open, or cannot be opened: that failure is met by the pass.
   */
  open?(pass: "gradient" | "forward"): Promise<void>;
  /**
   * Memory for one large input [1, ...inputDims] that a pass takes without a copy, the forward pass or the gradient at the
   * input: where its session is open and has some that is free. What is in it is left over from other inputs.
   */
  borrowInput?(pass: "forward" | "gradient"): Tensor<"float32"> | undefined;
  /** Gives such memory back: it must not be read or written any more, and no pass must be waiting for it. */
  giveBackInput?(input: Tensor<"float32">): void;
  /**
   * Begins to sum gradients of logit `target` at multiples of one input [1, ...inputDims], where the runtime does that faster than one
   * `gradient` for each: else it is absent, or resolves with undefined. The sum is that of the gradients up to rounding.
   * @throws VoxplainError as `gradient`.
   */
  beginRay?(
    input: Tensor<"float32">,
    target: number,
    options?: PassOptions,
  ): Promise<GradientRay | undefined>;
  /** What computed the first blocks in the passes so far, each kind of pass once; for records. */
  kernelUses?(): readonly KernelUse[];
  /** Closes every session, also those that are being opened; nothing can be computed afterwards. */
  release(): Promise<void>;
}

/** A sum of gradients at multiples of one input. */
export interface GradientRay {
  /**
   * Adds the gradient at a point: one pass.
   * @returns The logits there, [1, classes].
   * @throws VoxplainError `not-finite` where they are not finite.
   */
  add(point: RayPoint, options?: PassOptions): Promise<Tensor<"float32">>;
  /** The sum, in memory that is used again once `giveBack` was called. */
  sum(options?: PassOptions): Promise<Pick<Gradient, "gradient" | "giveBack">>;
  /** Ends it; to be called in any case. */
  release(): void;
}

/** Where a gradient becomes 0 on its way from the logits to the input. */
export interface DeadGradient {
  /** Name of the value behind which it is 0. */
  readonly layer: string;
  /** The operator that computes the value, and lets nothing through. */
  readonly operator: string;
}

/** A value of the network whose gradient can be asked for. */
export interface Layer {
  /** The value's name in the graph. */
  readonly name: string;
  /** The ONNX operator that computes it. */
  readonly operator: string;
  /** Shape without the batch axis; undefined where it is not known. */
  readonly dims: readonly number[] | undefined;
  /** The axis of its channels, where the batch is axis 0; undefined where the graph does not show it. */
  readonly channelAxis?: number;
}

/** What ends a pass through the network. */
export interface PassOptions {
  /** Rejects the pass with its reason as soon as it is aborted. The model can be used again. */
  readonly signal?: AbortSignal | undefined;
}

/** How a forward pass is computed. */
export interface ForwardOptions extends PassOptions {
  /**
   * Computes by the session of the gradient at the input, where a method asks for that too: a session of its own has its own memory. Default:
   * false.
   */
  readonly inGradient?: boolean;
}

/** At what the gradient is wanted, and by which rules. */
export interface GradientOptions extends PassOptions {
  /** Name of the layer at which the gradient is wanted, instead of the input. */
  readonly layer?: string;
  /** What flows back instead of the gradient. */
  readonly propagation?: Propagation;
  /** Lets `gradient` be in memory that is used again once `giveBack` of the result was called; default: false. */
  readonly borrow?: boolean;
  /** The input is known to be finite, and not looked at again; default: false. */
  readonly knownFinite?: boolean;
}

/**
 * How relevance flows back through the network in place of the gradient. A model keeps one runtime
 * session for each object: make it once, not at each call.
 */
export interface Propagation {
  /** In place of the gradient's. */
  readonly rules: GradientRules;
  /**
   * What the rules are where kernels compute the first blocks: those of activations, or how blocks hand relevance on. Absent, or
   * undefined for these blocks: the whole network is computed by its graph.
   */
  readonly kernels?: ActivationRule | RelevanceOfBlocks;
  /** Rewrites the network first; input, logits and the layer asked for keep their names. */
  readonly prepare?: (model: Model) => Model | Promise<Model>;
}

/**
 * How relevance flows through a network whose first blocks kernels compute; undefined where it does not by kernels.
 * @param cut - Name of the value behind the blocks.
 */
export type RelevanceOfBlocks = (
  blocks: readonly ConvolutionBlock[],
  cut: string,
) => RelevanceThroughBlocks | undefined;

/** The rules of the first blocks, and those behind them. */
export interface RelevanceThroughBlocks {
  /** The rule of each block, from the input on. */
  readonly relevance: readonly BlockRelevance[];
  /** The rules of the network behind them, whose input is the cut. */
  readonly rules: GradientRules;
}

/** A gradient, and what was computed on the way. */
export interface Gradient {
  /** Shaped like the input, or like the layer: [N, ...dims]. */
  readonly gradient: Tensor<"float32">;
  /** Logits [N, classes] of the inputs. */
  readonly logits: Tensor<"float32">;
  /** The values of the layer that was asked for, or the input. */
  readonly values: Tensor<"float32">;
  /** Present where the memory of `gradient` is used again: call it, and read `gradient` no more. */
  readonly giveBack?: () => void;
}

/** A map with the prediction for its input. */
export interface Attribution {
  /** One value per input value, [N, ...inputDims]; where a method has no channels of its own, [N, 1, X, Y, Z] or [N, 1, H, W]. */
  readonly map: Tensor<"float32">;
  /** Logits [N, classes] of the inputs. */
  readonly logits: Tensor<"float32">;
  /**
   * For methods whose maps should add up to a difference of logits: the error of each of the N maps,
   * Σ map − (logit of the input − logit of the baseline); the latter is 0 where there is no baseline.
   */
  readonly delta?: readonly number[];
  /**
   * The part of each `delta` that the method does not account for itself, as by biases that keep relevance or by the
   * error of sampling. Default: all of it.
   */
  readonly unexplained?: readonly number[];
  /** For methods that refine each of the N maps until a tolerance is reached. */
  readonly refinement?: readonly Refinement[];
  /** Present where the memory of `map` is used again: call it, and read `map` no more. */
  readonly giveBack?: () => void;
}

/** How a map was refined until a tolerance was reached, or until no more passes were allowed. */
export interface Refinement {
  /** Passes of the input, or of points on its path, through the network. */
  readonly passes: number;
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
}

/**
 * Explains the logit `target` of each of N inputs [N, ...inputDims]. The inputs of a batch do not
 * influence each other.
 */
export type AttributionMethod = (
  model: DifferentiableModel,
  input: Tensor<"float32">,
  target: number,
) => Promise<Attribution>;
