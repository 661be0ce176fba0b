import type { FileSource } from "@voxplain/core";
import type { Explanation, ExplorerEngine, ExplorerImage, JobOptions } from "../engine/engine.ts";
import { atlasFrom } from "./atlas-files.ts";
import { forEachImage } from "./cohort-job.ts";
import type { Computing } from "./computing.ts";
import { button, element } from "./element.ts";
import { frame, section } from "./frame.ts";
import { jobBar, sentenceOf } from "./job-bar.ts";
import { mapArea } from "./map-area.ts";
import { methodForm } from "./method-form.ts";
import { modelPanel } from "./model-panel.ts";
import { fileOpeners } from "./open-files.ts";
import { reportOf } from "./report-of.ts";
import { openSample, samplePaths } from "./sample.ts";
import { sessionList } from "./session-list.ts";

/** Builds the page and opens the sample. */
export async function startPage(page: Document, engine: ExplorerEngine, computing: Computing): Promise<void> {
  const jobs = jobBar((busy) => {
    for (const control of page.querySelectorAll<HTMLButtonElement>("button[data-job]"))
      control.disabled = busy;
  });
  const sessions = sessionList();
  const model = modelPanel(() => sessions.forgetPredictions());
  const method = methodForm(engine.methods);
  const classes = () => engine.model?.classes ?? [];
  const maps = mapArea({
    act: (job) => void job().catch((error: unknown) => jobs.complain([sentenceOf(error)])),
    encode: engine.encode,
    report: (shown) => reportOf(shown, engine, computing.versions()),
  });

  const predict = async (image: ExplorerImage, options: JobOptions) => {
    const prediction = await engine.predict(image, model.network, options);
    sessions.setPrediction(image, prediction, classes());
    return prediction.predictedClass;
  };
  const explain = async (image: ExplorerImage, target: number, options: JobOptions) => {
    const request = { network: model.network, ...method.choice, target };
    const explanation = await engine.explain(image, request, options);
    sessions.setPrediction(image, explanation.prediction, classes());
    // Some is known only since the network computed: the layers, and the classes of ONNX files.
    model.setModel(engine.model);
    method.setLayers(engine.model?.layers ?? []);
    return explanation;
  };
  const chosenTarget = async (image: ExplorerImage, options: JobOptions) =>
    model.target === "predicted" ? (sessions.predictionOf(image) ?? predict(image, options)) : model.target;
  const keep = async (
    explanation: Explanation,
    { onProgress }: Required<JobOptions>,
    problems: readonly string[] = [],
  ) => {
    onProgress({ step: "drawing", fraction: undefined, secondsLeft: undefined });
    if (engine.model !== undefined) await maps.add({ explanation, model: engine.model });
    jobs.complain([...problems, ...explanation.warnings]);
  };
  const isReady = () => {
    if (engine.model !== undefined && engine.images.length > 0) return true;
    jobs.complain([
      engine.model === undefined
        ? "There is no model yet: open a ClinicaDL model folder or an ONNX file."
        : "There are no images yet: open a CAPS folder, or .pt, .nii, .nii.gz or .npy files.",
    ]);
    return false;
  };

  const explainSelected = async () => {
    const image = sessions.selected;
    if (!isReady() || image === undefined) return;
    await jobs.run(`Explaining ${image.name}`, async (options) => {
      const target = await chosenTarget(image, options);
      await keep(await explain(image, target, options), options);
    });
  };
  const predictAll = async () => {
    if (!isReady()) return;
    await jobs.run("Predicting", async (options) => {
      const problems = await forEachImage(sessions.listed, options, async (image, one) => {
        await predict(image, one);
      });
      jobs.complain(problems);
    });
  };
  const explainGroup = async () => {
    if (!isReady()) return;
    const { listed, selected } = sessions;
    await jobs.run(`Mean of ${listed.length} images`, async (options) => {
      // One class for all, so that the maps can be averaged.
      const first = listed.find((image) => image === selected) ?? listed[0];
      if (first === undefined) return;
      const target = await chosenTarget(first, options);
      const mean = engine.mean();
      const problems = await forEachImage(listed, options, async (image, one) => {
        mean.add(await explain(image, target, one));
      });
      await keep(mean.mean(), options, problems);
    });
  };

  const showOpened = () => {
    model.setModel(engine.model);
    sessions.setImages(engine.images);
  };
  const open = async (files: FileSource) => {
    const opened = await jobs.run(`Opening ${files.name}`, (options) => engine.open(files, options));
    if (opened === undefined) return;
    if (opened.model !== undefined) sessions.forgetPredictions();
    showOpened();
    const found = [
      ...(opened.model ? [`the model ${opened.model.name}`] : []),
      ...(opened.images.length > 0 ? [`images: ${opened.images.length}`] : []),
    ];
    jobs.say(found.length > 0 ? `Opened ${found.join(" and ")}.` : "Ready.");
    jobs.complain(opened.problems);
  };
  const useAtlas = async (files: FileSource, paths: readonly string[]) => {
    const atlas = await atlasFrom(files, paths);
    maps.setAtlas(atlas);
    engine.setAtlas(atlas);
    method.setMethods(engine.methods);
  };
  const showSample = () =>
    jobs.run("Opening the sample", async (options) => {
      const { cohort, template, atlas } = await openSample(page);
      await engine.setTemplate(template, samplePaths.template);
      await engine.open(cohort, options);
      await useAtlas(atlas, samplePaths.atlas);
      showOpened();
    });
  const openers = fileOpeners(page, {
    onFiles: (files) => void open(files),
    onTemplate: (files, path) => void jobs.run("Reading the template", () => engine.setTemplate(files, path)),
    onAtlas: (files, paths) => void jobs.run("Reading the atlas", () => useAtlas(files, paths)),
  });

  const start = (label: string, work: () => Promise<unknown>, look: string) =>
    button(label, () => void work(), { "data-job": true, class: look });
  const group = start("Group mean", explainGroup, "secondary");
  sessions.onListed((count) => {
    group.title = `The mean map of the ${count} images that are listed`;
  });
  const side = [
    section("Model", model.node),
    section("Images", sessions.node, sessions.filter, start("Predict all", predictAll, "quiet")),
    section("Method", method.node),
    section("Computation", computing.node),
    element("div", { class: "actions" }, start("Explain", explainSelected, "primary"), group),
  ];
  page.body.append(...frame(page, openers, side, maps.node, jobs.node));
  await showSample();
}
