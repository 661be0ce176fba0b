import type { DType, LazyTensor, Tensor } from "@voxplain/core";

/** An ONNX model as plain data; made by `decodeModel` or `graphBuilder`, never changed in place. */
export interface Model {
  readonly irVersion: number;
  /** Operator set version per domain; "" is the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: Graph;
}

export interface Graph {
  readonly name: string;
  /** In an order in which every value is computed before it is used. */
  readonly nodes: readonly Node[];
  /** What has to be fed; initializers are not listed here. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Types of inner values, where the file states them. */
  readonly valueInfo: readonly ValueInfo[];
}

/** A constant of the graph: in memory, or read when it is needed. */
export type Initializer = Tensor | LazyTensor;

export interface Node {
  readonly name: string;
  readonly opType: string;
  /** "" for the standard operators. */
  readonly domain: string;
  /** Value names; "" stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** One attribute, tagged by its ONNX type. Integers beyond 2⁵³ do not occur in attributes of real operators. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: Tensor }
  | { readonly graph: Graph }
  | { readonly graphs: readonly Graph[] };

/** An axis length: a number, a symbol ("batch") that is the same wherever it stands, or null for unknown. */
export type Dim = number | string | null;

export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  /** undefined where not even the number of axes is known. */
  readonly dims: readonly Dim[] | undefined;
}

/** True for an initializer that is in memory. */
export function isInMemory(initializer: Initializer): initializer is Tensor {
  return "data" in initializer;
}
