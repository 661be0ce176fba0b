import type { ErrorCode, ErrorFields, Tensor } from "@voxplain/core";
import type { KernelHelp, LeadingProgram } from "@voxplain/kernels";
import type { RuntimeAssets, WebProvider } from "./assets.ts";

/** What every session of a runtime has in common. */
export interface SessionSettings {
  readonly executionProvider: WebProvider;
  readonly assets: RuntimeAssets;
  readonly threads: number;
  /** The version of ONNX Runtime that the assets have to be of. */
  readonly version: string;
}

/** Memory of a worker that the page writes images to, where memory can be shared. */
export interface ImagePlace {
  /** Name of the input. */
  readonly input: string;
  /** [1, ...inputDims]. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Each is answered but `prepare` and `help`, which come first. */
export type WorkerRequest =
  /** Starts the kernels in front of the model, before its weights are there. */
  | { readonly kind: "prepare"; readonly leading: LeadingProgram; readonly threads: number }
  /** Makes the worker a helper of another one's kernels, for good. */
  | { readonly kind: "help"; readonly help: KernelHelp }
  | {
      readonly kind: "open";
      readonly settings: SessionSettings;
      readonly proto: Uint8Array;
      readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
    }
  | {
      readonly kind: "run";
      readonly feeds: Readonly<Record<string, Tensor>>;
      /** Whether the image is in its place; the feeds lack it then. */
      readonly isPlaced: boolean;
      readonly fetches?: readonly string[];
    };

/** An error of ours on its way between threads, where classes are lost. */
export interface WorkerError extends Pick<ErrorFields, "file" | "expected" | "found" | "hint"> {
  readonly code: ErrorCode;
  readonly problem: string;
}

export type WorkerReply =
  | {
      readonly kind: "ready";
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      readonly place?: ImagePlace;
    }
  | { readonly kind: "result"; readonly results: Readonly<Record<string, Tensor>> }
  | {
      readonly kind: "failure";
      readonly error: WorkerError;
      /** True where the WebAssembly has crashed and cannot go on. */
      readonly crashed: boolean;
    };

/** The part of a Web Worker that is used. */
export interface WorkerLike {
  postMessage(message: WorkerRequest, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}
