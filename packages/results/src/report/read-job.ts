import type { ReportedJob } from "@voxplain/report";
import { curvesOfChecks, summaryOfChecks } from "./checks-of-job.ts";
import { cohortOfJob } from "./cohort-of-job.ts";
import { mapsOfSessions, meanMapOf, type ShownMaps } from "./maps-of-job.ts";
import { methodOf } from "./method-of-job.ts";
import { metricsOfJob } from "./metrics-of-job.ts";
import { modelOf } from "./model-of-job.ts";
import type { OpenedResult } from "./open-result.ts";
import type { ReadOptions } from "./read-options.ts";
import { recordOf } from "./record.ts";
import { type StoredObject, storedJson } from "./stored-json.ts";
import { storedTable, tableIfThere } from "./stored-table.ts";

/** A folder of `voxplain interpret` or `predict`. @throws VoxplainError naming the file that is missing or damaged. */
export async function readJob(opened: OpenedResult, options: ReadOptions): Promise<ReportedJob> {
  const { source } = opened;
  const provenance = await storedJson(source, "provenance.json");
  const given = provenance.object("options");
  const data = await storedTable(source, "data.tsv");
  const predictions = await tableIfThere(source, "predictions.tsv");
  const kind = ({ group: "mean map", predict: "predictions" } as const)[given.text("task") ?? ""] ?? "maps";
  const none: ShownMaps = { pictures: [] };
  const maps =
    kind === "predictions"
      ? none
      : kind === "maps"
        ? await mapsOfSessions(opened, provenance, options)
        : await meanMapOf(opened, provenance, options);
  const checks = await tableIfThere(source, "checks.tsv");
  const record = recordOf(opened, provenance);
  return {
    ...record,
    warnings: [...record.warnings, ...(maps.note === undefined ? [] : [maps.note])],
    kind,
    machine: machineOf(provenance),
    explained: explainedOf(given),
    method: kind === "predictions" ? undefined : methodOf(given),
    model: modelOf(provenance),
    cohort: cohortOfJob(data, predictions, await tableIfThere(source, "errors.tsv"), given),
    predictions,
    ...(await metricsOfJob(source, data, predictions)),
    pictures: maps.pictures,
    typicality: maps.typicality,
    checks: checks && summaryOfChecks(checks),
    curves: checks === undefined ? [] : await curvesOfChecks(source),
  };
}

/** "the logit of AD". */
function explainedOf(options: StoredObject): string | undefined {
  const label = options.text("target_label") ?? options.text("target_diagnosis");
  if (label !== undefined) return `the logit of ${label}`;
  const { target_node } = options.all;
  return target_node === undefined || target_node === null
    ? undefined
    : `the logit of class ${String(target_node)}`;
}

function machineOf(provenance: StoredObject): string | undefined {
  const [runtime, platform] = [provenance.object("runtime"), provenance.object("platform")];
  const parts = [
    [runtime.text("name"), runtime.text("version")].filter((part) => part).join(" "),
    runtime.text("provider"),
    platform.text("processor"),
    platform.text("system"),
    platform.text("host"),
  ].filter((part) => part);
  return parts.length === 0 ? undefined : parts.join(", ");
}
