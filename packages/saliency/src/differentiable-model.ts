import {
  elementAt,
  type InferenceSession,
  type KernelUse,
  type ModelRuntime,
  type NamedTensors,
  type SessionOptions,
  type Tensor,
  tensor,
  unlessAborted,
  VoxplainError,
} from "@voxplain/core";
import type { Network } from "@voxplain/onnx-graph";
import type {
  DifferentiableModel,
  ForwardOptions,
  Gradient,
  GradientOptions,
  Propagation,
} from "./attribution.ts";
import { checkLayer } from "./check-layer.ts";
import { differentiateFor } from "./differentiate-for.ts";
import { checkFiniteInput, notFiniteRow } from "./finite/check-values.ts";
import { withCheckedWeights } from "./finite/check-weights.ts";
import { locateNotFinite } from "./finite/locate.ts";
import { kernelUse } from "./kernel-use.ts";
import { layersBetween } from "./layers.ts";
import { artifactOf, isBehind, leadingFor, leadingForward, leadingGradient } from "./leading-artifact.ts";
import { acceptedBatches, joined, joinedGradients, keptApart } from "./one-by-one.ts";
import { findDeadGradient } from "./warnings/dead-gradient.ts";

/**
 * A network on a runtime. It is differentiated and opened when a gradient is first asked for; then one
 * session serves every input and every target class, and each other layer or propagation has its own. Inputs of a batch
 * go through the network one by one unless it provably computes each of them by itself. Where many small inputs are to
 * be explained, let the runtime compute several at once by `concurrentRuns`.
 *
 * Weights, inputs and logits that are not finite are refused with VoxplainError `not-finite`, whose message names the
 * weight, or the layer at which the logits cease to be finite.
 * @throws VoxplainError `unsupported` for a network that needs batches of another length than 1.
 */
