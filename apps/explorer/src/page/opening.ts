import type { FilePath, FileSource } from "@voxplain/core";
import type { ExplorerEngine } from "../engine/engine.ts";
import type { Atlas } from "../viewer/atlas.ts";
import { atlasFrom, droppedAtlas } from "./atlas-files.ts";
import type { FilesList } from "./files-list.ts";
import type { JobBar } from "./job-bar.ts";
import type { DeskStep, KeptDesk } from "./kept/desk.ts";
import { type KeptFiles, keepableFiles } from "./kept/files.ts";
import { linkedFiles } from "./linked-files.ts";
import { openSample } from "./sample.ts";
import { sentenceOf } from "./sentences.ts";
import { withZipsUnpacked } from "./zip-files.ts";

/** Where opened files go, and where it is said what became of them. */
export interface OpeningParts {
  readonly page: Document;
  readonly engine: ExplorerEngine;
  readonly jobs: JobBar;
  readonly files: FilesList;
  readonly kept: KeptDesk;
  /** Shows the model, the images and the choices that are open now. */
  showOpened(): void;
  setAtlas(atlas: Atlas | undefined): void;
  /** What was predicted is of another model. */
  forgetPredictions(): void;
  /** What was explained of a cohort is of another model. */
  forgetCohort(): void;
  clearMaps(): Promise<void>;
}

/** Opens files, the sample and what an address names; all of it is a job, and a step of the desk that is kept. */
export interface Opening {
  /** Where the files that are open can be had by everybody; undefined where one of them is on this machine only. */
  readonly shared: readonly string[] | "sample" | undefined;
  /** What was opened, in its order. */
  readonly roots: readonly FileSource[];
  /** @param urls - Where the files are from, if everybody can have them. */
  open(given: FileSource, urls?: readonly string[]): Promise<void>;
  openTemplate(source: FileSource, path: FilePath): Promise<unknown>;
  openAtlas(source: FileSource, paths: readonly FilePath[]): Promise<unknown>;
  openLinks(urls: readonly string[]): Promise<void>;
  showSample(): Promise<unknown>;
  chooseCohort(choice: Parameters<ExplorerEngine["choose"]>[0]): Promise<unknown>;
  /** Does something that opens what is kept already. */
  withoutKeeping(work: () => Promise<void>): Promise<void>;
}

/** What opens files at the desk. */
export function opening({
  page,
  engine,
  jobs,
  files,
  kept,
  showOpened,
  setAtlas,
  forgetPredictions,
  forgetCohort,
  clearMaps,
}: OpeningParts): Opening {
  let shared: readonly string[] | "sample" | undefined;
  const roots: FileSource[] = [];
  let isKept = true;
  /** Opens files of the user; where that closes the sample, all that is shown of it goes, too. */
  const openOwn = async <T>(work: () => Promise<T>, step: () => Promise<DeskStep>): Promise<T> => {
    const wasSample = engine.isSample;
    const result = await work();
    const closesSample = wasSample && !engine.isSample;
    if (isKept) void step().then((made) => kept.addStep(made, closesSample));
    if (closesSample) {
      forgetPredictions();
      jobs.forgetProblems();
      await clearMaps();
      setAtlas(undefined);
    }
    showOpened();
    return result;
  };
  const stepOf = async (source: FileSource, make: (files: KeptFiles) => DeskStep): Promise<DeskStep> => {
    const keepable = await keepableFiles(source);
    return keepable === undefined ? { kind: "left-out", name: source.name } : make(keepable);
  };
  const open = async (given: FileSource, urls?: readonly string[]) => {
    const opened = await jobs.run("opening", `Opening ${given.name}`, async (options) => {
      const source = await withZipsUnpacked(given);
      const ofAtlas = await droppedAtlas(source);
      if (ofAtlas !== undefined) {
        await readAtlasOf(source, ofAtlas);
        return undefined;
      }
      const found = await openOwn(
        () => engine.open(source, options),
        async () =>
          urls === undefined
            ? stepOf(source, (keepable) => ({ kind: "files", files: keepable }))
            : { kind: "links", urls },
      );
      shared =
        urls === undefined || shared === undefined
          ? undefined
          : [...(shared === "sample" ? [] : shared), ...urls];
      files.add(source.name, found);
      roots.push(source);
      return found;
    });
    if (opened === undefined) return;
    if (opened.model !== undefined) {
      forgetPredictions();
      forgetCohort();
    }
    const found = [
      ...(opened.model ? [`the model ${opened.model.name}`] : []),
      ...(opened.images.length > 0 ? [`images: ${opened.images.length}`] : []),
    ];
    const nothing = opened.problems.length > 0 ? "Nothing new was opened." : "All of it was open already.";
    jobs.say(found.length > 0 ? `Opened ${found.join(" and ")}.` : nothing);
    jobs.complain("opening", opened.problems);
  };
  const chooseCohort = (choice: Parameters<ExplorerEngine["choose"]>[0]) =>
    jobs.run("opening", "Choosing the images", async (options) => {
      const { problems } = await engine.choose(choice, options);
      if (isKept) kept.addStep({ kind: "choice", choice });
      showOpened();
      jobs.complain("opening", problems);
    });
  const openTemplate = (source: FileSource, path: FilePath) =>
    jobs.run("opening", "Reading the template", async () => {
      await openOwn(
        () => engine.setTemplate(source, path),
        () => stepOf(source, (keepable) => ({ kind: "template", files: keepable, path })),
      );
      shared = undefined;
      files.add(source.name, { understood: [{ as: "template", paths: [path] }], others: [], problems: [] });
    });
  const readAtlasOf = async (source: FileSource, paths: readonly FilePath[]) => {
    const atlas = await atlasFrom(source, paths);
    await openOwn(
      () => engine.setAtlas(atlas),
      () => stepOf(source, (keepable) => ({ kind: "atlas", files: keepable, paths })),
    );
    setAtlas(atlas);
    shared = undefined;
    files.add(source.name, { understood: [{ as: "atlas", paths }], others: [], problems: [] });
  };
  const openAtlas = (source: FileSource, paths: readonly FilePath[]) =>
    jobs.run("opening", "Reading the atlas", () => readAtlasOf(source, paths));
  const showSample = () =>
    jobs.run("opening", "Opening the sample", async (options) => {
      const sample = await openSample(page);
      await engine.openSample(sample, options);
      shared = "sample";
      roots.push(sample.cohort);
      if (isKept) kept.addStep({ kind: "sample" });
      setAtlas(sample.atlas);
      showOpened();
    });
  const openLinks = async (urls: readonly string[]) => {
    try {
      shared ??= [];
      await open(linkedFiles(page, urls), urls);
    } catch (error) {
      jobs.complain("opening", [sentenceOf(error)]);
    }
  };
  return {
    get shared() {
      return shared;
    },
    roots,
    ...{ open, openTemplate, openAtlas, openLinks, showSample, chooseCohort },
    async withoutKeeping(work) {
      isKept = false;
      try {
        await work();
      } finally {
        isKept = true;
      }
    },
  };
}
