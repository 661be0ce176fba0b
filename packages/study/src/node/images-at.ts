import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { FilePlace } from "@voxplain/caps-io";
import { type FileSource, VoxplainError, withEscapes } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import type { ImagesPlace } from "../cohort/open-images.ts";
import { refuseSpecialFile } from "./places.ts";

/** A table of images or a BIDS folder of this machine. */
export interface ImagesPath extends ImagesPlace {
  /** Absolute. */
  readonly path: string;
}

/**
 * A table of images, or the folder of a BIDS dataset or derivative. Paths in a table are absolute, or relative to it.
 * @param option - The option that gave the path, for messages.
 * @throws VoxplainError `not-found` naming the path, `invalid-argument` for a pipe or a device.
 */
export function imagesAt(path: string, option?: string): ImagesPath {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    const by = option === undefined ? "" : ` (--${option})`;
    throw new VoxplainError("not-found", `there is no table and no folder at ${withEscapes(absolute)}${by}`);
  }
  refuseSpecialFile(absolute);
  if (!statSync(absolute).isFile()) {
    return {
      path: absolute,
      source: directory(absolute),
      below: "",
      enclosing: async () => enclosing(absolute),
    };
  }
  const folder = dirname(absolute);
  const source = directory(folder);
  const others = new Map<string, FileSource>();
  /** Files below the folder of the table share its source, others that of their own folder. */
  const open = (image: string): FilePlace => {
    const file = resolve(folder, image);
    const inside = file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
    if (inside) return { source, below: relative(folder, file).split(sep).join("/") };
    const own = dirname(file);
    const other = others.get(own) ?? directory(own);
    others.set(own, other);
    return { source: other, below: basename(file) };
  };
  const openList = (list: string) => imagesAt(resolve(folder, list));
  return { path: absolute, source, below: basename(absolute), open, openList };
}

/** The dataset with `derivatives/<name>` in it, where the folder is one. */
function enclosing(path: string) {
  const above = dirname(path);
  if (basename(above) !== "derivatives") return undefined;
  const dataset = dirname(above);
  return existsSync(join(dataset, "participants.tsv")) ||
    existsSync(join(dataset, "dataset_description.json"))
    ? directory(dataset)
    : undefined;
}
