import {
  describeFolder,
  type FolderFacts,
  openModelFolder,
  type SurveyedNetwork,
  surveyFolder,
} from "@voxplain/model-loader";
import { modelAt } from "@voxplain/study/node";

/** `voxplain inspect`: what a model folder holds, and what is missing in it. */
export async function inspect(
  modelPath: string,
  options: { readonly json: boolean; readonly weights_key?: string },
): Promise<void> {
  const folder = await openModelFolder(modelAt(modelPath).source);
  const facts = describeFolder(folder, await surveyFolder(folder, { weightsKey: options.weights_key }));
  process.stdout.write(options.json ? `${JSON.stringify(reportOf(facts), undefined, 2)}\n` : textOf(facts));
}

/** The facts under the names of the command line. */
function reportOf(facts: FolderFacts) {
  return {
    model_path: facts.name,
    architecture: facts.architecture ?? randomArchitecture,
    network_type: facts.networkType,
    network_task: facts.task,
    mode: facts.mode,
    preprocessing: facts.images.preprocessing,
    normalize: facts.normalize,
    input_size: facts.inputDims ?? null,
    caps_dir: facts.capsDir ?? null,
    tsv_path: facts.tsvPath ?? null,
    diagnoses: facts.diagnoses,
    folds: facts.folds.map(({ index, networks }) => ({
      fold: index,
      selections: bySelection(networks).map(([selection, [first, ...others]]) =>
        first.part === undefined
          ? { selection, ...networkReport(first) }
          : {
              selection,
              networks: [first, ...others].map((one) => ({ part: one.part, ...networkReport(one) })),
            },
      ),
    })),
    problems: facts.problems,
  };
}

function networkReport({ file, loaded }: SurveyedNetwork) {
  return {
    file,
    weights_keys: loaded?.weightsKeys ?? null,
    parameters: loaded?.parameterCount ?? null,
    epoch: loaded?.epoch ?? null,
  };
}

function textOf(facts: FolderFacts): string {
  const lines: [string, string][] = [
    ["model folder", facts.name],
    ["architecture", facts.architecture ?? randomArchitecture],
    ["mode", `${facts.mode} (${facts.networkType})`],
    [
      "preprocessing",
      `${facts.images.preprocessing}, intensities ${facts.normalize ? "min-max normalised" : "as they are"}`,
    ],
    ["input size", facts.inputDims?.join(" × ") ?? "not known before an image is read"],
    ["training images", facts.capsDir ?? "not recorded"],
    ["training labels", `${facts.tsvPath ?? "not recorded"} (${facts.diagnoses.join(", ")})`],
  ];
  for (const { index, networks } of facts.folds) {
    if (networks.length === 0) lines.push([`fold ${index}`, "no network"]);
    for (const [k, [selection, ofParts]] of bySelection(networks).entries()) {
      lines.push([k === 0 ? `fold ${index}` : "", `${selection}: ${networkText(ofParts)}`]);
    }
  }
  const width = Math.max(...lines.map(([title]) => title.length));
  const table = lines.map(([title, text]) => `${title.padEnd(width)}  ${text}\n`).join("");
  return table + facts.problems.map((problem) => `problem: ${problem}\n`).join("");
}

function networkText([{ part, file, loaded }, ...others]: NonEmpty<SurveyedNetwork>): string {
  const parameters = loaded === undefined ? [] : [`${loaded.parameterCount.toLocaleString("en")} parameters`];
  if (part !== undefined) {
    const count = others.length + 1;
    return [`${count} ${count === 1 ? "network" : "networks, one for each part"}`, ...parameters, file]
      .join(", ")
      .concat(count === 1 ? "" : ", …");
  }
  const keys = loaded?.weightsKeys ?? [];
  return [
    ...parameters,
    ...(loaded?.epoch === undefined ? [] : [`epoch ${loaded.epoch}`]),
    file,
    // ClinicaDL saves them below "model".
    ...(keys.length > 0 && keys.join() !== "model"
      ? [`weights below ${keys.map((key) => JSON.stringify(key)).join(" > ")}`]
      : []),
  ].join(", ");
}

const randomArchitecture = "random search";

type NonEmpty<T> = readonly [T, ...T[]];

/** The networks of a fold by selection: one, or one for each part. */
function bySelection(networks: readonly SurveyedNetwork[]): [string, NonEmpty<SurveyedNetwork>][] {
  const groups = new Map<string, [SurveyedNetwork, ...SurveyedNetwork[]]>();
  for (const network of networks) {
    const group = groups.get(network.selection);
    if (group === undefined) groups.set(network.selection, [network]);
    else group.push(network);
  }
  return [...groups];
}
