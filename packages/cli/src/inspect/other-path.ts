import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isCaps, isTable, tableColumns } from "@voxplain/caps-io";
import { type FileEntry, type FileSource, isVoxplainError } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { openImages } from "@voxplain/study";
import { imagesAt, type Place } from "@voxplain/study/node";
import { quoted } from "./quoted.ts";
import type { Row } from "./table-text.ts";

/** What a path is that is no model, and what to do with it. */
export interface OtherPath {
  /** For people, and for programs. */
  readonly kind:
    | "model folder above"
    | "model folders below"
    | "CAPS"
    | "BIDS dataset"
    | "table"
    | "label lists"
    | "result";
  /** What was found, for people. */
  readonly rows: readonly Row[];
  /** Sentences: what was done, such as leaving images out. */
  readonly notes?: readonly string[];
  /** Sentences: what is wrong. */
  readonly problems: readonly string[];
  /** To paste. */
  readonly commands: readonly string[];
}

/** Folders that are looked through, above and below. */
const mostAbove = 6;
const mostBelow = 200;

/** @returns undefined for what is nothing that a command takes. */
export async function otherPath(place: Place): Promise<OtherPath | undefined> {
  if (statSync(place.path).isFile()) {
    const table = isTable(place.below) ? await describeTable(place) : undefined;
    return table ?? above(dirname(place.path), place.path);
  }
  if (await isModelFolder(place.source)) return undefined;
  const entries = (await place.source.list("")) ?? [];
  const names = new Set(entries.map(({ name }) => name));
  if (isCaps(entries)) return describeCaps(place, entries);
  if (entries.some(isParticipant) || names.has("dataset_description.json")) return describeBids(place);
  return (
    (await above(dirname(place.path), place.path)) ??
    (await below(place, entries)) ??
    (await labelLists(place, entries)) ??
    result(place, names)
  );
}

const isParticipant = ({ name, kind }: FileEntry) => kind === "directory" && name.startsWith("sub-");

/** Whether a folder is one that networks were trained into; what is in it is not checked. */
async function isModelFolder(source: FileSource): Promise<boolean> {
  const entries = (await source.list("")) ?? [];
  const hasOptions = entries.some(
    ({ name, kind }) => kind === "file" && (name === "maps.json" || name === "commandline.json"),
  );
  return (
    hasOptions && entries.some(({ name, kind }) => kind === "directory" && /^(?:fold|split)-\d/.test(name))
  );
}

async function above(start: string, path: string): Promise<OtherPath | undefined> {
  let folder = start;
  for (let level = 0; level < mostAbove; level++) {
    if (await isModelFolder(directory(folder))) {
      return {
        kind: "model folder above",
        rows: [
          ["path", path],
          ["it is", `a part of the model folder ${folder}`],
        ],
        problems: [],
        commands: [`voxplain inspect ${quoted(folder)}`],
      };
    }
    const next = dirname(folder);
    if (next === folder) return undefined;
    folder = next;
  }
  return undefined;
}

async function below({ path }: Place, entries: readonly FileEntry[]): Promise<OtherPath | undefined> {
  const found: string[] = [];
  const waiting = foldersOf(entries).map((name) => join(path, name));
  for (let seen = 0; seen < mostBelow && waiting.length > 0; seen++) {
    const folder = waiting.shift() ?? path;
    const source = directory(folder);
    if (await isModelFolder(source)) found.push(folder);
    else if (dirname(folder) === path) {
      waiting.push(...foldersOf((await source.list("")) ?? []).map((name) => join(folder, name)));
    }
  }
  if (found.length === 0) return undefined;
  return {
    kind: "model folders below",
    rows: [
      ["path", path],
      [
        "it is",
        `a folder with ${found.length === 1 ? "a model folder" : `${found.length} model folders`} in it`,
      ],
    ],
    problems: [],
    commands: found.slice(0, 10).map((folder) => `voxplain inspect ${quoted(folder)}`),
  };
}

function foldersOf(entries: readonly FileEntry[]): readonly string[] {
  return entries.flatMap(({ name, kind }) => (kind === "directory" && !name.startsWith(".") ? [name] : []));
}

