import { sha256 } from "./digest.ts";
import { encodeJson } from "./json.ts";
import { type MapStatistics, mapStatistics } from "./statistics.ts";

/** Where a result comes from: enough to run the job again and to see whether it is the same. */
export interface Provenance {
  readonly tool: { readonly name: string; readonly version: string };
  /** Version by package name. */
  readonly packages: Readonly<Record<string, string>>;
  /** The command as it was typed, word by word. */
  readonly command: readonly string[];
  /** Every option after resolution, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly model: ModelProvenance;
  readonly inputs: readonly InputProvenance[];
  readonly runtime: RuntimeProvenance;
  readonly platform: PlatformProvenance;
  /** null where nothing was drawn at random. */
  readonly seed: number | null;
  readonly started: Date;
  readonly finished: Date;
  /** Seconds by the name of the step. */
  readonly durations: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly outputs: readonly OutputProvenance[];
}

export interface ModelProvenance {
  readonly file: string;
  readonly sha256: string;
  readonly architecture: string;
  /** null of a network that is no fold of a training. */
  readonly fold: number | null;
  readonly selection: string | null;
  /** null where the file does not tell. */
  readonly epoch: number | null;
  /** Number of trained numbers. */
  readonly parameters: number;
  /** Where the model is several networks, one per part of an image: each of them. */
  readonly networks?: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly epoch: number | null;
  }[];
}

export interface InputProvenance {
  /** null of an image that is in no cohort. */
  readonly participant: string | null;
  readonly session: string | null;
  readonly file: string;
  readonly sha256: string;
}

export interface RuntimeProvenance {
  readonly name: string;
  readonly version: string;
  /** The execution provider: "cpu", "cuda", … */
  readonly provider: string;
  /** null where the runtime chose by itself. */
  readonly threads: number | null;
}

export interface PlatformProvenance {
  readonly system: string;
  readonly architecture: string;
  readonly processor?: string;
  /** What runs the program: "node 20.20.2". */
  readonly host?: string;
}

export interface OutputProvenance {
  readonly file: string;
  readonly byteLength: number;
  readonly sha256: string;
  /** Of maps. */
  readonly statistics?: MapStatistics;
}

/** The bytes of `provenance.json`. `version` is that of the layout, and grows when a key changes its meaning. */
export function encodeProvenance(provenance: Provenance): Uint8Array {
  return encodeJson({ format: "voxplain-provenance", version: 1, ...provenance });
}

/** An entry of `outputs` for the bytes of a file; of a map, give its values too. */
export async function describeOutput(
  file: string,
  bytes: Uint8Array,
  values?: Float32Array,
): Promise<OutputProvenance> {
  return {
    file,
    byteLength: bytes.byteLength,
    sha256: await sha256(bytes),
    ...(values && { statistics: mapStatistics(values) }),
  };
}
