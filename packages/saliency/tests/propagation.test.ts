import { readFileSync } from "node:fs";
import { tensor } from "@voxplain/core";
import { decodeModel } from "@voxplain/onnx-graph";
import {
  type AttributionMethod,
  differentiableModel,
  type LrpOptions,
  lrp,
  methods,
} from "@voxplain/saliency";
import { afterAll, describe, expect, it } from "vitest";
import { recordAccuracy } from "../../../tests/accuracy.ts";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { floats, relativeError, spelledOptions } from "./method-fixtures.ts";

interface Case {
  readonly method: "guided-backpropagation" | "deconvolution" | "lrp" | "deep-lift";
  readonly options: Readonly<Record<string, number | string | boolean | readonly number[] | object>>;
  readonly map: string;
  readonly delta?: readonly number[];
}

interface Suite {
  readonly network: string;
  readonly dims: readonly number[];
  readonly inputs: readonly string[];
  readonly image: string;
  readonly logits: readonly (readonly number[])[];
  readonly cases: readonly Case[];
}

const folder = new URL("fixtures/", import.meta.url);
const { target, suites }: { readonly target: number; readonly suites: readonly Suite[] } = JSON.parse(
  readFileSync(new URL("propagation.json", folder), "utf8"),
);
const runtime = directRuntime();

describe.each(suites)("on $network, as zennit's and Captum's formulas in float64", (suite) => {
  const { network, dims } = suite;
  const decoded = decodeModel(readFileSync(new URL(network, folder)), { name: network });
  const model = differentiableModel(
    { model: decoded, input: "input", logits: "logits", inputDims: dims, classCount: 3 },
    runtime,
  );
  const input = tensor(
    "float32",
    [suite.inputs.length, ...dims],
    Float32Array.from(suite.inputs.flatMap((text) => [...floats(text)])),
  );
  afterAll(() => model.release());

  function create({ method, options }: Case): AttributionMethod {
    if (typeof options.composite === "object") return lrp(options as LrpOptions);
    const { baselineImage, ...values } = options as Record<string, number | string | boolean>;
    return methods[method].create({
      ...values,
      ...(baselineImage && { baselineImage: tensor("float32", dims, floats(suite.image)) }),
    }).compute;
  }

  it.each(suite.cases.map((one) => [one.method, JSON.stringify(one.options), one] as const))(
    "%s %s",
    async (_method, _options, reference) => {
      const { map, logits, delta } = await create(reference)(model, input, target);
      expect(map.dims).toEqual(input.dims);
      const error = relativeError(map.data, floats(reference.map));
      recordAccuracy("methods", `${reference.method} ${suite.network} ${JSON.stringify(reference.options)}`, {
        method: reference.method,
        network: suite.network,
        options: spelledOptions(reference.options),
        error,
      });
      // Float32, some 1e-6, times what quotients of small sums make of it.
      expect(error).toBeLessThan(1e-4);
      expect(relativeError(logits.data, suite.logits.flat())).toBeLessThan(1e-6);
      for (const [n, value] of (reference.delta ?? []).entries()) {
        expect(Math.abs(delta![n]! - value)).toBeLessThan(1e-5);
      }
    },
  );
});
