import { gzipInPool, refuseExisting, startResult } from "@voxplain/core/node";
import type { Progress as Position } from "@voxplain/group-analysis";
import {
  type FindingFiles,
  findingFiles,
  type MapSet,
  maskAt,
  openMapSet,
  recordedFiles,
} from "@voxplain/results";
import { encodeJson } from "@voxplain/writers";
import { packageVersions } from "../installed-packages.ts";
import { refuseNoRoom } from "../job/disk-use.ts";
import { printLines, sayLines } from "../print-lines.ts";
import { type Progress, progressOn } from "../progress.ts";
import type { FindingOptions } from "./options.ts";

/** A command that reads maps and writes a folder of tables and images. */
export interface FindingCommand<Prepared> {
  /** "regions". */
  readonly name: string;
  /** The command as it was typed. */
  readonly command: readonly string[];
  /** As they were typed. */
  readonly sources: readonly string[];
  readonly options: FindingOptions;
  /** Where the result goes. */
  outputPath(set: MapSet): string;
  /** Checks everything that can be known before the first map is read. */
  prepare(set: MapSet, mask: Uint8Array | undefined): Promise<Prepared>;
  /** Bytes that the result will have at least, beside its tables. Default: 0. */
  bytes?(prepared: Prepared): number;
  /** Computes and writes; resolves to what the record has besides options, sources, versions and warnings. */
  write(
    prepared: Prepared,
    files: FindingFiles,
    saying: Saying,
  ): Promise<{ readonly facts?: Readonly<Record<string, unknown>>; readonly summary?: string }>;
}

/** How a command reports its progress. */
export interface Saying {
  warn(warning: string): void;
  progress(position: Position): void;
}

/** Checks everything first, then computes and writes the folder, which is there whole or not at all. */
export async function runFinding<Prepared>(command: FindingCommand<Prepared>): Promise<0> {
  const { name, options, bytes } = command;
  const started = new Date();
  const saying = sayingOn(name);
  const set = await openMapSet(command.sources, {
    groupBy: options.group_by,
    participants: options.participants_tsv,
    template: options.nifti_template_path,
  });
  const outputPath = command.outputPath(set);
  refuseExisting(outputPath, options.overwrite, [`${name}.json`]);
  const mask = options.mask === undefined ? undefined : await maskAt(options.mask, "mask", set);
  const prepared = await command.prepare(set, mask);
  for (const warning of set.warnings) saying.warn(warning);
  if (!set.isPlaced) {
    saying.warn(
      "the position of the maps is unknown: coordinates are voxel indices and volumes are numbers of voxels, unless you give an image " +
        "that has the position (--nifti_template_path)",
    );
  }
  refuseNoRoom(outputPath, tablesBytes + (bytes?.(prepared) ?? 0));
  const folder = await startResult(outputPath, { fsync: !options.no_fsync });
  try {
    const files = recordedFiles(folder.files);
    const { facts = {}, summary } = await command.write(
      prepared,
      findingFiles(files, set, gzipInPool),
      saying,
    );
    const { verbose: _, overwrite: __, no_fsync: ___, ...kept } = options;
    const record = {
      ...facts,
      options: kept,
      sources: set.sources.map(({ text, path, kind, value, groupColumn, positive, maps }) => ({
        ...{
          source: text,
          path,
          kind,
          value,
          group_by: groupColumn,
          positive_label: positive,
          maps: maps.length,
        },
      })),
      versions: packageVersions(),
      command: command.command,
      ...{ started, finished: new Date() },
      warnings: saying.warnings,
      // They are written beside each other: their order is chance.
      outputs: files.outputs.toSorted((one, other) => (one.file < other.file ? -1 : 1)),
    };
    await files.write(`${name}.json`, encodeJson(record));
    await folder.publish();
    saying.end();
    printLines(outputPath, ...(summary?.trimEnd().split("\n") ?? []));
    return 0;
  } catch (error) {
    saying.end();
    folder.discard();
    throw error;
  }
}

/** Of the tables and the record of a finding, at least. */
const tablesBytes = 4096;

const nouns = {
  maps: ["reading maps", "map"],
  relabellings: ["relabelling", "relabelling"],
} as const;

function sayingOn(name: string): Saying & { readonly warnings: readonly string[]; end(): void } {
  const warnings: string[] = [];
  let bar: Progress | undefined;
  let phase: Position["phase"] | undefined;
  return {
    warnings,
    warn(warning) {
      if (warnings.includes(warning)) return;
      warnings.push(warning);
      if (bar === undefined) sayLines(`warning: ${warning}`);
      else bar.say(`warning: ${warning}`);
    },
    progress(position) {
      const { done, total = done } = position;
      if (bar === undefined || phase !== position.phase) {
        bar?.end();
        phase = position.phase;
        const [title, noun] = nouns[phase];
        bar = progressOn(process.stderr, `${name}: ${title}`, total, noun);
      }
      bar.update({ index: done, count: total, passes: 0, expected: undefined });
    },
    end: () => bar?.end(),
  };
}
