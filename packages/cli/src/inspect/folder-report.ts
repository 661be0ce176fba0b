import type { SurveyedNetwork } from "@voxplain/model-loader";
import type { InspectedFolder } from "./model-folder.ts";
import { networksBySelection, randomArchitecture } from "./networks-by-selection.ts";

/** What is known of a model folder, under the names of the command line. */
export function folderReport(inspected: InspectedFolder) {
  const { facts, settings, classes, next } = inspected;
  return {
    model_path: facts.name,
    program: facts.program.name,
    program_version: facts.program.version ?? null,
    program_format: facts.program.format,
    architecture: facts.architecture ?? randomArchitecture,
    network_type: facts.networkType,
    network_task: facts.task,
    label: facts.label ?? null,
    label_code: classes === undefined ? null : Object.fromEntries(classes),
    mode: facts.mode,
    parts: settings.patch ?? settings.roi ?? settings.slice ?? null,
    part_count: facts.partCount ?? null,
    preprocessing: facts.images.preprocessing,
    images: facts.images,
    normalize: facts.normalize,
    size_reduction: settings.sizeReduction ?? null,
    input_size: facts.inputDims ?? null,
    output_size: facts.classCount ?? settings.outputSize ?? null,
    caps_dir: facts.capsDir ?? null,
    tsv_path: facts.tsvPath ?? null,
    diagnoses: facts.diagnoses,
    selection_metrics: settings.selectionMetrics,
    folds: facts.folds.map(({ index, name, networks }) => ({
      fold: index,
      name,
      selections: networksBySelection(networks).map(([selection, [first, ...others]]) =>
        first.part === undefined
          ? { selection, ...networkReport(first) }
          : {
              selection,
              networks: [first, ...others].map((one) => ({ part: one.part, ...networkReport(one) })),
            },
      ),
    })),
    data_groups: inspected.groups.map((group) => ({
      name: group.name,
      fold: group.fold ?? null,
      file: group.file,
      sessions: group.sessionCount ?? null,
      labels: group.hasLabels,
      caps_dir: group.capsDirectory ?? null,
      multi_cohort: group.multiCohort,
    })),
    clinicadl_maps: inspected.clinicadlMaps.map((maps) => ({
      fold: maps.foldName,
      selection: maps.selection,
      data_group: maps.group,
      name: maps.name,
      folder: maps.folder,
      files: maps.fileCount,
    })),
    training_options: inspected.options.map(({ written, effect, what }) => ({ written, effect, what })),
    command: next.command ?? null,
    command_note: next.note ?? null,
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
