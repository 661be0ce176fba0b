import { VoxplainError } from "@voxplain/core";
import { sha256 } from "@voxplain/writers";
import type { ExplorerEngine } from "../../engine/engine.ts";
import type { ExplainedMap } from "../shown-map.ts";
import { htmlReport } from "./html-report.ts";

export interface Shown extends ExplainedMap {
  /** PNG. */
  readonly picture: Blob;
  readonly caption: string;
}

/** One HTML file of the maps that are shown, and of what they were made with. */
export async function reportOf(shown: readonly Shown[], engine: ExplorerEngine): Promise<Uint8Array> {
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
    hashes[caption] = `map as .npy: ${await checksum(await engine.encode(explanation, "npy"))}`;
  }
  const html = htmlReport({
    title: `Voxplain: ${shown.map(({ caption }) => caption).join(" and ")}`,
    model,
    explanations: shown.map(({ explanation }) => explanation),
    pictures: await Promise.all(
      shown.map(async ({ picture, caption }) => ({ dataUrl: await dataUrlOf(picture), caption })),
    ),
    versions: together(shown.map(({ versions }) => versions)),
    provenance: hashes,
    created: new Date(),
  });
  return new TextEncoder().encode(html);
}

/** What all agree in once, else one beside the other. */
function together(versions: readonly ExplainedMap["versions"][]): ExplainedMap["versions"] {
  const names = new Set(versions.flatMap((one) => Object.keys(one)));
  const valuesOf = (name: string) => new Set(versions.flatMap((one) => one[name] ?? []));
  return Object.fromEntries([...names].map((name) => [name, [...valuesOf(name)].join("; ")]));
}

async function checksum(bytes: Uint8Array): Promise<string> {
  // Absent on pages of plain http.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (subtle === undefined) return "no SHA-256, which browsers compute on pages of https and localhost only";
  return `SHA-256 ${await sha256(bytes)}`;
}

function dataUrlOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
