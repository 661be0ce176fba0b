import { createHash } from "node:crypto";
import type { LoadedNetwork } from "@voxplain/model-loader";
import type { NetworkSlot } from "../explain/network-slot.ts";
import type { Model, NetworkChoice } from "../model/model.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

/** A file of weights. */
export interface RecordedFile {
  /** Its path. */
  readonly file: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
  /** null where the file does not state it. */
  readonly epoch: number | null;
  /** The keys that lead to the state dict in a checkpoint, with dots between them; "." where it is all of it, null for an ONNX file. */
  readonly weights_key: string | null;
}

/** The networks that made a result, for its provenance. */
export interface RecordedModel extends RecordedFile {
  /** Its name. */
  readonly architecture: string;
  /** null for an ONNX file. */
  readonly fold: number | null;
  /** null for an ONNX file. */
  readonly selection: string | null;
  /** Numbers that were learnt, of all networks together. */
  readonly parameters: number;
  /** Where each part has a network of its own: each of them. */
  readonly networks?: readonly RecordedFile[];
}

/** What is recorded of the networks of a task; their files are hashed beside other work. */
export interface ModelRecord {
  /** Begins to hash the files of the networks that were opened. */
  start(): void;
  /** For several networks the hash is that of their hashes, one a line. @throws VoxplainError where a file is gone. */
  provenance(): Promise<RecordedModel>;
}

/**
 * Keeps record of the networks of a task.
 * @param slot - With which the images of the task were computed: it has the networks that were opened.
 */
export function modelRecord(
  { source }: Pick<Model, "source">,
  choice: NetworkChoice,
  slot: Pick<NetworkSlot, "used">,
): ModelRecord {
  const hashes = new Map<LoadedNetwork, Promise<string>>();
  const start = () => {
    for (const network of slot.used) {
      if (hashes.has(network)) continue;
      const hash = sha256OfFile(source, network.file);
      // Its failure is met when the hashes are asked for.
      hash.catch(() => {});
      hashes.set(network, hash);
    }
  };
  return {
    start,
    async provenance() {
      start();
      const networks = await Promise.all(
        [...hashes].map(([network, hash]) => fileRecord(source.name, network, hash)),
      );
      const [first, ...others] = networks;
      const [network] = hashes.keys();
      if (first === undefined || network === undefined) throw new RangeError("a network was opened");
      const common = {
        architecture: network.architecture,
        fold: choice.fold ?? null,
        selection: choice.selection ?? null,
        parameters: [...hashes.keys()].reduce((sum, { parameterCount }) => sum + parameterCount, 0),
      };
      if (others.length === 0) return { ...common, ...first };
      const lines = networks.map((one) => `${one.sha256}\n`).join("");
      return {
        ...common,
        file: patternOf(networks.map(({ file }) => file)),
        sha256: createHash("sha256").update(lines).digest("hex"),
        epoch: null,
        weights_key: networks.every(({ weights_key }) => weights_key === first.weights_key)
          ? first.weights_key
          : null,
        networks,
      };
    },
  };
}

/** What the paths of several files have in common, with * for the number in which they differ. */
function patternOf([first = "", ...others]: readonly string[]): string {
  const differ = (from: "start" | "end") => {
    const at = (path: string, k: number) => path.at(from === "start" ? k : -1 - k);
    let length = 0;
    while (length < first.length && others.every((path) => at(path, length) === at(first, length))) length++;
    return length;
  };
  const start = first.slice(0, differ("start")).replace(/\d+$/, "");
  const end = first.slice(Math.max(start.length, first.length - differ("end"))).replace(/^\d+/, "");
  return `${start}*${end}`;
}

async function fileRecord(
  folder: string,
  { file, epoch, weightsKeys }: LoadedNetwork,
  hash: Promise<string>,
): Promise<RecordedFile> {
  const key = weightsKeys?.join(".");
  return {
    file: `${folder}/${file}`,
    sha256: await hash,
    epoch: epoch ?? null,
    weights_key: key === "" ? "." : (key ?? null),
  };
}
