import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { decodeNpy, float32Values } from "@voxplain/core";
import { afterEach, beforeEach, expect } from "vitest";
import { voxplain } from "./run-voxplain.ts";

/** What fixtures/make_parts.py made. */
export const partFixtures = fileURLToPath(new URL("fixtures/parts", import.meta.url));

export const modelOf = (name: string) => join(partFixtures, "models", name);

/** A folder for the results of one test. */
export function temporaryFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeEach(() => {
    folder.path = mkdtempSync(join(tmpdir(), "voxplain-parts-"));
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}

/** Copies the images and the lists into a folder, for tests that change them. */
export function copyImages(folder: string): void {
  for (const shared of ["caps", "labels"]) {
    cpSync(join(partFixtures, shared), join(folder, shared), { recursive: true });
  }
}

/** The image of a session in such a copy. */
export const imageIn = (folder: string, participant: string, session: string) =>
  join(
    folder,
    `caps/subjects/${participant}/${session}/t1_linear`,
    `${participant}_${session}_T1w_space-MNI152NLin2009cSym_desc-Crop_res-1x1x1_T1w.nii.gz`,
  );

export const resultIn = (folder: string, name: string, kind = "gradients") =>
  join(folder, "fold-0", kind, "best_balanced_accuracy", name);

/** Runs `voxplain interpret`, with one thread and without pictures unless options say otherwise, and expects that it succeeds; returns the folder of the result. */
export async function interpretParts(
  folder: string,
  level: "group" | "individual",
  model: string,
  name: string,
  ...options: string[]
): Promise<string> {
  const { errors, status } = await interpretModel(folder, level, model, name, ...options);
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  return resultIn(folder, name);
}

export function interpretModel(
  folder: string,
  level: "group" | "individual",
  model: string,
  name: string,
  ...options: string[]
) {
  const path = model.includes("/") ? model : modelOf(model);
  // Pictures take half of the time, a second thread is longer started than it computes: tests of them ask for them.
  const short = ["--pictures", "none", "--threads", "1"];
  const few = short.filter((_, k) => !options.includes(short[k - (k % 2)] ?? ""));
  return voxplain("interpret", level, path, name, "--use_cpu", "--output_dir", folder, ...few, ...options);
}

export interface Npy {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A float32 array of numpy. */
export function npy(path: string): Npy {
  const array = decodeNpy(readFileSync(path), path);
  return { shape: array.dims, values: float32Values(array) };
}

/** One of the arrays along the first axis. */
export function row({ shape, values }: Npy, index: number): Npy {
  const [count = 1, ...rest] = shape;
  const size = values.length / count;
  return { shape: rest, values: values.subarray(index * size, (index + 1) * size) };
}

/** Every step-th value along the last axes: what expectations of large maps keep. */
export function thinned({ shape, values }: Npy, step: number, axes: number): Npy {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * length, 1),
  );
  const steps = shape.map((_, axis) => (axis < shape.length - axes ? 1 : step));
  const thin = shape.map((length, axis) => Math.ceil(length / steps[axis]!));
  const taken: number[] = [];
  const visit = (axis: number, at: number) => {
    if (axis === shape.length) return void taken.push(values[at]!);
    for (let k = 0; k < thin[axis]!; k++) visit(axis + 1, at + k * steps[axis]! * strides[axis]!);
  };
  visit(0, 0);
  return { shape: thin, values: Float32Array.from(taken) };
}

/** A box of a volume. */
export function cropped({ shape, values }: Npy, { start, end }: Box): Npy {
  const [, ny = 0, nz = 0] = shape;
  const taken: number[] = [];
  for (let x = start[0]; x < end[0]; x++) {
    for (let y = start[1]; y < end[1]; y++) {
      for (let z = start[2]; z < end[2]; z++) taken.push(values[(x * ny + y) * nz + z]!);
    }
  }
  return { shape: end.map((to, axis) => to - start[axis]!), values: Float32Array.from(taken) };
}

/** From start to before end. */
export interface Box {
  readonly start: readonly [number, number, number];
  readonly end: readonly [number, number, number];
}

/** Same shape, this relative L2 error at most, and no voxel farther off than that part of the largest. */
export function expectMap(found: Npy, expected: Npy, tolerance: number): number {
  expect(found.shape).toEqual(expected.shape);
  expect(found.values.length).toBe(expected.values.length);
  let difference = 0;
  let norm = 0;
  let farthest = 0;
  let largest = 0;
  for (const [k, value] of expected.values.entries()) {
    const off = Math.abs(found.values[k]! - value);
    difference += off ** 2;
    norm += value ** 2;
    farthest = Math.max(farthest, off);
    largest = Math.max(largest, Math.abs(value));
  }
  expect(norm).toBeGreaterThan(0);
  const error = Math.sqrt(difference / norm);
  expect(error).toBeLessThan(tolerance);
  expect(farthest).toBeLessThan(tolerance * largest);
  return error;
}

/** What torch and numpy say of a model's cohort. */
export interface Expected {
  readonly step: number | null;
  readonly weights: readonly (readonly [number, number])[];
  readonly sessions: readonly ExpectedSession[];
}

export interface ExpectedSession {
  /** Participant, session, and the cohort where there are several. */
  readonly key: readonly string[];
  readonly label: number;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly uniform: readonly number[];
  readonly parts: readonly {
    readonly id: number;
    readonly name: string;
    readonly logits: readonly number[];
  }[];
}

export const expectedFile = (model: string, file: string) => join(partFixtures, "expected", model, file);
export const expectedNpy = (model: string, file: string) => npy(expectedFile(model, file));

export function expectedOf(model: string): Expected & { readonly ad: readonly ExpectedSession[] } {
  const expected: Expected = JSON.parse(readFileSync(expectedFile(model, "expected.json"), "utf8"));
  return { ...expected, ad: expected.sessions.filter(({ label }) => label === 1) };
}

/** The rows of a TSV by its columns. */
export function table(path: string): Record<string, string>[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((text, k) => [columns[k]!, text])));
}

export interface Nifti {
  readonly shape: readonly number[];
  /** Rows of the affine (sform). */
  readonly affine: readonly (readonly number[])[];
  /** The value at a voxel. */
  at(x: number, y: number, z: number): number;
}

export function nifti(path: string): Nifti {
  const bytes = gunzipSync(readFileSync(path));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [nx, ny, nz] = [42, 44, 46].map((at) => view.getInt16(at, true)) as [number, number, number];
  const start = view.getFloat32(108, true);
  return {
    shape: [nx, ny, nz],
    affine: [280, 296, 312].map((at) => [0, 4, 8, 12].map((k) => view.getFloat32(at + k, true))),
    at: (x, y, z) => view.getFloat32(start + 4 * (x + nx * (y + ny * z)), true),
  };
}

/** The values of a NIfTI in numpy's order. */
export function niftiValues({ shape: [nx = 0, ny = 0, nz = 0], at }: Nifti): Npy {
  const values = new Float32Array(nx * ny * nz);
  let k = 0;
  for (let x = 0; x < nx; x++)
    for (let y = 0; y < ny; y++) for (let z = 0; z < nz; z++) values[k++] = at(x, y, z);
  return { shape: [nx, ny, nz], values };
}
