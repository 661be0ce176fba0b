import { type Command, Option } from "commander";
import { noFsync } from "../command-line/shared-options.ts";
import { wholeNumber } from "../command-line/values.ts";

/** The options of every command over maps, under the names they have on the command line. */
export interface FindingOptions {
  readonly group_by?: string;
  readonly participants_tsv?: string;
  readonly mask?: string;
  readonly values?: "signed" | "absolute" | "positive" | "negative";
  readonly nifti_template_path?: string;
  readonly output_dir?: string;
  readonly overwrite: boolean;
  readonly no_fsync: boolean;
  readonly threads?: number;
  readonly verbose: boolean;
}

/** @param values - The default of what is analysed. */
export function addMapOptions(command: Command, values: NonNullable<FindingOptions["values"]>): Command {
  return command
    .optionsGroup("Maps:")
    .option(
      "--group_by <column>",
      "column with the groups (default: group of a table, diagnosis of a job); outcome: TP, FP, TN and FN of a job",
    )
    .option(
      "--participants_tsv <path>",
      "table whose columns are joined to those of the sources, by participant_id and, if it has that column, session_id",
    )
    .option("--mask <path>", "NIfTI image: only voxels that are not 0 are used (default: all)")
    .addOption(
      new Option("--values <kind>", "what of a map m is analysed: m, |m|, max(m, 0) or max(−m, 0)")
        .choices(["signed", "absolute", "positive", "negative"])
        .default(values),
    )
    .option(
      "--nifti_template_path <path>",
      "NIfTI image of the same shape whose affine the maps get if their own is unknown or wrong",
    );
}

/** @param folder - The default. */
export function addFindingOutput(command: Command, folder: string): Command {
  return command
    .optionsGroup("Results:")
    .option("--output_dir <path>", `folder of the result (default: ${folder})`)
    .option("--overwrite", "replace an older result", false)
    .addOption(noFsync())
    .option("--threads <int>", "number of CPU threads (default: all cores)", wholeNumber(1))
    .option("-v, --verbose", "print a stack trace for unexpected errors", false);
}

/** @param needed - Whether the command cannot do without. */
export function addAtlas(command: Command, needed: boolean): Command {
  const description = "image of labels: NIfTI or .mgz, on the grid of the maps or another";
  const atlas = new Option("--atlas <path>", description);
  return command
    .optionsGroup("Regions:")
    .addOption(needed ? atlas.makeOptionMandatory() : atlas)
    .option(
      "--labels <path>",
      "names of the regions: a table with the columns index and name (BIDS _dseg.tsv), a colour table of FreeSurfer, or the " +
        "XML file of an atlas of FSL or SPM",
    );
}
