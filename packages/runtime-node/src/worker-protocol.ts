import type { RayPoint, Tensor } from "@voxplain/core";
import type { KernelHelp, LeadingProgram } from "@voxplain/kernels";
import type { SharedPlaces } from "./lent-memory.ts";
import type { NodeProvider } from "./providers.ts";

/** What a session's worker is started with. */
export interface WorkerSettings {
  readonly executionProvider: NodeProvider;
}

/** What ONNX Runtime loads: an ONNX file, or the bytes of one that refers to weights in a folder. */
export type ModelSource =
  | { readonly path: string }
  | { readonly proto: Uint8Array; readonly weightsFolder: string };

/** What a run does for a sum of gradients at multiples of one image. */
export type RayStep =
  | { readonly kind: "begin" }
  | { readonly kind: "add"; readonly point: RayPoint }
  | { readonly kind: "sum" };

export type WorkerRequest =
  /** The first one. */
  | {
      readonly kind: "load";
      readonly source: ModelSource;
      readonly threads: number;
      readonly leading: LeadingProgram | undefined;
    }
  | {
      readonly kind: "run";
      readonly id: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
      /** In which shared place the image is, which `feeds` lack then. */
      readonly image?: number;
      readonly fetches?: readonly string[];
      /** What to do for a sum of gradients at multiples of the image. */
      readonly ray?: RayStep;
      /** Its first value is 1 when the run is cancelled. */
      readonly cancelled?: Int32Array<SharedArrayBuffer>;
    }
  | { readonly kind: "release" };

export type WorkerReply =
  /** The first one, of its own accord: ONNX Runtime is in memory. */
  | { readonly kind: "loaded" }
  | {
      readonly kind: "ready";
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      readonly places?: SharedPlaces;
    }
  /** Before it is ready: starts a helper thread. */
  | { readonly kind: "help"; readonly help: KernelHelp }
  | {
      readonly kind: "result";
      readonly id: number;
      readonly results: Readonly<Record<string, Tensor>>;
      /** In which shared place the gradient at the image is, which `results` lack then. */
      readonly map?: number;
      /** For the beginning of a ray: whether the kernels can sum it. */
      readonly begun?: boolean;
    }
  /** `id` is absent when the session could not be made. */
  | { readonly kind: "failure"; readonly id?: number; readonly message: string };
