import { VoxplainError } from "@voxplain/core";
import type { ExplorerEngine } from "../engine/engine.ts";
import { htmlReport } from "../engine/report.ts";
import type { Result } from "./results.ts";

export interface Shown extends Result {
  /** PNG. */
  readonly picture: Blob;
  readonly caption: string;
}

/** One HTML file of the maps that are shown, and of what they were made with. */
export async function reportOf(
  shown: readonly Shown[],
  engine: ExplorerEngine,
  versions: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const [model, other] = new Map(shown.map((one) => [one.model.name, one.model])).values();
  if (model === undefined) throw new VoxplainError("not-found", "there is no map to report on");
  if (other !== undefined) {
    throw new VoxplainError(
      "unsupported",
      `the two maps are of the models ${model.name} and ${other.name}; a report is of one: compare with nothing, and report on each`,
    );
  }
  const hashes: Record<string, string> = {};
  for (const { explanation, caption } of shown) {
    hashes[caption] = `map as .npy: SHA-256 ${await sha256(await engine.encode(explanation, "npy"))}`;
  }
  const html = htmlReport({
    title: `Voxplain: ${shown.map(({ caption }) => caption).join(" and ")}`,
    model,
    explanations: shown.map(({ explanation }) => explanation),
    pictures: await Promise.all(
      shown.map(async ({ picture, caption }) => ({ dataUrl: await dataUrlOf(picture), caption })),
    ),
    versions,
    provenance: hashes,
    created: new Date(),
  });
  return new TextEncoder().encode(html);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function dataUrlOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
