import type { ModelFolder } from "@voxplain/model-loader";
import { type ModelProvenance, sha256 } from "@voxplain/writers";
import type { HashedNetwork } from "./model-hashes.ts";
import type { Task } from "./plan-job.ts";

/** What is recorded of the networks of a task. Of several the hash is that of their hashes, one a line. */
export async function modelProvenance(
  folder: ModelFolder,
  task: Task,
  networks: readonly HashedNetwork[],
): Promise<ModelProvenance> {
  const { network, sha256: hash } = networks[0]!;
  const named = (file: string) => `${folder.source.name}/${file}`;
  const common = {
    architecture: network.architecture,
    fold: task.fold,
    selection: task.selection,
    parameters: networks.reduce((sum, one) => sum + one.network.parameterCount, 0),
  };
  if (networks.length === 1) {
    return { ...common, file: named(network.file), sha256: hash, epoch: network.epoch ?? null };
  }
  const lines = networks.map((one) => `${one.sha256}\n`).join("");
  return {
    ...common,
    file: named(`fold-${task.fold}/models/cnn-*/${task.selection}`),
    sha256: await sha256(new TextEncoder().encode(lines)),
    epoch: null,
    networks: networks.map((one) => ({
      file: named(one.network.file),
      sha256: one.sha256,
      epoch: one.network.epoch ?? null,
    })),
  };
}
