import type { KernelUse } from "@voxplain/core";
import { sha256 } from "./digest.ts";
import { encodeJsonPieces } from "./json.ts";
import { type MapStatistics, mapStatistics } from "./statistics.ts";
import type { LongList } from "./text-pieces.ts";

/** Where a result comes from: enough to run the job again and to see whether it is the same. */
export interface Provenance {
  /** What made the result. */
  readonly tool: {
    /** "voxplain". */
    readonly name: string;
    /** Version of the tool. */
    readonly version: string;
  };
  /** Version by package name. */
  readonly packages: Readonly<Record<string, string>>;
  /** The command as it was typed, word by word. */
  readonly command: readonly string[];
  /** Every option after resolution, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * What `--resume` knows the job by, beside its networks and images: its options without paths, and digests of its list and of files that
   * options name. Absent where sessions are not kept.
   */
  readonly key?: Readonly<Record<string, unknown>>;
  /** What was explained. */
  readonly model: ModelProvenance;
  /** Each image that was read, in order. */
  readonly inputs: LongList<InputProvenance>;
  /** What computed. */
  readonly runtime: RuntimeProvenance;
  /** Where it ran. */
  readonly platform: PlatformProvenance;
  /** null where nothing was drawn at random. */
  readonly seed: number | null;
  /** When the job began. */
  readonly started: Date;
  /** When the last file was written. */
  readonly finished: Date;
  /** Seconds by the name of the step. */
  readonly durations: Readonly<Record<string, number>>;
  /** Warnings shown to the user. */
  readonly warnings: readonly string[];
  /** Each file of the result. */
  readonly outputs: LongList<OutputProvenance>;
}

/** The network, and the file that it is from. */
export interface ModelProvenance {
  /** Path of its weights. */
  readonly file: string;
  /** Digest of that file, in hexadecimal digits. */
  readonly sha256: string;
  /** Its name. */
  readonly architecture: string;
  /** null of a network that is not a fold of a training. */
  readonly fold: number | null;
  /** The metric that chose it; null of a network that is in no model folder. */
  readonly selection: string | null;
  /** null where the file does not record it. */
  readonly epoch: number | null;
  /** The keys that lead to the state dict in a checkpoint; "." where it is all of it, null for an ONNX file. */
  readonly weights_key: string | null;
  /** Number of trained numbers. */
  readonly parameters: number;
  /** Where the model is several networks, one per part of an image: each of them. */
  readonly networks?: readonly {
    /** Path of its weights. */
    readonly file: string;
    /** Digest of that file, in hexadecimal digits. */
    readonly sha256: string;
    /** null where the file does not record it. */
    readonly epoch: number | null;
    /** As above. */
    readonly weights_key: string | null;
  }[];
}

/** An image that was read. */
export interface InputProvenance {
  /** null of an image that is in no cohort. */
  readonly participant: string | null;
  /** null of an image that is in no cohort. */
  readonly session: string | null;
  /** Its path. */
  readonly file: string;
  /** Digest of the file, in hexadecimal digits. */
  readonly sha256: string;
}

/** What computed the network. */
export interface RuntimeProvenance {
  /** "onnxruntime-node". */
  readonly name: string;
  /** Version of the runtime. */
  readonly version: string;
  /** The execution provider: "cpu", "cuda", … */
  readonly provider: string;
  /** Which of the first blocks kernels of Voxplain computed, for each kind of pass, or why none. */
  readonly kernels: readonly KernelUse[];
  /** null where the runtime chose by itself. */
  readonly threads: number | null;
}

/** The machine, without its name. */
export interface PlatformProvenance {
  /** Operating system and its version. */
  readonly system: string;
  /** Architecture of the processor: "x64". */
  readonly architecture: string;
  /** Its model, where it is known. */
  readonly processor?: string;
  /** What runs the program: "node 20.20.2". */
  readonly host?: string;
}

/** A file that was written. */
export interface OutputProvenance {
  /** Its path below the result. */
  readonly file: string;
  /** Length of the file. */
  readonly byteLength: number;
  /** Digest of the file, in hexadecimal digits. */
  readonly sha256: string;
  /** Present for maps. */
  readonly statistics?: MapStatistics;
  /** Present for a NIfTI file whose affine is the identity because the position of its voxels is unknown. */
  readonly position?: "unknown";
}

/**
 * The bytes of `provenance.json` in pieces: a cohort may have more inputs and outputs than should be held at once. `version` is that of the
 * layout, and grows when a key changes its meaning.
 */
export function encodeProvenance(provenance: Provenance): AsyncGenerator<Uint8Array> {
  return encodeJsonPieces({ format: "voxplain-provenance", version: 1, ...provenance });
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
