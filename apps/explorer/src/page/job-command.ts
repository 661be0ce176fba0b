import type { Session } from "@voxplain/caps-io";
import { commandLine, pathArgument } from "@voxplain/report";
import { snakeCase } from "@voxplain/saliency";
import type { Explanation, ExplorerModel } from "../engine/engine.ts";
import type { ExplainedSource } from "../engine/explained-sources.ts";
import { explainedValue } from "../engine/explained-value.ts";

/** A job of the page as the command line has it. */
export interface JobCommand {
  /** What writes the table that the command takes; undefined where it takes none. */
  readonly preparation: string | undefined;
  readonly words: readonly string[];
}

/** What the request of an explanation does not hold. */
export interface CommandContext {
  readonly model: Pick<ExplorerModel, "kind" | "task">;
  /** Whether Voxplain's kernels may compute the first layers. */
  readonly kernels: boolean;
  /** The name of the result. */
  readonly name: string;
}

/**
 * The command that repeats a map, run where the files are that the page opened.
 * @returns A sentence instead, where a command has no option for something that was used.
 */
export function jobCommand(explanation: Explanation, context: CommandContext): JobCommand | string {
  const { sources, request } = explanation;
  if (sources.usesOthers)
    return "the map also depends on the other images of the list, which a command takes from a cohort of its own";
  if (new Set(sources.images.map(({ from: { kind } }) => kind)).size > 1)
    return "the mean is of images of a CAPS and of single files, which no command takes together";
  const [first] = sources.images;
  if (first === undefined) return "the files of the map are not known";
  const isOnnx = context.model.kind === "onnx";
  const method = [
    "--method",
    request.method,
    ...listOf("--method_options", methodOptions(explanation)),
    ...(context.kernels ? [] : ["--no_kernel"]),
  ];
  const template = sources.template === undefined ? [] : ["--nifti_template_path", sources.template];
  const preprocess = isOnnx ? listOf("--preprocess", request.preprocess ?? []) : [];
  if (isOnnx && sources.images.length === 1 && first.from.kind === "file") {
    const { region } = request;
    return {
      preparation: undefined,
      words: [
        ...["voxplain", "explain", pathArgument(sources.model), pathArgument(first.from.path)],
        ...["--use_cpu", ...method],
        ...["--target", explainedValue(region) ?? String(request.target)],
        ...[...preprocess, ...template],
        ...(region && "voxel" in region ? ["--target_voxel", region.voxel.join(",")] : []),
        ...(sources.mask === undefined ? [] : ["--target_mask", sources.mask]),
        ...["--output_dir", context.name],
      ],
    };
  }
  if (request.region !== undefined) return "voxplain interpret explains no voxel, mask or value of an output";
  const table = `${context.name}.tsv`;
  const level = sources.images.length > 1 ? "group" : "individual";
  const { network, voting } = request;
  return {
    preparation: `printf ${commandLine([tableText(sources.images)])} > ${commandLine([table])}`,
    words: [
      ...["voxplain", "interpret", level, pathArgument(sources.model), context.name, "--use_cpu", ...method],
      ...(network === undefined ? [] : ["--folds", String(network.fold), "--selection", network.selection]),
      ...(first.from.kind === "caps"
        ? ["--caps_dir", first.from.path, "--tsv_path", table]
        : ["--images", table, "--label", label]),
      ...["--diagnosis", group],
      ...(context.model.task === "regression" ? [] : ["--target_node", String(request.target)]),
      ...(voting === "uniform" ? ["--voting", "uniform"] : []),
      ...[...preprocess, ...template, "--output_dir", "."],
    ],
  };
}

/** The column of the table, and the group that all its sessions are in: whatever their labels are. */
const label = "diagnosis";
const group = "explained";

function listOf(option: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [option, ...values];
}

function methodOptions({ request, sources }: Explanation): readonly string[] {
  const given = Object.entries(request.options).filter(
    ([name, text]) => text.trim() !== "" && (name !== "labels" || sources.atlas === undefined),
  );
  const options = sources.atlas === undefined ? given : [...given, ["labels", sources.atlas] as const];
  return options.map(([name, text]) => `${snakeCase(name)}=${text}`);
}

/** As printf takes it: a table of the sessions. */
function tableText(images: readonly ExplainedSource[]): string {
  const isOfFiles = images[0]?.from.kind === "file";
  const columns = ["participant_id", "session_id", label, ...(isOfFiles ? ["image"] : [])];
  const rows = images.map(({ session, from: { path } }) => [
    ...idsOf(session),
    group,
    ...(isOfFiles ? [path] : []),
  ]);
  return [columns, ...rows]
    .map(
      (cells) => `${cells.map((cell) => cell.replaceAll("\\", "\\\\").replaceAll("%", "%%")).join("\\t")}\\n`,
    )
    .join("");
}

/** A single file is a participant by its name. */
function idsOf({ participantId, sessionId, name }: Session): readonly [string, string] {
  return [participantId || name.replace(/\.[^.]+(\.gz)?$/, ""), sessionId || "n/a"];
}
