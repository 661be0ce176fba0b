import { createRequire } from "node:module";
import type { DType, ModelRuntime, NamedTensors, Tensor } from "@voxplain/core";
import { encodeModel, type Model } from "@voxplain/onnx-graph";
import { nodeRuntime } from "@voxplain/runtime-node";
import { leadingProgram } from "../packages/kernels/src/index.ts";
import { leadingSession } from "../packages/runtime-node/src/leading-session.js";
import { plainSession } from "../packages/runtime-node/src/plain-session.js";
import { sessionOptions } from "../packages/runtime-node/src/session-options.js";

const runtimePackage = createRequire(import.meta.url).resolve("@voxplain/runtime-node/package.json");
/** onnxruntime-node itself. */
const ort: Ort = createRequire(runtimePackage)("onnxruntime-node");

/** The part of it that tests use; the root has no types of the package. */
interface Ort {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<OrtSession>;
  };
}

type OrtSession = Parameters<typeof leadingSession>[0];
type OrtTensor = Awaited<ReturnType<OrtSession["run"]>>[string];

/** How graphs are rewritten before they are computed: "disabled" computes node by node, in the order of the model. */
type Optimization = "all" | "disabled";

/**
 * What the runtime for Node computes on the CPU, with its options and its kernels, in this thread: a session opens in some
 * milliseconds, and tests open hundreds. Threads, files and signals are tested with the runtime itself.
 */
export function directRuntime(
  graphOptimizationLevel: Optimization = "all",
  { kernels = true }: { readonly kernels?: boolean } = {},
): ModelRuntime {
  const node = nodeRuntime({ executionProvider: "cpu", threads: 1, kernels });
  return {
    executionProvider: node.executionProvider,
    lowering: { ...node.lowering, storedWeights: false },
    version: node.version,
    async createSession({ proto, externalData, leading: blocks }, { signal } = {}) {
      const external = await Promise.all(
        externalData.map(async ({ location, chunks }) => {
          const parts: Uint8Array[] = [];
          for await (const chunk of chunks()) parts.push(chunk.slice());
          return { path: location, data: new Uint8Array(Buffer.concat(parts)) };
        }),
      );
      const whole = await ort.InferenceSession.create(proto, {
        ...sessionOptions("cpu", 1),
        graphOptimizationLevel,
        externalData: external,
      });
      const session = blocks ? leadingSession(whole, leadingProgram(blocks), {}) : plainSession(whole);
      signal?.throwIfAborted();
      let queue: Promise<unknown> = Promise.resolve();
      const compute = async (feeds: NamedTensors, fetches: readonly string[]): Promise<NamedTensors> => {
        const { outputs } = await session.run(feeds, { fetches, image: undefined, checkWanted: () => {} });
        return Object.fromEntries(Object.entries(outputs).map(([name, found]) => [name, ours(found)]));
      };
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run(feeds, { fetches = session.outputNames, signal: ofRun } = {}) {
          const turn = queue.then(() => {
            ofRun?.throwIfAborted();
            return compute(feeds, fetches);
          });
          queue = turn.catch(() => {});
          return turn;
        },
        async release() {
          await queue;
          await session.release();
        },
      };
    },
  };
}

/** Computes the outputs of a model, in the precision that the model states. */
export async function runOnnx(
  model: Model,
  feeds: NamedTensors,
  optimization?: Optimization,
): Promise<NamedTensors> {
  const session = await directRuntime(optimization).createSession(await encodeModel(model));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function ours({ type, dims, data }: OrtTensor): Tensor {
  return { dtype: type as DType, dims: [...dims], data: data as Tensor["data"] } as Tensor;
}
