import { nextTask, type Point } from "@voxplain/core";
import { downloads } from "@voxplain/core/web";
import { button, element } from "../element.ts";
import type {
  Explanation,
  ExplanationRequest,
  ExplorerEngine,
  ExplorerImage,
  ImagePrediction,
  JobOptions,
  PredictionRequest,
} from "../engine/engine.ts";
import { explainedValue } from "../engine/explained-value.ts";
import type { Atlas } from "../viewer/atlas.ts";
import { absentList } from "./absent-list.ts";
import { cohortForm } from "./cohort-form.ts";
import { cohortGrid } from "./cohort-grid.ts";
import { forEachImage } from "./cohort-job.ts";
import { comparisonPanel } from "./comparison-panel.ts";
import type { Computing } from "./computing.ts";
import { type DeskAsked, linkTo } from "./desk-asked.ts";
import { drawnExplanation } from "./drawn-explanation.ts";
import { filesList } from "./files-list.ts";
import { firstMap } from "./first-map.ts";
import { frame, section } from "./frame.ts";
import { jobBar } from "./job-bar.ts";
import { keptDesk } from "./kept/desk.ts";
import { type FormState, formState, restoreForm } from "./kept/form-state.ts";
import { keptPanel } from "./kept/kept-panel.ts";
import { mapArea } from "./map-area.ts";
import { methodForm } from "./method-form.ts";
import { modelPanel } from "./model-panel.ts";
import { fileOpeners } from "./open-files.ts";
import { opening } from "./opening.ts";
import { peaksPanel } from "./peaks-panel.ts";
import { predictionText } from "./prediction-text.ts";
import { regionsPanel } from "./regions-panel.ts";
import { reportOf } from "./report/report-of.ts";
import { restoreDesk } from "./restoring.ts";
import { sentenceOf } from "./sentences.ts";
import { sessionList } from "./session-list.ts";
import type { ExplainedMap, Result } from "./shown-map.ts";
import { welcome } from "./welcome.ts";

/** Whether both ask for the same predictions. */
function isSame(a: PredictionRequest, b: PredictionRequest): boolean {
  const keyOf = ({ network, preprocess, voting, region }: PredictionRequest) =>
    JSON.stringify([network, preprocess, voting, region && "mask" in region ? undefined : region]);
  const maskOf = ({ region }: PredictionRequest) => (region && "mask" in region ? region.mask : undefined);
  return keyOf(a) === keyOf(b) && maskOf(a) === maskOf(b);
}

