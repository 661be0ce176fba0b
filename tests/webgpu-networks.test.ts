// Networks of every kind on WebGPU, beside the CPU; and which nodes ONNX Runtime gives to which of the two.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferenceSession, ModelArtifact, ModelRuntime, NamedTensors, Tensor } from "@voxplain/core";
import { buildNetwork } from "@voxplain/model-loader";
import { type NodeProvider, nodeRuntime } from "@voxplain/runtime-node";
import { differentiableModel } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { networkFixture } from "../packages/model-loader/tests/network-fixtures.ts";
import { useSwiftShader } from "../packages/runtime-node/tests/swiftshader.ts";
import { casesOf } from "./long-tests.ts";

// The processor imitates the graphics card here, so these are the small ones of each kind.
const names = ["convnet", "random_2d_batch_stride", "random_3d_batch_pool", "random_3d_instance_stride"];

describe.skipIf(!useSwiftShader()).each(casesOf(names, (name) => name === "convnet"))(
  "%s on WebGPU",
  (name) => {
    const { settings, stateDict, inputDims, input, target } = networkFixture(name);
    const network = buildNetwork(settings, stateDict, inputDims);
    const gradientBy = async (runtime: ModelRuntime) => {
      const model = differentiableModel(network, runtime);
      const { gradient } = await model.gradient(input(), target);
      await model.release();
      return gradient.data;
    };

    it("has the gradient that it has on the CPU, and leaves the CPU nothing but the arithmetic of shapes", async () => {
      const { runtime, nodes } = profiled("webgpu");
      const found = await gradientBy(runtime);
      const expected = await gradientBy(nodeRuntime({ executionProvider: "cpu", threads: 2 }));
      // float32 in another order of summation.
      expect(relativeError(found, expected)).toBeLessThan(1e-4);
      const computed = nodes.filter(({ floats }) => floats);
      expect(computed.length).toBeGreaterThan(20);
      expect(computed.filter(({ provider }) => provider !== "WebGpuExecutionProvider")).toEqual([]);
    });
  },
);

describe.skipIf(!useSwiftShader())("max-pooling on WebGPU", () => {
  it("passes the gradient to the first of several maxima, as the CPU does", async () => {
    const { settings, stateDict, inputDims, input, target } = networkFixture("random_3d_batch_pool");
    const network = buildNetwork(settings, stateDict, inputDims);
    const image = input();
    // Background: all windows in it are ties.
    const tied = { ...image, data: image.data.map((value, k) => (2 * k < image.data.length ? 0 : value)) };
    const gradients = [];
    for (const executionProvider of ["webgpu", "cpu"] as const) {
      const model = differentiableModel(network, nodeRuntime({ executionProvider, threads: 2 }));
      gradients.push((await model.gradient(tied, target)).gradient.data);
      await model.release();
    }
    // Some of the gradient goes there: another maximum would be seen.
    expect(gradients[1]!.subarray(0, image.data.length / 2).some((value) => value !== 0)).toBe(true);
    expect(relativeError(gradients[0]!, gradients[1]!)).toBeLessThan(1e-4);
  });
});

function relativeError(found: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (const [k, value] of expected.entries()) {
    difference += (found[k]! - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}

interface ProfiledNode {
  readonly operator: string;
  readonly provider: string;
  /** True where an output is a float32 tensor. */
  readonly floats: boolean;
}

/** onnxruntime-node without its thread: after a run, what ONNX Runtime's profiler reports for each node. */
function profiled(provider: NodeProvider): { runtime: ModelRuntime; nodes: ProfiledNode[] } {
  const runtimePackage = createRequire(import.meta.url).resolve("@voxplain/runtime-node/package.json");
  const ort = createRequire(runtimePackage)("onnxruntime-node");
  const nodes: ProfiledNode[] = [];
  const createSession = async (model: ModelArtifact): Promise<InferenceSession> => {
    const folder = mkdtempSync(join(tmpdir(), "voxplain-profile-"));
    const session = await ort.InferenceSession.create(model.proto, {
      executionProviders: [{ name: provider, preferredLayout: "NCHW" }],
      externalData: await Promise.all(
        model.externalData.map(async ({ location, chunks }) => {
          const parts: Uint8Array[] = [];
          for await (const chunk of chunks()) parts.push(chunk.slice());
          return { path: location, data: Buffer.concat(parts) };
        }),
      ),
      extra: { optimization: { disable_specified_optimizers: "Pad_Fusion" } },
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
      logSeverityLevel: 3,
    });
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      async run(feeds) {
        const fed = Object.entries(feeds).map(([key, { data, dims }]) => [
          key,
          new ort.Tensor("float32", data, dims),
        ]);
        const results: NamedTensors = await session.run(Object.fromEntries(fed));
        return Object.fromEntries(
          Object.entries(results).map(([key, { data, dims }]) => [
            key,
            { dtype: "float32", dims, data } as Tensor<"float32">,
          ]),
        );
      },
      async release() {
        session.endProfiling();
        await session.release();
        nodes.push(...readProfile(join(folder, readdirSync(folder)[0]!)));
        rmSync(folder, { recursive: true });
      },
    };
  };
  return { runtime: { ...nodeRuntime({ executionProvider: provider }), createSession }, nodes };
}

function readProfile(path: string): ProfiledNode[] {
  const events: {
    cat: string;
    args?: { provider?: string; op_name: string; output_type_shape: object[] };
  }[] = JSON.parse(readFileSync(path, "utf8"));
  return events.flatMap(({ cat, args }) => {
    if (cat !== "Node" || args?.provider === undefined) return [];
    const floats = args.output_type_shape.some((type) => "float" in type);
    return [{ operator: args.op_name, provider: args.provider, floats }];
  });
}
