import { isVolumeName } from "@voxplain/caps-io";
import type { FileEntry } from "@voxplain/core";
import { shellWord } from "@voxplain/report";
import type { Place } from "@voxplain/study/node";
import type { OtherPath } from "./path-facts.ts";

/** A NIfTI or an image of FreeSurfer. @returns undefined for any other file. */
export function describeImage({ path }: Place): OtherPath | undefined {
  if (!isVolumeName(path)) return undefined;
  return {
    kind: "images",
    rows: [
      ["path", path],
      ["it is", "an image by its name: explain it with an ONNX network, or list it in a table (--images)"],
    ],
    problems: [],
    commands: [`voxplain explain NETWORK.onnx ${shellWord(path)} --use_cpu`],
  };
}

/** A folder with images that are in no dataset. @returns undefined where it has none. */
export function describeLooseImages({ path }: Place, entries: readonly FileEntry[]): OtherPath | undefined {
  const images = entries.filter(({ name, kind }) => kind === "file" && isVolumeName(name));
  if (images.length === 0) return undefined;
  return {
    kind: "images",
    rows: [
      ["path", path],
      [
        "it is",
        "a folder of images, neither a CAPS nor a BIDS dataset: list them in a table with the columns participant_id, diagnosis and image (--images)",
      ],
      ["images", String(images.length)],
    ],
    problems: [],
    commands: ["voxplain interpret group MODEL MAP --use_cpu --images TABLE.tsv"],
  };
}