/** Builds the desk, and opens what is asked for. */
export async function startPage(
  page: Document,
  engine: ExplorerEngine,
  computing: Computing,
  asked: DeskAsked,
): Promise<void> {
  const kept = keptDesk();
  let untouched: FormState = [];
  const files = filesList();
  let pressed: HTMLElement | undefined;
  const jobs = jobBar((busy) => {
    const starters = [...page.querySelectorAll<HTMLButtonElement>("button[data-job]")];
    if (busy) pressed = starters.find((control) => control === page.activeElement);
    for (const control of starters) control.disabled = busy;
    // A button that is disabled or hidden loses the focus: the keyboard goes on where the job was started.
    if (!busy && page.activeElement === page.body) pressed?.focus();
  });
  const sessions = sessionList();
  const absent = absentList();
  const cohort = cohortForm({
    onRows: sessions.setLabel,
    onChoice: (choice) => void opened.chooseCohort(choice),
  });
  const model = modelPanel(
    () => sessions.forgetPredictions(),
    (names) => {
      engine.nameClasses(names);
      model.setModel(engine.model);
    },
  );
  const method = methodForm(engine.methods);
  const classes = () => engine.model?.classes ?? [];
  const analysis = {
    run: <T>(title: string, job: (options: Required<JobOptions>) => Promise<T>) =>
      jobs.run("computing", title, job),
    complain: (warnings: readonly string[]) => jobs.complain("computing", warnings),
    onPeak: (place: Point) => {
      maps.moveTo(place);
      maps.node.scrollTo({ top: 0 });
    },
  };
  const regions = regionsPanel({
    ...analysis,
    encode: engine.encode,
    chooseAtlas: () => openers.chooseAtlas(),
  });
  const peaks = peaksPanel({ ...analysis, range: () => maps.range });
  const comparison = comparisonPanel({
    ...analysis,
    show: (result: Result) => maps.add(result),
    versions: computing.versions,
    releaseNetwork: engine.release,
  });
  const empty = welcome({
    chooseFolder: () => openers.chooseFolder(),
    chooseFiles: () => openers.chooseFiles(),
  });
  const grid = cohortGrid(({ image, request, label }) => void showOf(image, request, label));
  const maps = mapArea({
    welcome: empty.node,
    onMaps: kept.setMaps,
    below: [grid.node, peaks.node, regions.node, comparison.node],
    onShown(result) {
      regions.setShown(result);
      peaks.setShown(result);
    },
    onDisplay: (display) => grid.setDisplay(display),
    act: (job) => void job().catch((error: unknown) => jobs.complain("computing", [sentenceOf(error)])),
    encode: engine.encode,
    report: (shown) => reportOf(shown, engine),
  });

  /** What is chosen when a job begins holds until its end, whatever is chosen meanwhile for the next. */
  const chosen = () => ({ ...model.prediction, ...method.choice });
  const isChosen = (request: PredictionRequest) => {
    try {
      return isSame(request, model.prediction);
    } catch {
      // What is chosen meanwhile is not complete yet.
      return false;
    }
  };
  const show = (image: ExplorerImage, request: PredictionRequest, prediction: ImagePrediction) => {
    if (isChosen(request)) sessions.setPrediction(image, prediction, classes());
  };
  const predict = async (image: ExplorerImage, request: PredictionRequest, options: JobOptions) => {
    const prediction = await engine.predict(image, request, options);
    show(image, request, prediction);
    return prediction.predictedClass;
  };
  const explain = async (
    image: ExplorerImage,
    request: ExplanationRequest,
    options: JobOptions,
    work = engine.explain,
  ) => {
    const explanation = await work(image, request, options);
    show(image, request, explanation.prediction);
    // Some is known only since the network computed: the layers, and the classes of ONNX files.
    model.setModel(engine.model);
    method.setLayers(engine.model?.layers ?? []);
    return explanation;
  };
  const chosenTarget = async (image: ExplorerImage, request: PredictionRequest, options: JobOptions) => {
    // A value of the output has no classes.
    if (explainedValue(request.region) !== undefined) return 0;
    if (model.target !== "predicted") return model.target;
    return sessions.predictionOf(image) ?? predict(image, request, options);
  };
  const keep = async (
    explanation: Explanation,
    versions: ExplainedMap["versions"],
    { onProgress }: Required<JobOptions>,
    problems: readonly string[] = [],
  ) => {
    onProgress({ step: "drawing", fraction: undefined, secondsLeft: undefined });
    const { model: used } = engine;
    if (used === undefined) return 0;
    const drawn = drawnExplanation(explanation, used);
    const forgotten = await maps.add({ drawn, explained: { explanation, model: used, versions } });
    // On narrow pages it lies below.
    maps.node.scrollIntoView({ block: "start" });
    jobs.complain("computing", [...problems, ...explanation.warnings]);
    return forgotten;
  };
  const isReady = () => {
    if (engine.model !== undefined && engine.images.length > 0) return true;
    jobs.complain("computing", [
      engine.model === undefined
        ? "There is no model yet: open a ClinicaDL model folder or an ONNX file."
        : "There are no images yet: open a CAPS or BIDS folder, a table with its images, or single image files.",
    ]);
    return false;
  };

  const explainSelected = async () => {
    const image = sessions.selected;
    if (!isReady() || image === undefined) return;
    await jobs.run("computing", `Explaining ${image.name}`, async (options) => {
      const choice = chosen();
      const versions = computing.versions();
      const target = await chosenTarget(image, choice, options);
      await keep(await explain(image, { ...choice, target }, options), versions, options);
    });
  };
  const predictAll = async () => {
    if (!isReady()) return;
    await jobs.run("computing", "Predicting", async (options) => {
      const request = model.prediction;
      const problems = await forEachImage(sessions.listed, options, async (image, one) => {
        await predict(image, request, one);
      });
      jobs.complain("computing", problems);
    });
  };
  /** A map of a cohort: computed again where it was removed from the list. */
  const showOf = async (image: ExplorerImage, request: ExplanationRequest, label: string) => {
    if (!(await maps.open(label))) {
      await jobs.run("computing", `Explaining ${image.name}`, async (options) => {
        await keep(await explain(image, request, options), computing.versions(), options);
      });
    }
    maps.node.scrollTo({ top: 0 });
    maps.node.scrollIntoView({ block: "start" });
  };
  const explainAll = async () => {
    if (!isReady()) return;
    const { listed } = sessions;
    comparison.setAside();
    await jobs.run("computing", `Explaining ${listed.length} images`, async (options) => {
      const cohortMaps = engine.explainCohort();
      const choice = chosen();
      const versions = computing.versions();
      const warnings = new Set<string>();
      let forgotten = 0;
      grid.clear();
      const problems = await forEachImage(listed, options, async (image, one) => {
        const target = await chosenTarget(image, choice, one);
        const explanation = await explain(image, { ...choice, target }, one, cohortMaps.explain);
        forgotten += await keep(explanation, versions, options);
        const { model: used } = engine;
        await nextTask();
        if (used !== undefined) {
          const { request, prediction } = explanation;
          const drawn = drawnExplanation(explanation, used);
          grid.add(
            { image, request, drawn, prediction: predictionText(prediction, used.classes) },
            maps.display,
          );
        }
        for (const warning of explanation.warnings) warnings.add(warning);
      });
      comparison.setCohort(await cohortMaps.finish());
      const gone = `${forgotten} earlier maps were removed from the list, which would take too much memory`;
      jobs.complain("computing", [...problems, ...warnings, ...(forgotten > 0 ? [gone] : [])]);
    });
  };
  const explainGroup = async () => {
    if (!isReady()) return;
    const { listed, selected } = sessions;
    await jobs.run("computing", `Mean of ${listed.length} images`, async (options) => {
      // One class for all, so that the maps can be averaged.
      const first = listed.find((image) => image === selected) ?? listed[0];
      if (first === undefined) return;
      const choice = chosen();
      const versions = computing.versions();
      const target = await chosenTarget(first, choice, options);
      const request = { ...choice, target };
      const mean = await engine.mean(listed, request, options);
      const problems = await forEachImage(listed, options, async (image, one) => {
        show(image, request, await mean.add(image, one));
      });
      await keep(mean.mean(), versions, options, problems);
    });
  };

  const savePredictions = async () => {
    if (!isReady()) return;
    await jobs.run("computing", "Saving the predictions", async () =>
      downloads().write("predictions.tsv", await engine.encodePredictions(sessions.listed)),
    );
  };
  const showOpened = () => {
    const { isSample, model: given, images } = engine;
    empty.setOpen({ isSample, hasModel: given !== undefined, hasImages: images.length > 0 });
    model.setModel(engine.model);
    sessions.setImages(engine.images);
    cohort.setCohort(engine.cohort, engine.images);
    absent.setSessions(engine.absent);
    method.setMethods(engine.methods);
  };
  const setAtlas = (atlas: Atlas | undefined) => {
    if (atlas !== undefined) maps.setAtlas(atlas);
    regions.setAtlas(atlas);
    peaks.setAtlas(atlas);
    comparison.setAtlas(atlas);
  };
  const opened = opening({
    ...{ page, engine, jobs, files, kept, showOpened, setAtlas },
    forgetPredictions: sessions.forgetPredictions,
    forgetCohort: comparison.forget,
    clearMaps: maps.clear,
  });
  const showFirstMap = async () => {
    try {
      await maps.add(await firstMap(page));
    } catch (error) {
      jobs.complain("opening", [sentenceOf(error)]);
    }
  };
  const openers = fileOpeners(page, {
    onFiles: (given) => void opened.open(given),
    onProblem: (error) => jobs.complain("opening", [sentenceOf(error)]),
    onTemplate: (given, path) => void opened.openTemplate(given, path),
    onAtlas: (given, paths) => void opened.openAtlas(given, paths),
  });

  const start = (label: string, work: () => Promise<unknown>, look: string) =>
    button(label, () => void work(), { "data-job": true, class: look });
  const group = start("Group mean", explainGroup, "secondary");
  const all = start("Explain all", explainAll, "secondary");
  sessions.onListed((count) => {
    all.title = `A map of each of the ${count} images that are listed`;
    group.title = `The mean map of the ${count} images that are listed`;
  });
  const table = start("Save predictions", savePredictions, "quiet");
  table.title = "A table of the images that were predicted or explained: predictions.tsv";
  const predictionTools = [start("Predict all", predictAll, "quiet"), table];
  const filesSection = section("Files", files.node);
  const share = keptPanel({
    onForget: () => {
      if (!confirm("Forget the files and maps that this browser keeps?")) return;
      void kept.forget().then(() => location.assign(page.baseURI.replace(/#.*/, "")));
    },
    link() {
      const { shared } = opened;
      if (shared === undefined || shared.length === 0) return undefined;
      const before = new Map(untouched);
      return linkTo(
        page,
        shared,
        formState(side).filter(([name, value]) => before.get(name) !== value),
      );
    },
    onCopied: jobs.say,
  });
  const parts = [
    section("Model", model.node),
    section(
      "Images",
      element(
        "div",
        { class: "stack" },
        cohort.node,
        sessions.node,
        absent.node,
        element("div", { class: "tools" }, ...predictionTools),
      ),
      sessions.filter,
    ),
    section("Method", method.node),
    section("Computation", computing.node),
    filesSection,
    section("This desk", share),
  ];
  const actions = element(
    "div",
    { class: "actions" },
    start("Explain", explainSelected, "primary"),
    all,
    group,
  );
  const framed = frame(page, {
    openers: openers.node,
    side: parts,
    actions,
    main: maps.node,
    status: jobs.node,
  });
  const [, side] = framed;
  page.body.append(...framed);
  for (const kind of ["change", "input"]) side.addEventListener(kind, () => keepForm());
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const keepForm = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => kept.setForm(formState(side)), 300);
  };

  const restore = () =>
    restoreDesk({
      ...{ kept, open: opened, jobs, maps, side },
      onOpened() {
        untouched = formState(side);
      },
    });
  if ((asked.begin === "kept" || (await kept.wasOpenHere())) && (await restore())) return;
  if (asked.begin === "sample-map") await Promise.all([showFirstMap(), opened.showSample()]);
  else if (asked.begin === "sample") await opened.showSample();
  else if (asked.begin === "links") await opened.openLinks(asked.open);
  untouched = formState(side);
  restoreForm(side, asked.form);
  if (asked.explain) await explainSelected();
}