async function describeCaps({ path, source }: Place, entries: readonly FileEntry[]): Promise<OtherPath> {
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
    commands: [`voxplain predict MODEL --use_cpu --caps_dir ${quoted(path)} --tsv_path LABELS`],
  };
}

const tensors = "deeplearning_prepare_data";
/** Participants whose first session is looked at for what was prepared. */
const mostLooked = 20;

async function describeBids(place: Place): Promise<OtherPath> {
  const participants = ((await place.source.list("")) ?? []).filter(isParticipant);
  const start: Row[] = [
    ["path", place.path],
    ["it is", "a BIDS dataset or derivative"],
    ["participants", String(participants.length)],
  ];
  return withImages(place, "BIDS dataset", start);
}

async function describeTable(place: Place): Promise<OtherPath | undefined> {
  const reader = await place.source.open(place.below);
  if (reader === undefined) return undefined;
  const columns = tableColumns(await reader.read(0, Math.min(reader.byteLength, startOfTable)));
  const start: Row[] = [["path", place.path]];
  if (columns.includes("image") || columns.includes("path")) {
    if (columns.includes("participant_id")) {
      return withImages(place, "table", [
        ...start,
        ["it is", "a table of images"],
        ["columns", columns.join(", ")],
      ]);
    }
  }
  const isCohorts = columns.includes("cohort") && columns.includes("path");
  if (!isCohorts && !columns.includes("participant_id")) return undefined;
  const what = isCohorts
    ? "a table of cohorts, each with its folder"
    : `a list of sessions${columns.includes("diagnosis") ? " with their diagnoses" : ""}`;
  const options = isCohorts
    ? ["--multi_cohort --caps_dir CAPS_TABLE --tsv_path", quoted(place.path)]
    : ["--caps_dir CAPS --tsv_path", quoted(place.path)];
  return {
    kind: "table",
    rows: [...start, ["it is", what], ["columns", columns.join(", ")]],
    problems: [],
    commands: [["voxplain predict MODEL --use_cpu", ...options].join(" ")],
  };
}

const startOfTable = 65_536;

/** The images that a table or a dataset gives without a model. */
async function withImages(place: Place, kind: OtherPath["kind"], start: readonly Row[]): Promise<OtherPath> {
  const command = `voxplain predict MODEL --use_cpu --images ${quoted(place.path)}`;
  try {
    const { images, failures, problems, notes, columns } = await openImages(imagesAt(place.path));
    return {
      kind,
      rows: [
        ...start,
        [
          "images",
          `${images.length} sessions${failures.length > 0 ? `, and ${failures.length} whose image is not there` : ""}`,
        ],
        ...(kind === "table" ? [] : [["columns", columns.join(", ") || "none"] satisfies Row]),
      ],
      notes,
      problems: [
        ...problems.map(({ message }) => message),
        ...failures.slice(0, 10).map(({ error }) => error.message),
      ],
      commands: [command],
    };
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    return { kind, rows: start, problems: [error.message], commands: [command] };
  }
}

/** A folder with a table of sessions for each diagnosis. */
async function labelLists(
  { path, source }: Place,
  entries: readonly FileEntry[],
): Promise<OtherPath | undefined> {
  const lists: string[] = [];
  for (const { name } of entries
    .filter((entry) => entry.kind === "file" && isTable(entry.name))
    .slice(0, mostLooked)) {
    const reader = await source.open(name);
    const start = await reader?.read(0, Math.min(reader.byteLength, startOfTable));
    if (start !== undefined && tableColumns(start).includes("participant_id")) lists.push(name);
  }
  if (lists.length === 0) return undefined;
  return {
    kind: "label lists",
    rows: [
      ["path", path],
      ["it is", `a folder of lists of sessions: ${lists.join(", ")}`],
    ],
    problems: [],
    commands: [`voxplain predict MODEL --use_cpu --caps_dir CAPS --tsv_path ${quoted(path)}`],
  };
}

function result({ path }: Place, names: ReadonlySet<string>): OtherPath | undefined {
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
