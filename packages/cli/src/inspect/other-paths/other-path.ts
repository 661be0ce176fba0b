import { statSync } from "node:fs";
import { dirname } from "node:path";
import { isCaps, isTable } from "@voxplain/caps-io";
import type { Place } from "@voxplain/study/node";
import { describeCaps } from "./describe-caps.ts";
import { describeBids, describeLabelLists, describeTable } from "./describe-images.ts";
import { describeImage, describeLooseImages } from "./describe-loose-images.ts";
import { isParticipant } from "./folder-entries.ts";
import { isModelFolder, modelFolderAbove, modelFoldersBelow } from "./model-folders-near.ts";
import type { OtherPath } from "./path-facts.ts";

/** @returns undefined for what is nothing that a command takes. */
export async function otherPath(place: Place): Promise<OtherPath | undefined> {
  if (statSync(place.path).isFile()) {
    const table = isTable(place.below) ? await describeTable(place) : undefined;
    return table ?? (await modelFolderAbove(dirname(place.path), place.path)) ?? describeImage(place);
  }
  if (await isModelFolder(place.source)) return undefined;
  const entries = (await place.source.list("")) ?? [];
  const names = new Set(entries.map(({ name }) => name));
  if (isCaps(entries)) return describeCaps(place, entries);
  if (entries.some(isParticipant) || names.has("dataset_description.json")) return describeBids(place);
  return (
    (await modelFolderAbove(dirname(place.path), place.path)) ??
    (await modelFoldersBelow(place, entries)) ??
    (await describeLabelLists(place, entries)) ??
    describeResult(place, names) ??
    describeLooseImages(place, entries)
  );
}

function describeResult({ path }: Place, names: ReadonlySet<string>): OtherPath | undefined {
  if (!names.has("commandline.json") || !names.has("provenance.json")) return undefined;
  return {
    kind: "result",
    rows: [
      ["path", path],
      ["it is", "a result of voxplain: commandline.json has its options, provenance.json its versions"],
    ],
    problems: [],
    commands: [],
  };
}
