import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNifti } from "@voxplain/caps-io";
import { type Affine, decodeNpy } from "@voxplain/core";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import type { Pair } from "./pairs.ts";

/** What the user gets: a map, or the sentence that says why there is none. */
export type Outcome =
  | {
      readonly predictedClass: number;
      readonly probabilities: readonly number[];
      /** With all its channels. */
      readonly map: { readonly dims: readonly number[]; readonly data: Float32Array };
      /** As a volume for viewers, where there is one. */
      readonly volume: Float32Array | undefined;
      /** Undefined where the position is unknown. */
      readonly affine: Affine | undefined;
    }
  | { readonly sentence: string };

/** Runs `voxplain explain`. */
export async function throughCommand(pair: Pair, files: ReadonlyMap<string, Uint8Array>): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-agreement-"));
  try {
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const [image] = pair.image;
    const out = join(folder, "out");
    const { status, errors } = await voxplain(
      ...["explain", join(folder, "model.onnx"), join(folder, image), "--use_cpu", "--output_dir", out],
      ...["--threads", "1", ...optionsOf(pair, folder)],
    );
    if (status !== 0) {
      const [, sentence = errors] = /^voxplain: (.*)$/m.exec(errors) ?? [];
      return { sentence: sentence.replaceAll(`${folder}/`, "") };
    }
    const name = image.replace(/\.(nii\.gz|[a-z]+)$/, "");
    const map = decodeNpy(Uint8Array.from(readFileSync(join(out, `${name}.npy`))), name);
    const volumePath = join(out, `${name}.nii.gz`);
    const volume = existsSync(volumePath) ? await readNifti(readFileSync(volumePath), name) : undefined;
    return {
      ...predictionIn(readFileSync(join(out, "predictions.tsv"), "utf8")),
      map: { dims: map.dims, data: Float32Array.from(map.data as Float32Array) },
      volume: volume?.data,
      affine: volume?.affine,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The options of the command for what the page is asked. */
export function optionsOf(pair: Pair, folder: string): string[] {
  const options = Object.entries(pair.options ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...(pair.preprocess ? ["--preprocess", ...pair.preprocess] : []),
    ...(pair.target === undefined ? [] : ["--target", String(pair.target)]),
    ...(pair.value === undefined ? [] : ["--target", pair.value.join(",")]),
    ...(pair.template ? ["--nifti_template_path", join(folder, "template.nii")] : []),
    ...(pair.mask ? ["--target_mask", join(folder, "mask.nii")] : []),
    ...(pair.voxel ? ["--target_voxel", pair.voxel.join(",")] : []),
    ...(pair.method ? ["--method", pair.method] : []),
    ...(options.length > 0 ? ["--method_options", ...options] : []),
  ];
}

function predictionIn(table: string) {
  const [header = "", row = ""] = table.trimEnd().split("\n");
  const cells = row.split("\t");
  const columns = new Map(header.split("\t").map((column, k) => [column, cells[k] ?? ""]));
  const probabilities = [...columns].flatMap(([column, cell]) =>
    column.startsWith("proba") ? Number(cell) : [],
  );
  return { probabilities, predictedClass: Number(columns.get("predicted_class") ?? 0) };
}
