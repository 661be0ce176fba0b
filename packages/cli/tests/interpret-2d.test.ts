import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNpy, float32Values } from "@voxplain/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const phantoms = fileURLToPath(new URL("fixtures/phantoms", import.meta.url));
const expected: Record<string, { logits: number[]; gradient: number[] }> = JSON.parse(
  readFileSync(join(phantoms, "expected.json"), "utf8"),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-2d-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const npy = (path: string) => {
  const array = decodeNpy(readFileSync(path), path);
  return { dtype: array.dtype, dims: array.dims, values: Array.from(float32Values(array)) };
};

function expectClose(values: readonly number[], reference: readonly number[]): void {
  const difference = Math.hypot(...values.map((value, k) => value - reference[k]!));
  // Float32 against float64; no pooling window of these images is near a tie.
  expect(difference / Math.hypot(...reference)).toBeLessThan(1e-5);
}

it("explains 2D images of the training list: a map per session, with a picture of it", async () => {
  const argv = [
    "interpret",
    "individual",
    join(phantoms, "model"),
    "cn",
    "--use_cpu",
    "--output_dir",
    folder,
  ];
  const { status, errors } = await voxplain(
    ...argv,
    "--target_diagnosis",
    "CN",
    "--selection",
    "best_loss",
    "best_balanced_accuracy",
  );
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  for (const selection of ["best_loss", "best_balanced_accuracy"]) {
    const result = join(folder, "fold-0/gradients", selection, "cn");
    expect(readdirSync(result).sort().slice(-3)).toEqual(Object.keys(expected));
    for (const [participant, { gradient }] of Object.entries(expected)) {
      const session = join(result, participant, "ses-M00");
      expect(readdirSync(session).sort()).toEqual(["map.jpg", "map.npy"]);
      const { dtype, dims, values } = npy(join(session, "map.npy"));
      expect([dtype, ...dims]).toEqual(["float32", 1, 22, 18]);
      expectClose(values, gradient);
      // A JPEG starts with these bytes.
      expect([...readFileSync(join(session, "map.jpg")).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    }
    const rows = readFileSync(join(result, "predictions.tsv"), "utf8").trimEnd().split("\n").slice(1);
    for (const row of rows) {
      const [participant, , truth, , logit0, logit1] = row.split("\t");
      expect(truth).toBe("1");
      expectClose([Number(logit0), Number(logit1)], expected[participant!]!.logits);
    }
  }
});

it("averages 2D maps to one of height and width", async () => {
  const argv = ["interpret", "group", join(phantoms, "model"), "mean", "--use_cpu", "--output_dir", folder];
  expect((await voxplain(...argv, "--target_diagnosis", "CN", "--vmax", "0.1")).status).toBe(0);
  const result = join(folder, "fold-0/gradients/best_balanced_accuracy/mean");
  expect(readdirSync(result)).toContain("map.jpg");
  expect(readdirSync(result)).not.toContain("map.nii.gz");
  const { dtype, dims, values } = npy(join(result, "map.npy"));
  expect([dtype, ...dims]).toEqual(["float32", 22, 18]);
  const gradients = Object.values(expected).map(({ gradient }) => gradient);
  expectClose(
    values,
    gradients[0]!.map(
      (_, k) => gradients.reduce((sum, gradient) => sum + gradient[k]!, 0) / gradients.length,
    ),
  );
});

it("warns that pictures will look blank at the manual's end of the colour scale, and not at a fitting one", async () => {
  const run = (name: string, ...options: string[]) =>
    voxplain(
      "interpret",
      "group",
      join(phantoms, "model"),
      name,
      "--use_cpu",
      "--output_dir",
      folder,
      ...options,
    );
  const strongest = Math.max(...expected["sub-CLNC0"]!.gradient.map(Math.abs)).toPrecision(2);
  const blank = await run("blank", "--target_diagnosis", "CN");
  expect(blank.errors).toContain(
    `warning: pictures of 2D maps will look blank: they are drawn from −0.5 to 0.5, and the strongest value of ` +
      `sub-CLNC0 ses-M00 is ${strongest}; --vmax sets the end of their colours`,
  );
  expect(blank.errors.match(/will look blank/g)).toHaveLength(1);
  const fitting = await run("fitting", "--target_diagnosis", "CN", "--vmax", "0.002");
  expect(fitting.errors).not.toContain("will look blank");
});
