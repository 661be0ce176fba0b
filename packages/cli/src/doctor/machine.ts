import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, freemem, release, tmpdir, totalmem } from "node:os";

/** Rows of what this machine is: a name and a text each. */
export async function describeMachine(): Promise<readonly (readonly [string, string])[]> {
  return [
    ["node", `${process.versions.node}, ${process.platform} ${process.arch}`],
    ["system", `${distribution()}${release()}`],
    ["processor", `${availableParallelism()} of ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`],
    ["memory", `${gigabytes(memoryLimit())}, free ${gigabytes(freemem())}`],
    ["temporary folder", `free ${await freeTemporary()}`],
  ];
}

/** The machine's, or that of the container or the batch job where it is less. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Models are written there before ONNX Runtime opens them. */
async function freeTemporary(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(tmpdir());
    return gigabytes(bavail * bsize);
  } catch {
    return "unknown: it cannot be looked at";
  }
}

function distribution(): string {
  const path = "/etc/os-release";
  if (!existsSync(path)) return "";
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync(path, "utf8"))?.[1];
  return name === undefined ? "" : `${name}, kernel `;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
