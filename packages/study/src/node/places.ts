import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { FilePlace } from "@voxplain/caps-io";
import { type FileSource, VoxplainError, withEscapes } from "@voxplain/core";
import { directory } from "@voxplain/core/node";

/** A file or folder of this machine. */
export interface Place extends FilePlace {
  /** Absolute. */
  readonly path: string;
}

/**
 * A trained model: its folder, or an ONNX file.
 * @throws VoxplainError `not-found` naming the path.
 */
export function modelAt(path: string): Place {
  const absolute = resolve(path);
  if (!existsSync(absolute))
    throw new VoxplainError("not-found", `there is no model folder at ${withEscapes(absolute)}`);
  return placeOf(absolute);
}

/**
 * A CAPS folder.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError `not-found` when it has no folder "subjects".
 */
export function capsAt(path: string, option?: string): FileSource {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new VoxplainError("not-found", `there is no CAPS folder at ${withEscapes(absolute)}${by(option)}`);
  }
  if (!existsSync(join(absolute, "subjects"))) {
    throw new VoxplainError(
      "not-found",
      `${withEscapes(absolute)}${by(option)} is not a CAPS folder: it has no folder "subjects"`,
    );
  }
  return directory(absolute);
}

/**
 * Label lists: a folder with a TSV per diagnosis, or one TSV.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError `not-found` naming the path.
 */
export function labelsAt(path: string, option?: string): Place {
  const absolute = resolve(path);
  if (existsSync(absolute)) return placeOf(absolute);
  throw new VoxplainError("not-found", `there is no label list at ${withEscapes(absolute)}${by(option)}`);
}

/**
 * One file, such as a NIfTI template or a loose image.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError `not-found` naming the path, `invalid-argument` for a pipe or a device.
 */
export function fileAt(path: string, option?: string): Place {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new VoxplainError("not-found", `there is no file ${withEscapes(absolute)}${by(option)}`);
  }
  if (statSync(absolute).isDirectory()) {
    throw new VoxplainError("not-found", `${withEscapes(absolute)}${by(option)} is a folder, not a file`);
  }
  return placeOf(absolute);
}

function placeOf(path: string): Place {
  refuseSpecialFile(path);
  return statSync(path).isFile()
    ? { path, source: directory(dirname(path)), below: basename(path) }
    : { path, source: directory(path), below: "" };
}

/**
 * Refuses what cannot be read by ranges, and more than once.
 * @throws VoxplainError `invalid-argument` for a pipe, a socket and a device.
 */
export function refuseSpecialFile(path: string): void {
  const info = statSync(path);
  if (info.isFile() || info.isDirectory()) return;
  const found = info.isFIFO() ? "a pipe" : info.isSocket() ? "a socket" : "a device";
  throw new VoxplainError("invalid-argument", `it is ${found}, and not a file or a folder`, {
    file: path,
    ...(info.isFIFO() && { hint: "write its content to a file" }),
  });
}

function by(option: string | undefined): string {
  return option === undefined ? "" : ` (${option})`;
}