export function differentiableModel(
  given: Network,
  runtime: ModelRuntime,
  options: SessionOptions = {},
): DifferentiableModel {
  const { network, oneByOne } = keptApart(given);
  const { input, logits, inputDims, classCount, decision = "softmax" } = network;
  const layers = layersBetween(network);
  const checkedModel = once(() => withCheckedWeights(network.model));
  const leading = once(() => leadingFor(network, checkedModel(), runtime, "gradient"));
  const openForward = async () => {
    const found = await leadingFor(network, checkedModel(), runtime, "forward");
    const artifact = found
      ? await leadingForward(network, found, runtime)
      : await artifactOf(checkedModel(), runtime);
    const session = await runtime.createSession(artifact, options);
    return { session, use: kernelUse("forward", session, runtime) };
  };
  const openGradient = async (value: string, propagation: Propagation | undefined) => {
    // Values inside the first blocks, and other rules for them, need the whole graph.
    const suits = value === input && (propagation === undefined || propagation.kernels !== undefined);
    const ofRule = () => leadingFor(network, checkedModel(), runtime, "gradient", propagation);
    // What a method makes of the whole network begins otherwise.
    const begins = suits || propagation?.prepare === undefined;
    const found = begins ? await (suits && propagation ? ofRule() : leading()) : undefined;
    const begun =
      found && (suits || isBehind(found, value))
        ? await leadingGradient(network, found, runtime, value, propagation)
        : undefined;
    if (begun) {
      const { artifact, ...names } = begun;
      const session = await runtime.createSession(artifact, options);
      return { session, ...names, use: kernelUse("gradient", session, runtime) };
    }
    const model = checkedModel();
    const prepared = (await propagation?.prepare?.(model)) ?? model;
    const differentiated = differentiateFor(network, prepared, {
      output: logits,
      withRespectTo: [value],
      ...(propagation && { rules: propagation.rules }),
    });
    const session = await runtime.createSession(await artifactOf(differentiated.model, runtime), options);
    // Kernels suit the network, but not what is asked of it.
    const isWholeNeeded = (await leading()) !== undefined;
    return {
      session,
      use: kernelUse("gradient", session, runtime, isWholeNeeded),
      cotangent: differentiated.cotangent,
      gradient: differentiated.gradients[value]!,
    };
  };
  let released = false;
  const uses = new Set<KernelUse>();
  /** Sessions whose memory can be borrowed. */
  const lenders: { forward?: InferenceSession; gradient?: InferenceSession } = {};
  let forward: ReturnType<typeof openForward> | undefined;
  const gradients = new Map<string, Map<Propagation | undefined, ReturnType<typeof openGradient>>>();
  const closeForward = async () => {
    const closing = forward;
    forward = undefined;
    delete lenders.forward;
    await closing?.then(({ session }) => session.release()).catch(() => {});
  };
  const gradientSession = (value: string, propagation: Propagation | undefined) => {
    const ofValue =
      gradients.get(value) ?? new Map<Propagation | undefined, ReturnType<typeof openGradient>>();
    gradients.set(value, ofValue);
    const open = async () => {
      if (runtime.copiesWeights) await closeForward();
      return openGradient(value, propagation);
    };
    const opened = ofValue.get(propagation) ?? open();
    ofValue.set(propagation, opened);
    return opened;
  };

  const acceptsNaN = network.model.graph.nodes.some(({ opType }) => opType === "IsNaN" || opType === "IsInf");
  const check = (batch: Tensor<"float32">, knownFinite = false) => {
    checkInput(batch, inputDims);
    if (!acceptsNaN && !knownFinite) checkFiniteInput(batch);
  };
  const finite = async (
    batch: Tensor<"float32">,
    found: Tensor<"float32">,
    signal: AbortSignal | undefined,
  ) => {
    const row = notFiniteRow(found);
    if (row === undefined) return found;
    const own = oneByOne ? batch : rowOf(batch, row);
    const begin = await locateNotFinite(network, runtime, own, signal);
    throw new VoxplainError(
      "not-finite",
      `the network gives logits that are not finite (${rowOf(found, row).data.join(", ")})` +
        (begin === undefined ? "" : `; ${begin}`),
    );
  };
  // An abort ends the wait for a session and not its opening: it stays open for whoever comes next.
  const forwardOf = async (
    batch: Tensor<"float32">,
    { inGradient = false, signal }: ForwardOptions,
  ): Promise<Tensor<"float32">> => {
    signal?.throwIfAborted();
    const known = inGradient
      ? await unlessAborted(gradientSession(input, undefined), signal)
      : runtime.copiesWeights && forward === undefined
        ? await gradients
            .get(input)
            ?.get(undefined)
            ?.catch(() => {})
        : undefined;
    if (known !== undefined) {
      uses.add(known.use);
      lenders.gradient = known.session;
      const none = tensor(
        "float32",
        [elementAt(batch.dims, 0), classCount],
        new Float32Array(elementAt(batch.dims, 0) * classCount),
      );
      const fed = { [input]: batch, [known.cotangent]: none };
      const results = await known.session.run(fed, { fetches: [logits], signal });
      return finite(batch, float32(results, logits), signal);
    }
    forward ??= openForward();
    const { session, use } = await unlessAborted(forward, signal);
    uses.add(use);
    lenders.forward = session;
    const results = await session.run({ [input]: batch }, { fetches: [logits], signal });
    return finite(batch, float32(results, logits), signal);
  };
  const gradientOf = async (
    batch: Tensor<"float32">,
    target: number,
    { layer, propagation, borrow = false, signal }: GradientOptions,
  ): Promise<Gradient> => {
    signal?.throwIfAborted();
    const cotangent = oneHot(elementAt(batch.dims, 0), classCount, target);
    const opened = await unlessAborted(gradientSession(layer ?? input, propagation), signal);
    uses.add(opened.use);
    if (layer === undefined && propagation === undefined) lenders.gradient = opened.session;
    const results = await opened.session.run(
      { [input]: batch, [opened.cotangent]: cotangent },
      { fetches: [logits, opened.gradient, ...(layer === undefined ? [] : [layer])], borrow, signal },
    );
    const values = layer === undefined ? batch : float32(results, layer);
    if (values.dims[0] !== batch.dims[0]) {
      throw new VoxplainError("invalid-argument", `the first axis of the layer ${layer} is not the batch`, {
        expected: `[${batch.dims[0]}, …]`,
        found: `[${values.dims.join(", ")}]`,
      });
    }
    const gradient = float32(results, opened.gradient);
    const giveBack = opened.session.giveBack && (() => opened.session.giveBack?.(gradient));
    try {
      const ownLogits = await finite(batch, float32(results, logits), signal);
      return { gradient, logits: ownLogits, values, ...(borrow && giveBack && { giveBack }) };
    } catch (error) {
      giveBack?.();
      throw error;
    }
  };

  return {
    inputDims,
    classCount,
    decision,
    oneByOne,
    concurrentRuns: options.concurrentRuns ?? 1,
    layers,
    async forward(batch, options = {}) {
      check(batch);
      const parts: Tensor<"float32">[] = [];
      for (const part of acceptedBatches(batch, oneByOne)) parts.push(await forwardOf(part, options));
      return joined(parts);
    },
    async gradient(batch, target, options = {}) {
      check(batch, options.knownFinite);
      if (options.layer !== undefined) checkLayer(options.layer, { input, inputDims, layers });
      const parts: Gradient[] = [];
      for (const part of acceptedBatches(batch, oneByOne)) {
        parts.push(await gradientOf(part, target, options));
      }
      return joinedGradients(parts, batch, options);
    },
    async beginRay(image, target, { signal } = {}) {
      check(image);
      const cotangent = oneHot(elementAt(image.dims, 0), classCount, target);
      const opened = await unlessAborted(gradientSession(input, undefined), signal);
      const ray = await opened.session.beginRay?.(image, { signal });
      if (ray === undefined) return undefined;
      uses.add(opened.use);
      lenders.gradient = opened.session;
      return {
        async add(point, options = {}) {
          const fed = { [opened.cotangent]: cotangent };
          const results = await ray.add(point, fed, { fetches: [logits], signal: options.signal });
          const found = float32(results, logits);
          if (notFiniteRow(found) === undefined) return found;
          const there = image.data.map((value) => value * point.position);
          return finite(tensor("float32", image.dims, there), found, options.signal);
        },
        async sum(options = {}) {
          const gradient = await ray.sum({ borrow: true, signal: options.signal });
          return { gradient, giveBack: () => opened.session.giveBack?.(gradient) };
        },
        release: ray.release,
      };
    },
    whereGradientDies: async (batch, target, { signal } = {}) => {
      const cotangent = oneHot(elementAt(batch.dims, 0), classCount, target);
      return findDeadGradient(network, layers, runtime, { batch, cotangent, signal });
    },
    async open(pass) {
      if (released) return;
      try {
        if (pass === "forward") {
          if (runtime.copiesWeights && gradients.get(input)?.has(undefined)) return;
          forward ??= openForward();
          lenders.forward = (await forward).session;
        } else lenders.gradient = (await gradientSession(input, undefined)).session;
      } catch {
        // The pass meets it.
      }
    },
    borrowInput: (pass) => lenders[pass]?.borrowInput?.(input) as Tensor<"float32"> | undefined,
    giveBackInput(lent) {
      lenders.forward?.giveBack?.(lent);
      lenders.gradient?.giveBack?.(lent);
    },
    kernelUses: () => [...uses],
    async release() {
      released = true;
      const opened = [...gradients.values()].flatMap((ofValue) => [...ofValue.values()]);
      for (const one of await Promise.allSettled([...opened, forward])) {
        if (one.status === "fulfilled") await one.value?.session.release();
      }
    },
  };
}

