import { VoxplainError } from "@voxplain/core";
import type { Explanation, ExplorerEngine } from "../engine/engine.ts";
import { htmlReport } from "../engine/report.ts";

export interface Shown {
  readonly explanation: Explanation;
  /** PNG. */
  readonly picture: Blob;
  readonly caption: string;
}

/** One HTML file of the maps that are shown, and of what they were made with. */
export async function reportOf(
  engine: ExplorerEngine,
  shown: readonly Shown[],
  versions: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const { model } = engine;
  if (model === undefined) throw new VoxplainError("not-found", "there is no model to report on");
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
