import type { LoadedNetwork, ModelFolder } from "@voxplain/model-loader";
import type { Networks } from "./networks.ts";
import { sha256OfFile } from "./recorded-files.ts";

export interface HashedNetwork {
  readonly network: LoadedNetwork;
  readonly sha256: string;
}

/** Hashes of the networks' files, computed beside other work. */
export function modelHashes({ source }: ModelFolder, networks: Networks) {
  const started = new Map<LoadedNetwork, Promise<string>>();
  const start = () => {
    for (const network of networks.used) {
      if (started.has(network)) continue;
      const hash = sha256OfFile(source, network.file);
      // Its failure is met in `all`.
      hash.catch(() => {});
      started.set(network, hash);
    }
  };
  return {
    start,
    async all(): Promise<HashedNetwork[]> {
      start();
      const hashes = [...started].map(async ([network, sha256]) => ({ network, sha256: await sha256 }));
      return Promise.all(hashes);
    },
  };
}
