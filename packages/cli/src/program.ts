import { readFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { InterpretOptions } from "./interpret/options.ts";

/** The command line as data; what a command does is loaded when it runs, so that --help is quick. */
export function createProgram(argv: readonly string[]): Command {
  const program = new Command("voxplain")
    .description("Explains what a brain-MRI neural network looked at, voxel by voxel.")
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .showHelpAfterError("(add --help to see what can be asked for)")
    .addHelpText("after", "\nExit status: 0 done, 1 the job failed, 2 wrong usage.");
  addInterpret(program, argv);
  addInspect(program);
  return program;
}

function addInterpret(program: Command, argv: readonly string[]): void {
  program
    .command("interpret")
    .summary("saliency maps of a trained model over a cohort")
    .description(
      "Computes saliency maps: the gradient of the logit of a diagnosis with respect to the network's input.\n" +
        "Reads model folders of ClinicaDL 0.2 and CAPS folders as they are.",
    )
    .addArgument(
      new Argument("<level>", "one mean map of all images, or one map per image").choices([
        "group",
        "individual",
      ]),
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/")
    .argument("<name>", "name of this task: the folder its results are written to")
    .optionsGroup("Computational resources:")
    .option(
      "--use_cpu",
      "compute on the CPU; without it a GPU is looked for, and its absence is an error",
      false,
    )
    .option("--nproc <int>", "images that are read ahead while the network computes", wholeNumber(0), 2)
    .option(
      "--batch_size <int>",
      "images per batch; large volumes are computed one by one",
      wholeNumber(1),
      2,
    )
    .option("--threads <int>", "threads that compute (default: all cores)", wholeNumber(1))
    .optionsGroup("Model selection:")
    .addOption(
      new Option("--selection <metric...>", "which of the saved networks to explain; several may be named")
        .choices(["best_loss", "best_balanced_accuracy"])
        .default(["best_balanced_accuracy"], "best_balanced_accuracy"),
    )
    .option("--folds <int...>", "folds to explain (default: all there are)", wholeNumberList)
    .optionsGroup("Data management:")
    .option(
      "--tsv_path <path>",
      "folder with one TSV per diagnosis, or one TSV (default: the lists of the training)",
    )
    .option("--caps_dir <path>", "CAPS folder with the images (default: that of the training)")
    .option("-d, --diagnosis <name>", "diagnosis whose sessions are loaded", "AD")
    .option("--target_diagnosis <name>", "diagnosis whose class is explained (default: that of --diagnosis)")
    .option("--baseline", "read <diagnosis>_baseline.tsv instead of <diagnosis>.tsv", false)
    .option("--keep_true <bool>", "true: only images classified correctly; false: only the others", truth)
    .option("--nifti_template_path <path>", "NIfTI image whose affine the maps get")
    .option(
      "--multi_cohort",
      "caps_dir and tsv_path are TSV files of several cohorts (not supported yet)",
      false,
    )
    .optionsGroup("Results:")
    .option("--output_dir <path>", "where fold-<i>/gradients/… is written (default: into the model folder)")
    .option("--overwrite", "replace a result of the same name", false)
    .option("--vmax <float>", "end of the colour scale of 2D maps", positiveNumber, 0.5)
    .option("-v, --verbose", "tell more", false)
    .addHelpText("after", interpretExamples)
    .action(async (level: string, modelPath: string, name: string, options: InterpretOptions) => {
      const { interpret } = await import("./commands/interpret.ts");
      await interpret(
        {
          ...options,
          level: level === "group" ? "group" : "individual",
          model_path: modelPath,
          name,
        },
        ["voxplain", ...argv],
      );
    });
}

const interpretExamples = `
Results, per fold and selection, in <output_dir or model_path>/fold-<i>/gradients/<selection>/<name>/:
  map.npy            the map: [X, Y, Z]; at individual level [1, X, Y, Z], below <participant>/<session>/
  map.nii.gz         the same for NIfTI viewers (3D); map.jpg for 2D images
  map.png            three planes through the strongest point, over the anatomy (3D)
  predictions.tsv    logits and probabilities of every session
  data.tsv           the sessions that were used
  commandline.json   every option, to run the job again; provenance.json: versions, hashes, durations

Examples:
  voxplain interpret group my_model AD_map --use_cpu
  voxplain interpret individual my_model CN_errors --use_cpu --diagnosis CN --keep_true false \\
      --caps_dir /data/caps --tsv_path /data/labels --output_dir results`;

function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a model folder holds")
    .description(
      "Tells the architecture, the mode, the folds and selections of a model folder, and what is missing in it.",
    )
    .argument("<model_path>", "folder that holds commandline.json and fold-<i>/")
    .option("--json", "print JSON", false)
    .action(async (modelPath: string, options: { json: boolean }) => {
      const { inspect } = await import("./commands/inspect.ts");
      await inspect(modelPath, options);
    });
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw new InvalidArgumentError(`It has to be a whole number from ${least}.`);
    }
    return Number(text);
  };
}

function wholeNumberList(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), wholeNumber(0)(text)];
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError("It has to be a number above 0.");
  }
  return value;
}

/** The words that Python's strtobool takes. */
function truth(text: string): boolean {
  const word = text.toLowerCase();
  if (["true", "t", "yes", "y", "on", "1"].includes(word)) return true;
  if (["false", "f", "no", "n", "off", "0"].includes(word)) return false;
  throw new InvalidArgumentError("It has to be true or false.");
}

function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
