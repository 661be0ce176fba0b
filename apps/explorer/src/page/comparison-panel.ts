import { decodeMap } from "@voxplain/caps-io";
import type { Point } from "@voxplain/core";
import { downloads } from "@voxplain/core/web";
import { methodEntries } from "@voxplain/saliency";
import { encodeJson } from "@voxplain/writers";
import { button, element, field, select, setChoices } from "../element.ts";
import type { ExplainedCohort, JobOptions } from "../engine/engine.ts";
import { find } from "../findings/find.ts";
import type { Found } from "../findings/protocol.ts";
import type { Atlas } from "../viewer/atlas.ts";
import { comparisonForm } from "./comparison-form.ts";
import { comparisonRequest } from "./comparison-options.ts";
import { comparisonProgress } from "./comparison-progress.ts";
import { dataTable } from "./data-table.ts";
import { sentAtlas } from "./regions-panel.ts";
import { sentenceFrom } from "./sentences.ts";
import type { Result } from "./shown-map.ts";
import { zipped } from "./zipped.ts";

export interface ComparisonPanel {
  readonly node: HTMLElement;
  setAtlas(atlas: Atlas | undefined): void;
  /** Maps that were made together. */
  setCohort(cohort: ExplainedCohort | undefined): void;
  /** Others are being made: the ones before can be compared with them in pairs. */
  setAside(): void;
  /** Maps of files that are closed now. */
  forget(): void;
}

export interface ComparisonPanelParts {
  /** Runs what takes a while. */
  run<T>(title: string, job: (options: Required<JobOptions>) => Promise<T>): Promise<T | undefined>;
  complain(warnings: readonly string[]): void;
  onPeak(place: Point): void;
  show(result: Result): Promise<unknown>;
  /** Versions of what computes, by name. */
  versions(): Readonly<Record<string, string>>;
  /** Frees the memory of the network, which a comparison needs for itself. */
  releaseNetwork(): Promise<void>;
}

/** What was compared, and what was found. */
interface Compared {
  readonly cohort: ExplainedCohort;
  /** The other maps of pairs. */
  readonly pairs: ExplainedCohort | undefined;
  readonly title: string;
  readonly found: Found;
  readonly record: Uint8Array;
}

/** Images of a comparison that are shown, by the names of their files. */
const images = {
  t: "t",
  logp_fwe_t: "−log₁₀ p, corrected over voxels",
  tfce: "TFCE",
  logp_fwe_tfce: "−log₁₀ p by TFCE, corrected",
  difference: "Difference",
  cohens_d: "Cohen's d",
  mean_a: "Mean of A",
  mean_b: "Mean of B",
} as const;