/** The cotangent that asks for one logit of every input: [N, classes], 1 in the column of the target. */
function oneHot(count: number, classCount: number, target: number): Tensor<"float32"> {
  if (!Number.isInteger(target) || target < 0 || target >= classCount) {
    throw new VoxplainError("invalid-argument", `the target class ${target} does not exist`, {
      expected: `one of the classes 0 to ${classCount - 1}`,
    });
  }
  const data = new Float32Array(count * classCount);
  for (let row = 0; row < count; row++) data[row * classCount + target] = 1;
  return tensor("float32", [count, classCount], data);
}

function checkInput({ dims }: Tensor<"float32">, inputDims: readonly number[]): void {
  if (dims.length !== inputDims.length + 1 || inputDims.some((length, axis) => length !== dims[axis + 1])) {
    throw new VoxplainError("mismatch", "the inputs have another shape than the network takes", {
      expected: `[N, ${inputDims.join(", ")}]`,
      found: `[${dims.join(", ")}]`,
    });
  }
}

function rowOf({ dims, data }: Tensor<"float32">, row: number): Tensor<"float32"> {
  const size = data.length / elementAt(dims, 0);
  return tensor("float32", [1, ...dims.slice(1)], data.slice(row * size, (row + 1) * size));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function float32(results: NamedTensors, name: string): Tensor<"float32"> {
  const found = results[name];
  if (found?.dtype !== "float32") {
    throw new VoxplainError("computation-failed", `the runtime gave no float32 for ${name}`, {
      expected: "float32",
      found: found?.dtype ?? "nothing",
    });
  }
  return found;
}
