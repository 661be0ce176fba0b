import type { DType, LazyTensor, Tensor } from "@voxplain/core";

/** An ONNX model as plain data; made by `decodeModel` or `graphBuilder`, never changed in place. */
export interface Model {
  /** Version of the file format. */
  readonly irVersion: number;
  /** Operator set version per domain; "" is the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  /** What wrote it. */
  readonly producerName: string;
  /** Version of the program that wrote it. */
  readonly producerVersion: string;
  /** Texts by key, of the producer's own. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What it computes. */
  readonly graph: Graph;
}

/** Nodes, and the values between them. */
export interface Graph {
  /** For people. */
  readonly name: string;
  /** In an order in which every value is computed before it is used. */
  readonly nodes: readonly Node[];
  /** What has to be fed; initializers are not listed here. */
  readonly inputs: readonly ValueInfo[];
  /** What it gives. */
  readonly outputs: readonly ValueInfo[];
  /** Weights and constants by the name of their value. */
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Types of inner values, where the file states them. */
  readonly valueInfo: readonly ValueInfo[];
}

/** A constant of the graph: in memory, or read when it is needed. */
export type Initializer = Tensor | LazyTensor;

/** One operation. */
export interface Node {
  /** For people; need not be unique. */
  readonly name: string;
  /** The operator: "Conv". */
  readonly opType: string;
  /** "" for the standard operators. */
  readonly domain: string;
  /** Value names; "" stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  /** Value names; "" stands for an optional output that is not used. */
  readonly outputs: readonly string[];
  /** By name; those that are absent have the operator's defaults. */
  readonly attributes: Attributes;
}

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One attribute, tagged by its ONNX type. Integers beyond 2⁵³ do not occur in attributes of real operators. */
export type Attribute =
  | {
      /** A whole number. */
      readonly int: number;
    }
  | {
      /** Whole numbers. */
      readonly ints: readonly number[];
    }
  | {
      /** A number. */
      readonly float: number;
    }
  | {
      /** Numbers. */
      readonly floats: readonly number[];
    }
  | {
      /** A text. */
      readonly string: string;
    }
  | {
      /** Texts. */
      readonly strings: readonly string[];
    }
  | {
      /** A tensor. */
      readonly tensor: Tensor;
    }
  | {
      /** A branch or a body. */
      readonly graph: Graph;
    }
  | {
      /** Several graphs. */
      readonly graphs: readonly Graph[];
    };

/** An axis length: a number, a symbol ("batch") that is the same wherever it stands, or null for unknown. */
export type Dim = number | string | null;

/** Type and shape of a value. */
export interface ValueInfo {
  /** Name of the value. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** undefined where not even the number of axes is known. */
  readonly dims: readonly Dim[] | undefined;
}

/** True for an initializer that is in memory. */
export function isInMemory(initializer: Initializer): initializer is Tensor {
  return "data" in initializer;
}