/** Compares two groups of a cohort that was explained, as `voxplain compare` does. */
export function comparisonPanel({
  run,
  complain,
  onPeak,
  show,
  versions,
  releaseNetwork,
}: ComparisonPanelParts): ComparisonPanel {
  let cohort: ExplainedCohort | undefined;
  let earlier: ExplainedCohort | undefined;
  let atlas: Atlas | undefined;
  let compared: Compared | undefined;
  const form = comparisonForm();
  const note = element("p", { class: "hint" });
  const start = button("Compare", () => void compare(), { class: "secondary", "data-job": true });
  const setup = element(
    "div",
    { class: "stack", hidden: true },
    form.node,
    element("div", { class: "tools" }, start),
  );
  const summary = element("ul", { class: "summary" });
  const image = select([]);
  const showImage = button("Show", () => void draw(image.value), { class: "quiet" });
  const save = button("Save all files (.zip)", () => void saveAll(), { class: "quiet" });
  const regions = dataTable("Regions of the comparison", onPeak);
  const clusters = dataTable("Clusters of the comparison", onPeak);
  const titled = (title: string, table: HTMLElement) => {
    const note = element("p", { class: "hint" });
    return { note, node: element("section", {}, element("h3", {}, title), note, table) };
  };
  const regionsPart = titled("Regions", regions.node);
  const clustersPart = titled("Clusters", clusters.node);
  const result = element(
    "div",
    { class: "stack", hidden: true },
    summary,
    element("div", { class: "tools" }, field("Map of the comparison", image), showImage, save),
    regionsPart.node,
    clustersPart.node,
  );
  const node = element(
    "details",
    { class: "finding" },
    element("summary", {}, "Compare groups"),
    note,
    setup,
    result,
  );
  const describe = () => {
    setup.hidden = cohort === undefined;
    const method = cohort && methodEntries(cohort.request.method)[0].title;
    note.textContent =
      cohort === undefined
        ? "Explain all images first; then the maps of two groups can be compared."
        : `${cohort.count} maps (${method}), compared as voxplain compare does.` +
          (atlas === undefined ? " With an atlas, regions are tested too." : ` Regions: ${atlas.name}.`);
  };

  const compare = async () => {
    if (cohort === undefined) return;
    const of = cohort;
    const pairs = form.isPaired ? earlier : undefined;
    const { record: options, ...request } = comparisonRequest(form.chosen, pairs !== undefined);
    const groups = form.groups;
    const { a, b } = groups;
    const other = pairs === undefined ? (b ?? "0") : `the same sessions (${nameOf(pairs)})`;
    const title = pairs === undefined ? `${a} − ${other}` : `${a}: ${nameOf(of)} − ${nameOf(pairs)}`;
    const { mask } = form;
    const found = await run(`Comparing ${a} with ${other}`, async ({ signal, onProgress }) => {
      await releaseNetwork();
      const sent = {
        kind: "compare" as const,
        ...{ job: of.job, ...groups, ...request, threads: threadCount() },
        pairs: pairs && { ...pairs.job, name: "pairs" },
        atlas: atlas && (await sentAtlas(atlas)),
        mask: mask && { from: { name: "mask", files: new Map([[mask.name, mask]]) }, below: mask.name },
      };
      return find(sent, { signal, onProgress: comparisonProgress(onProgress) });
    });
    if (found === undefined) return;
    const warnings = [...new Set([...of.warnings, ...(pairs?.warnings ?? []), ...found.warnings])];
    const record = encodeJson({
      ...found.facts,
      options: { group_by: groups.groupBy, ...options, atlas: atlas?.name, mask: mask?.name },
      sources: [
        { source: `job:${a}`, value: a },
        ...(b === undefined ? [] : [{ source: `job:${b}`, value: b }]),
        ...(pairs === undefined ? [] : [{ source: `pairs:${a}`, value: a }]),
      ],
      ...{ versions: versions(), warnings },
    });
    compared = { cohort: of, pairs, title, found, record };
    complain(warnings);
    showFound(compared);
    await draw("t");
  };
  const showFound = ({ found }: Compared) => {
    result.hidden = false;
    summary.replaceChildren(
      ...found.summary
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => element("li", {}, sentenceFrom(line.trim()))),
    );
    const there = Object.entries(images).filter(([name]) => found.images.has(`${name}.nii.gz`));
    setChoices(
      image,
      there.map(([value, label]) => ({ value, label })),
    );
    for (const [name, table, part] of [
      ["regions.tsv", regions, regionsPart],
      ["clusters.tsv", clusters, clustersPart],
    ] as const) {
      const made = found.tables.find((one) => one.name === name);
      part.node.hidden = made === undefined || made.rows.length === 0;
      part.note.hidden = made === undefined || made.count === made.rows.length;
      part.note.textContent = `The first ${made?.rows.length} of ${made?.count} rows are listed; the file has all.`;
      if (made !== undefined) {
        const hidden = ["center_x", "center_y", "center_z"];
        table.setRows(
          made.columns.filter((column) => !hidden.includes(column)),
          made.rows,
        );
      }
    }
  };
  const draw = async (name: string) => {
    const file = compared?.found.images.get(`${name}.nii.gz`);
    if (compared === undefined || file === undefined) return;
    const { cohort: of, title } = compared;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const data = await decodeMap(bytes, `${name}.nii.gz`, `${name}.nii.gz`);
    const what = images[name as keyof typeof images];
    const label = `${title} · ${what}`;
    await show({
      drawn: {
        ...{ title: label, label, anatomy: of.anatomy, isPlaced: of.isPlaced },
        map: { ...of.anatomy, data },
        caption: `${methodEntries(of.request.method)[0].title}, ${of.count} maps`,
        // Each comparison is a test of its own.
        kind: JSON.stringify([title, name]),
        fileName: `${title}_${name}`.replaceAll(/[^\w.-]+/g, "_"),
      },
      explained: undefined,
      file,
    });
  };
  const saveAll = async () => {
    if (compared === undefined) return;
    const { cohort: of, pairs, found, record, title } = compared;
    const files = new Map<string, Uint8Array | Blob>([["compare.json", record], ...found.images]);
    for (const { name, bytes } of found.tables) files.set(name, bytes);
    // Finished jobs of the command, which can repeat the comparison.
    for (const [path, blob] of of.job.files) files.set(`job/${path}`, blob);
    for (const [path, blob] of pairs?.job.files ?? []) files.set(`pairs/${path}`, blob);
    await downloads().write(`${title.replaceAll(/[^\w.-]+/g, "_")}.zip`, await zipped(files));
  };
  describe();
  return {
    node,
    setAtlas(given) {
      atlas = given;
      describe();
    },
    setCohort(given) {
      cohort = given;
      if (given !== undefined) form.setCohort(given, earlier && nameOf(earlier));
      describe();
    },
    setAside() {
      [earlier, cohort] = [cohort ?? earlier, undefined];
      describe();
    },
    forget() {
      [earlier, cohort, compared] = [undefined, undefined, undefined];
      result.hidden = true;
      describe();
    },
  };
}

/** What made the maps: "Gradients, fold-0, best_loss". */
function nameOf({ request: { method, network } }: ExplainedCohort): string {
  const [{ title }] = methodEntries(method);
  return network === undefined ? title : `${title}, ${network.foldName}, ${network.selection}`;
}

function threadCount(): number {
  return Math.max(1, Math.min(8, navigator.hardwareConcurrency));
}
