import type { FileSource } from "@voxplain/core";
import { type Model, type NetworkChoice as ModelChoice, openModel, problemList } from "@voxplain/study";
import type { NetworkChoice } from "./engine.ts";
import type { ModelOpening } from "./opened-model.ts";

/**
 * Opens a folder that ClinicaDL trained networks into; weights are read when a network is needed.
 * @throws VoxplainError where it is none, or what is wrong with each of its networks where none can be used.
 */
export async function openFolderModel(
  files: FileSource,
  signal: AbortSignal | undefined,
): Promise<ModelOpening> {
  const model = await openModel(files);
  const { rows, networks, classCount = 2, failures, problems } = await model.facts({ signal });
  if (networks.length === 0) {
    // The command's sentences: it loads the networks, too.
    const reasons = problemList();
    for (const failure of failures) reasons.add(failure);
    await reasons.attempt(() => void model.choose({}));
    reasons.throwAny();
  }
  const sizes = new Set(failures.flatMap(({ code, message }) => (code === "mismatch" ? message : [])));
  return {
    // Whether they fit is known when an image is read.
    problems: problems.map((problem) =>
      sizes.has(problem) ? `${problem}; images of another size may fit` : problem,
    ),
    opened: {
      description: {
        name: files.name.split(/[/\\]/).filter(Boolean).at(-1) ?? files.name,
        ...{ kind: "model-folder", facts: rows, networks: networks.flatMap(named) },
        task: model.task === "regression" ? "regression" : "classification",
        classes: model.task === "regression" ? [] : classesOf(model, classCount),
        ...{ hasParts: model.parts.mode !== "image", preprocessing: undefined },
        ...{ outputGrid: undefined, scores: undefined },
      },
      model: async () => model,
    },
  };
}

function named({ fold, foldName = `fold-${fold}`, selection }: ModelChoice): NetworkChoice[] {
  return fold === undefined || selection === undefined ? [] : [{ fold, foldName, selection }];
}

/** What each class is called. */
function classesOf({ classes }: Model, count: number): string[] {
  return Array.from({ length: count }, (_, index) => classes[index] ?? `class ${index}`);
}
