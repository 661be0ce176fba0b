import {
  bytesPerElement,
  type DType,
  fromBytes,
  type LazyTensor,
  type Tensor,
  tensor,
  VoxplainError,
} from "@voxplain/core";
import type { GraphBuilder } from "@voxplain/onnx-graph";

/** A state dict while a network takes its weights from it. */
export interface Weights {
  /**
   * Makes an entry a weight of the graph and returns its name. undefined in `dims` leaves a length to
   * the entry. What does not fit is remembered, and all of it is said by `check`.
   */
  take(key: string, dims: readonly (number | undefined)[]): string;
  /** The shape of an entry. */
  dims(key: string): readonly number[];
  /** @throws VoxplainError `mismatch` naming every missing, unexpected and misshapen entry. */
  check(): void;
  /** Learnt numbers: without running statistics. */
  readonly parameterCount: number;
}

/** Not weights: counters that BatchNorm keeps in training. */
const ignored = /(^|\.)num_batches_tracked$/;

/**
 * Binds the entries of a state dict to a graph.
 * @param name what the entries are of, for messages: the file and the architecture.
 */
export function bindWeights(
  graph: GraphBuilder,
  entries: ReadonlyMap<string, LazyTensor>,
  name: string,
): Weights {
  const state = new Map([...entries].map(([key, value]) => [key.replace(/^module\./, ""), value]));
  const taken = new Set<string>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  let parameterCount = 0;

  return {
    take(key, dims) {
      const found = state.get(key);
      taken.add(key);
      if (found === undefined) missing.push(`${key} [${dims.map((dim) => dim ?? "?").join(", ")}]`);
      else if (
        found.dims.length !== dims.length ||
        dims.some((dim, axis) => dim !== undefined && dim !== found.dims[axis])
      ) {
        const expected = dims.map((dim) => dim ?? "?").join(", ");
        misshapen.push(`${key} is [${found.dims.join(", ")}] instead of [${expected}]`);
      } else {
        graph.initializer(key, asFloat32(found));
        if (!/\.running_(mean|var)$/.test(key))
          parameterCount += found.dims.reduce((product, dim) => product * dim, 1);
      }
      return key;
    },
    dims: (key) => state.get(key)?.dims ?? [0],
    check() {
      const unexpected = [...state.keys()].filter((key) => !taken.has(key) && !ignored.test(key));
      const complaints = [
        complaint("missing", missing),
        complaint("not expected", unexpected),
        complaint("of another shape", misshapen),
      ].filter((text) => text !== undefined);
      if (complaints.length > 0) {
        throw new VoxplainError(
          "mismatch",
          `the weights of ${name} do not fit: ${complaints.join("; ")}${hint(misshapen)}`,
        );
      }
    },
    get parameterCount() {
      return parameterCount;
    },
  };
}

function complaint(what: string, entries: readonly string[]): string | undefined {
  if (entries.length === 0) return undefined;
  const more = entries.length > 8 ? `, … (${entries.length})` : "";
  return `${what}: ${entries.slice(0, 8).join(", ")}${more}`;
}

function hint(misshapen: readonly string[]): string {
  return misshapen.some((entry) => /^classifier\.\d+\.weight|^fc|\.FC0\./.test(entry)) &&
    misshapen.length <= 2
    ? ". Is the input of another size than in the training?"
    : "";
}

/** Half and double precision weights as float32, converted while they are read. */
function asFloat32(source: LazyTensor): LazyTensor {
  if (source.dtype === "float32") return source;
  const convert = converters[source.dtype];
  if (convert === undefined) {
    throw new VoxplainError("unsupported", `weights of the type ${source.dtype} are not supported`);
  }
  const { dims } = source;
  return {
    dtype: "float32",
    dims,
    async read(): Promise<Tensor> {
      return tensor("float32", dims, convert((await source.read()).data as never));
    },
    async *chunks() {
      // A piece may end inside an element; the rest is kept for the next.
      let rest = new Uint8Array();
      for await (const chunk of source.chunks()) {
        const bytes = new Uint8Array(rest.length + chunk.length);
        bytes.set(rest);
        bytes.set(chunk, rest.length);
        const whole = bytes.length - (bytes.length % bytesPerElement(source.dtype));
        rest = bytes.slice(whole);
        const { buffer } = convert(fromBytes(source.dtype, bytes.subarray(0, whole)) as never);
        yield new Uint8Array(buffer);
      }
    },
  };
}

const converters: Readonly<Partial<Record<DType, (data: never) => Float32Array<ArrayBuffer>>>> = {
  float64: (data: Float64Array) => Float32Array.from(data),
  float16: (data: Uint16Array) => Float32Array.from(data, float16ToNumber),
  bfloat16: (data: Uint16Array) => new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer),
};

/** IEEE 754 binary16. */
function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
