import type { LoadedNetwork } from "@voxplain/model-loader";
import type { Model, NetworkChoice, NetworkSlot } from "@voxplain/study";
import { type ModelProvenance, sha256 } from "@voxplain/writers";
import { sha256OfFile } from "./recorded-files.ts";

/** What is recorded of the networks of a task; their files are hashed beside other work. */
export interface ModelRecord {
  /** Begins to hash the files of the networks that were opened. */
  start(): void;
  /** Of several networks the hash is that of their hashes, one a line. */
  provenance(): Promise<ModelProvenance>;
}

export function modelRecord({ source }: Model, choice: NetworkChoice, slot: NetworkSlot): ModelRecord {
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
        file: `${source.name}/fold-${choice.fold}/models/cnn-*/${choice.selection}`,
        sha256: await sha256(new TextEncoder().encode(lines)),
        epoch: null,
        networks,
      };
    },
  };
}

async function fileRecord(folder: string, { file, epoch }: LoadedNetwork, hash: Promise<string>) {
  return { file: `${folder}/${file}`, sha256: await hash, epoch: epoch ?? null };
}
