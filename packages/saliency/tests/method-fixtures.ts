import { readdirSync, readFileSync } from "node:fs";
import { type Tensor, tensor } from "@voxplain/core";
import { decodeModel, type Network } from "@voxplain/onnx-graph";
import type { LabelVolume } from "@voxplain/saliency";

/** A method in one setting on the two inputs of a suite, as PyTorch computed it in float64. */
export interface MethodCase {
  readonly method: string;
  readonly options: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  readonly dims: readonly number[];
  readonly map: string;
  readonly delta?: readonly number[];
}

interface Suite {
  readonly network: string;
  readonly dims: readonly number[];
  readonly inputs: readonly string[];
  readonly references: readonly string[];
  readonly image: string;
  readonly labels: readonly number[];
  readonly logits: readonly (readonly number[])[];
  /** Integrated gradients of the inputs from the baseline 0, with 4096 points. */
  readonly integrals: readonly string[];
  readonly cases: readonly MethodCase[];
}

interface Fixtures {
  readonly target: number;
  readonly normals: readonly number[];
  readonly suites: readonly Suite[];
}

const folder = new URL("fixtures/", import.meta.url);

/** What methods are given, and the cases of each method, which has a file of its own. */
export function readMethodFixtures(): Fixtures {
  const { suites, ...rest }: Fixtures = readJson("methods.json");
  const byMethod: Readonly<Record<string, readonly MethodCase[]>>[] = readdirSync(new URL("methods/", folder))
    .sort()
    .map((file) => readJson(`methods/${file}`));
  const withCases = suites.map((suite) => ({
    ...suite,
    cases: byMethod.flatMap((cases) => cases[suite.network] ?? []),
  }));
  return { ...rest, suites: withCases };
}

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(path, folder), "utf8"));
}

export function networkOf({ network, dims }: Suite): Network {
  const model = decodeModel(readFileSync(new URL(network, folder)), { name: network });
  return { model, input: "input", logits: "logits", inputDims: dims, classCount: 3 };
}

export function floats(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}

export function inputsOf({ inputs, dims }: Suite): Tensor<"float32"> {
  const data = Float32Array.from(inputs.flatMap((text) => [...floats(text)]));
  return tensor("float32", [inputs.length, ...dims], data);
}

export function referencesOf({ references, dims }: Suite): Tensor<"float32">[] {
  return references.map((text) => tensor("float32", dims, floats(text)));
}

export function labelsOf({ labels, dims }: Suite): LabelVolume {
  return tensor("int32", dims.slice(1), Int32Array.from(labels));
}

/** ‖a − b‖ / ‖b‖. */
export function relativeError(map: ArrayLike<number>, reference: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let k = 0; k < reference.length; k++) {
    difference += (map[k]! - reference[k]!) ** 2;
    norm += reference[k]! ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Options in a line, for tables. */
export function spelledOptions(options: object): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}
