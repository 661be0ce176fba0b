import { withEscapes } from "@voxplain/core";
import type { FolderFacts, ModelFolder } from "@voxplain/model-loader";
import type { InspectedFolder } from "./model-folder.ts";
import { type Networks, networksBySelection, randomArchitecture } from "./networks-by-selection.ts";
import { type Row, tableText } from "./table-text.ts";

/** What is known of a model folder, for people: a row for each fact, then what is missing or odd. */
export function folderText(inspected: InspectedFolder): string {
  const { facts, settings, next } = inspected;
  const rows: Row[] = [
    ["model folder", facts.name],
    ["written by", programText(facts)],
    ["task", taskText(inspected)],
    ["architecture", facts.architecture ?? randomArchitecture],
    ["mode", `${facts.mode} (${facts.networkType})`],
    ...(facts.mode === "image" ? [] : [["parts", partsText(settings)] satisfies Row]),
    ["preprocessing", imagesText(facts)],
    ["input size", inputText(facts, settings)],
    ["training images", facts.capsDir ?? "not recorded"],
    ["training labels", `${facts.tsvPath ?? "not recorded"} (${facts.diagnoses.join(", ")})`],
    ...foldRows(facts),
    ...labelled(
      "data groups",
      inspected.groups.map(({ name, fold, file, sessionCount, hasLabels }) => {
        const count = sessionCount === undefined ? "cannot be read" : counted(sessionCount, "session");
        const of = fold === undefined ? "" : ` of ${facts.folds.find(({ index }) => index === fold)?.name}`;
        const labels = sessionCount === undefined || hasLabels ? "" : ", without labels";
        return `${name}${of}: ${count}${labels}, ${file}`;
      }),
    ),
    ...labelled(
      "ClinicaDL's maps",
      inspected.clinicadlMaps.map(
        ({ folder, fileCount }) => `${folder}: ${counted(fileCount, "file")}, left alone`,
      ),
    ),
    ...labelled(
      "training options",
      inspected.options.map(({ written, effect, what }) => `${settingText(written)}: ${effect}: ${what}`),
    ),
    ["to explain it", ...[next.command, next.note].filter((text) => text !== undefined)],
  ];
  return tableText(rows) + facts.problems.map((problem) => `problem: ${withEscapes(problem)}\n`).join("");
}

function programText({ program }: FolderFacts): string {
  const kind = program.format === "1.x" ? " (a MAPS)" : "";
  return program.version === undefined
    ? `${program.name} ${program.format}${kind}; the folder does not say which version`
    : `${program.name} ${program.version}${kind}`;
}

function taskText({ facts, classes }: InspectedFolder): string {
  if (facts.task === "reconstruction") return "reconstruction, which cannot be explained";
  const of = `${facts.task} of ${facts.label ?? "an unknown label"}`;
  if (facts.task === "regression") return of;
  if (classes === undefined) return `${of}; which class is which is not known`;
  return `${of}: ${classes.map(([value, node]) => `${value} ${node}`).join(", ")}`;
}

function partsText({ patch, roi, slice, partCount, networkType }: ModelFolder["settings"]): string {
  const [what, extracted] = patch
    ? [`patches of ${patch.size} voxels, one every ${patch.stride}`, patch.extracted]
    : roi
      ? [
          `${roi.uncropped ? "uncropped " : ""}regions ${roi.list?.join(", ") ?? "of the two hippocampi"}`,
          roi.extracted,
        ]
      : [sliceText(slice), slice?.extracted ?? false];
  return [
    what,
    ...(partCount === undefined ? [] : [`${partCount} for each image`]),
    ...(networkType === "multicnn" ? ["each with a network of its own"] : []),
    extracted ? "from files of their own" : "cut from the image",
  ].join(", ");
}

function sliceText(slice: ModelFolder["settings"]["slice"]): string {
  if (slice === undefined) return "slices";
  const { direction, discarded, channels, count } = slice;
  const plane = (["sagittal", "coronal", "axial"] as const)[direction];
  const left = count === undefined ? "" : `, ${count} of them`;
  return `${plane} slices on ${counted(channels, "channel")}, without ${discarded[0]} at the beginning and ${discarded[1]} at the end${left}`;
}

function imagesText({ images, normalize }: FolderFacts): string {
  const { preprocessing, uncropped, generation: _, ...details } = images;
  return [
    preprocessing,
    ...(uncropped ? ["uncropped"] : []),
    ...Object.values(details),
    `intensities ${normalize ? "min-max normalized" : "as they are"}`,
  ].join(", ");
}

function inputText({ inputDims }: FolderFacts, { sizeReduction }: ModelFolder["settings"]): string {
  const size = inputDims?.join(" × ") ?? "not known before an image is read";
  return sizeReduction === undefined
    ? size
    : `${size}, one of ${sizeReduction} voxels of the image along each axis`;
}

function foldRows({ folds }: FolderFacts): Row[] {
  return folds.flatMap(({ name, networks }): Row[] => {
    const title = name.replace("-", " ");
    if (networks.length === 0) return [[title, "no network"]];
    return labelled(
      title,
      networksBySelection(networks).map(([selection, ofParts]) => `${selection}: ${networkText(ofParts)}`),
    );
  });
}

function networkText([{ part, file, loaded }, ...others]: Networks): string {
  const parameters = loaded === undefined ? [] : [`${loaded.parameterCount.toLocaleString("en")} parameters`];
  const epoch = loaded?.epoch === undefined ? [] : [`epoch ${loaded.epoch}`];
  if (part !== undefined) {
    const count = others.length + 1;
    return [
      `${count} ${count === 1 ? "network" : "networks, one for each part"}`,
      ...parameters,
      ...epoch,
      file,
    ]
      .join(", ")
      .concat(count === 1 ? "" : ", …");
  }
  const keys = loaded?.weightsKeys ?? [];
  return [
    ...parameters,
    ...epoch,
    file,
    // ClinicaDL saves them below "model".
    ...(keys.length > 0 && keys.join() !== "model"
      ? [`weights below ${keys.map((key) => JSON.stringify(key)).join(" > ")}`]
      : []),
  ].join(", ");
}

/** Rows of which only the first has the title. */
function labelled(title: string, texts: readonly string[]): Row[] {
  return texts.map((text, k) => [k === 0 ? title : "", text]);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "seed 3, deterministic true". */
function settingText(written: InspectedFolder["options"][number]["written"]): string {
  return Object.entries(written)
    .map(([key, value]) => `${key} ${short(value)}`)
    .join(", ");
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
