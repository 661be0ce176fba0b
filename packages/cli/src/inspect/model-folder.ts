import { isVoxplainError } from "@voxplain/core";
import {
  expectedInputDims,
  type Fold,
  loadNetwork,
  type ModelFolder,
  openModelFolder,
  type Selection,
} from "@voxplain/model-loader";
import { modelFolder } from "../job/places.ts";

/** What `voxplain inspect` tells; printed as text or as JSON. */
interface Report {
  readonly model_path: string;
  readonly architecture: string;
  readonly network_type: string;
  readonly mode: string;
  readonly preprocessing: string;
  readonly normalize: boolean;
  readonly input_size: readonly number[] | null;
  readonly caps_dir: string | null;
  readonly tsv_path: string | null;
  readonly diagnoses: readonly string[];
  readonly folds: readonly FoldReport[];
  readonly problems: readonly string[];
}

interface FoldReport {
  readonly fold: number;
  readonly selections: readonly SelectionReport[];
}

interface SelectionReport {
  readonly selection: string;
  readonly file: string;
  /** Keys of the checkpoint that lead to the weights. */
  readonly weights_keys: readonly string[] | null;
  readonly parameters: number | null;
  readonly epoch: number | null;
}

/** `voxplain inspect`: what a model folder holds, and what is missing in it. */
export async function inspect(modelPath: string, options: { json: boolean }): Promise<void> {
  const report = await reportOn(await openModelFolder(modelFolder(modelPath)));
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : asText(report));
}

async function reportOn(folder: ModelFolder): Promise<Report> {
  const { settings, source } = folder;
  const problems = [...folder.missing];
  const folds: FoldReport[] = [];
  let architecture = settings.architecture ?? "random search";
  for (const fold of folder.folds) {
    const selections: SelectionReport[] = [];
    for (const selection of fold.selections) {
      const network = await look(folder, fold, selection, problems);
      if (network !== undefined) architecture = network.architecture;
      selections.push({
        selection: selection.name,
        file: selection.onnx ?? selection.checkpoint ?? "",
        weights_keys: network?.weightsKeys ?? null,
        parameters: network?.parameterCount ?? null,
        epoch: network?.epoch ?? null,
      });
    }
    folds.push({ fold: fold.index, selections });
  }
  return {
    model_path: source.name,
    architecture,
    network_type: settings.networkType,
    mode: settings.mode,
    preprocessing: settings.preprocessing,
    normalize: settings.normalize,
    input_size: expectedInputDims(settings) ?? null,
    caps_dir: settings.capsDir ?? null,
    tsv_path: settings.tsvPath ?? null,
    diagnoses: settings.diagnoses,
    folds,
    problems,
  };
}

/** Loads a network to see whether its weights fit; what does not becomes a problem of the report. */
async function look(folder: ModelFolder, fold: Fold, selection: Selection, problems: string[]) {
  const inputDims = expectedInputDims(folder.settings);
  if (inputDims === undefined || folder.settings.networkType !== "cnn") return undefined;
  try {
    return await loadNetwork(folder, fold.index, selection.name, { inputDims });
  } catch (error) {
    if (!isVoxplainError(error)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function asText(report: Report): string {
  const lines: [string, string][] = [
    ["model folder", report.model_path],
    ["architecture", report.architecture],
    ["mode", `${report.mode} (${report.network_type})`],
    [
      "preprocessing",
      `${report.preprocessing}, intensities ${report.normalize ? "min-max normalised" : "as they are"}`,
    ],
    ["input size", report.input_size?.join(" × ") ?? "not known before an image is read"],
    ["training images", report.caps_dir ?? "not recorded"],
    ["training labels", `${report.tsv_path ?? "not recorded"} (${report.diagnoses.join(", ")})`],
  ];
  for (const { fold, selections } of report.folds) {
    if (selections.length === 0) lines.push([`fold ${fold}`, "no network"]);
    for (const [k, { selection, parameters, epoch, file, weights_keys }] of selections.entries()) {
      const facts = [
        ...(parameters === null ? [] : [`${parameters.toLocaleString("en")} parameters`]),
        ...(epoch === null ? [] : [`epoch ${epoch}`]),
        file,
        // "model" is where ClinicaDL puts them.
        ...(weights_keys && weights_keys.length > 0 && weights_keys.join() !== "model"
          ? [`weights below ${weights_keys.map((key) => JSON.stringify(key)).join(" > ")}`]
          : []),
      ];
      lines.push([k === 0 ? `fold ${fold}` : "", `${selection}: ${facts.join(", ")}`]);
    }
  }
  const width = Math.max(...lines.map(([title]) => title.length));
  const table = lines.map(([title, text]) => `${title.padEnd(width)}  ${text}\n`).join("");
  return table + report.problems.map((problem) => `problem: ${problem}\n`).join("");
}
