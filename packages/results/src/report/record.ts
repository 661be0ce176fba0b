import { basename } from "node:path";
import type { FileDigest, ReportedRecord, ReportedSource } from "@voxplain/report";
import type { OpenedResult } from "./open-result.ts";
import type { StoredObject } from "./stored-json.ts";

/** What the record of a finding and that of a job have in common. */
export function recordOf({ path }: OpenedResult, stored: StoredObject): ReportedRecord {
  const versions = stored.all.versions === undefined ? stored.object("packages") : stored.object("versions");
  return {
    name: basename(path),
    folder: path,
    command: stored.texts("command"),
    started: stored.text("started"),
    options: stored.object("options").all,
    versions: Object.fromEntries(
      Object.entries(versions.all).map(([name, version]) => [name, String(version)]),
    ),
    warnings: stored.texts("warnings") ?? [],
    inputs: digestsOf(stored.list("inputs")),
    outputs: digestsOf(stored.list("outputs")),
  };
}

function digestsOf(files: readonly StoredObject[]): FileDigest[] {
  return files.flatMap((entry) => {
    const [file, sha256] = [entry.text("file"), entry.text("sha256")];
    return file === undefined || sha256 === undefined ? [] : [{ file, sha256 }];
  });
}

/** The sources in the record of a finding. */
export function sourcesOf(stored: StoredObject): ReportedSource[] {
  return stored.list("sources").map((source) => ({
    text: source.text("source") ?? "",
    maps: source.number("maps") ?? 0,
    positive: source.text("positive_label"),
  }));
}
