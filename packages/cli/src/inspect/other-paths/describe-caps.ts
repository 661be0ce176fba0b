import type { FileEntry } from "@voxplain/core";
import { shellWord } from "@voxplain/report";
import type { Place } from "@voxplain/study/node";
import { foldersOf, isParticipant, mostLooked } from "./folder-entries.ts";
import type { OtherPath } from "./path-facts.ts";

const tensors = "deeplearning_prepare_data";

/** How many participants a CAPS has, and what was prepared of the first of them. */
export async function describeCaps(
  { path, source }: Place,
  entries: readonly FileEntry[],
): Promise<OtherPath> {
  const participants = ((await source.list("subjects")) ?? []).filter(isParticipant);
  let sessions = 0;
  const pipelines = new Set<string>();
  for (const [k, { name }] of participants.entries()) {
    const folders = foldersOf((await source.list(`subjects/${name}`)) ?? []);
    sessions += folders.length;
    const [session] = folders;
    if (session === undefined || k >= mostLooked) continue;
    const inside = `subjects/${name}/${session}`;
    for (const folder of foldersOf((await source.list(inside)) ?? [])) {
      if (folder !== tensors) pipelines.add(folder);
    }
    for (const kind of foldersOf((await source.list(`${inside}/${tensors}`)) ?? [])) {
      for (const folder of foldersOf((await source.list(`${inside}/${tensors}/${kind}`)) ?? [])) {
        pipelines.add(`${kind}/${folder}`);
      }
    }
  }
  const hasMasks = entries.some(({ name }) => name === "masks");
  return {
    kind: "CAPS",
    rows: [
      ["path", path],
      ["it is", "a CAPS: images that Clinica or ClinicaDL prepared"],
      ["participants", String(participants.length)],
      ["sessions", String(sessions)],
      ["images of", [...pipelines].sort().join(", ") || "no pipeline"],
      ["masks", hasMasks ? "there" : "none"],
    ],
    problems: [],
    commands: [`voxplain predict MODEL --use_cpu --caps_dir ${shellWord(path)} --tsv_path LABELS`],
  };
}
