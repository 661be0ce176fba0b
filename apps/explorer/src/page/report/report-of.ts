import type { FilePlace } from "@voxplain/caps-io";
import { type KernelUse, readFile } from "@voxplain/core";
import {
  type Fact,
  type FileDigest,
  type ReportedJob,
  type ReportedTable,
  reportHtml,
} from "@voxplain/report";
import { methodEntries } from "@voxplain/saliency";
import { sha256 } from "@voxplain/writers";
import type { Explanation, ExplorerEngine, ExplorerModel } from "../../engine/engine.ts";
import { explainedValue } from "../../engine/explained-value.ts";
import { pathOf } from "../../engine/sources.ts";
import { rangeOf } from "../../viewer/geometry.ts";
import { jobCommand } from "../job-command.ts";
import { explainedText, outputOf, percent } from "../prediction-text.ts";
import type { Result } from "../shown-map.ts";
import { voxplain } from "./voxplain-version.ts";

export interface Shown extends Pick<Result, "drawn"> {
  readonly explained: NonNullable<Result["explained"]>;
  /** PNG. */
  readonly picture: Blob;
}

/** One HTML file of the maps that are shown, and of what they were made with. */
export async function reportOf(
  shown: readonly Shown[],
  { encode }: Pick<ExplorerEngine, "encode">,
): Promise<Uint8Array> {
  const html = await reportHtml({
    title: `Voxplain: ${shown.map(({ drawn }) => drawn.title).join(" and ")}`,
    made: new Date(),
    program: voxplain,
    participants: "identified",
    withoutIdentifiers:
      "Identifiers come from the names of files and from tables: rename those before you open them.",
    results: await Promise.all(shown.map((one) => resultOf(one, encode))),
  });
  return new TextEncoder().encode(html);
}

async function resultOf(
  { drawn, explained: { explanation, model, versions }, picture }: Shown,
  encode: ExplorerEngine["encode"],
): Promise<ReportedJob> {
  const { image, request, sources, warnings } = explanation;
  const kernels = versions.Kernels !== "off";
  const command = jobCommand(explanation, { model, kernels, name: drawn.fileName });
  const isOfMany = sources.images.length > 1;
  const isOfClass = model.task !== "regression" && explainedValue(request.region) === undefined;
  const people = new Set(sources.images.map(({ session }) => session.participantId || session.name));
  const files = sources.images.flatMap((one) => one.files);
  return {
    kind: isOfMany ? "mean map" : "maps",
    name: drawn.title,
    ...(typeof command === "string" ? {} : { command: command.words, preparation: command.preparation }),
    options: {},
    versions: { Voxplain: voxplain.version, ...versions },
    machine: ["a web browser", versions["Computed with"]].filter(Boolean).join(", "),
    warnings: [
      ...warnings,
      ...(typeof command === "string" ? [`no command repeats this map: ${command}`] : []),
    ],
    inputs: await digestsOf(files),
    outputs: [await digestOf(`${drawn.fileName}.npy`, () => encode(explanation, "npy"))],
    explained: `the ${isOfClass ? "logit of " : ""}${explainedText(request, model)}`,
    method: methodOf(explanation),
    model: await modelOf(explanation, model),
    cohort: {
      ...{ sessions: sources.images.length, participants: people.size, leftOut: [] },
      facts: [
        { name: isOfMany ? "images" : "image", value: image.name },
        { name: "label", value: image.trueClass ?? "not known" },
        {
          name: "position",
          value: explanation.isPlaced ? "known" : "unknown: the map has the identity as its affine",
        },
      ],
    },
    predictions: predictionsOf(explanation, model),
    pictures: [
      {
        ...{ bytes: new Uint8Array(await picture.arrayBuffer()), type: "image/png" },
        ...{ alternative: `${drawn.title}, over the anatomy.`, caption: `${drawn.title}: ${drawn.caption}.` },
      },
    ],
    map: mapFacts(explanation),
    curves: [],
  };
}

function methodOf({ request: { method, options } }: Explanation): ReportedJob["method"] {
  const [{ title, summary, paper }, inner] = methodEntries(method, options);
  return {
    ...{ title, summary, paper },
    inner: inner && { title: inner.title, paper: inner.paper },
    options: Object.entries(options).map(([name, value]) => ({ name, value })),
  };
}

async function modelOf(
  { request, sources }: Explanation,
  model: ExplorerModel,
): Promise<ReportedJob["model"]> {
  const [first, ...others] = await digestsOf(sources.weights);
  const { network } = request;
  return {
    file: sources.weights.length === 1 ? (first?.file ?? sources.model) : sources.model,
    sha256: [first, ...others].map((one) => one?.sha256 ?? "not known").join(", "),
    architecture: model.facts.find(({ label }) => label === "Architecture")?.value ?? model.name,
    facts: [
      ...(network === undefined
        ? []
        : [
            { name: network.foldName.replace(/-.*/, ""), value: String(network.fold) },
            { name: "selection", value: network.selection },
          ]),
      // The architecture has a field of its own, and other networks of the folder had no part in this map.
      ...model.facts
        .filter(({ label }) => !["Architecture", "Networks"].includes(label))
        .filter(({ label }) => request.preprocess === undefined || label !== "Preprocessing")
        .map(({ label, value }) => ({ name: label.toLowerCase(), value })),
      ...(request.preprocess === undefined
        ? []
        : [{ name: "preprocessing", value: request.preprocess.join(" ") }]),
    ],
    isOfClinicaDl: model.kind === "model-folder",
  };
}

function predictionsOf({ image, prediction }: Explanation, model: ExplorerModel): ReportedTable {
  const output = outputOf(prediction);
  const label = image.trueClass ?? "";
  if (output !== undefined) {
    return {
      columns: ["image", "label", "predicted"],
      rows: [{ image: image.name, label, predicted: output }],
    };
  }
  const probabilities = prediction.probabilities.map(
    (probability, k) => [`probability of ${nameIn(model, k)}`, percent(probability)] as const,
  );
  const predicted = nameIn(model, prediction.predictedClass);
  return {
    columns: ["image", "label", "predicted", ...probabilities.map(([column]) => column)],
    rows: [{ image: image.name, label, predicted, ...Object.fromEntries(probabilities) }],
  };
}

function mapFacts({ map, relativeDelta, refinement, kernelUses, seconds }: Explanation): readonly Fact[] {
  const { least, most } = rangeOf(map.data);
  return [
    { name: "voxels", value: map.shape.join(" × ") },
    { name: "values", value: `${least.toPrecision(4)} to ${most.toPrecision(4)}` },
    ...(relativeDelta === undefined
      ? []
      : [{ name: "completeness missed by", value: `${(relativeDelta * 100).toFixed(2)} %` }]),
    ...(refinement === undefined
      ? []
      : [
          {
            name: "passes",
            value: `${refinement.passes}${refinement.converged ? "" : "; the tolerance was not reached"}`,
          },
        ]),
    ...kernelUses.map((use) => ({ name: `first blocks, ${use.pass} pass`, value: blocksText(use) })),
    { name: "computed in", value: `${seconds.toFixed(1)} s` },
  ];
}

function nameIn({ classes }: ExplorerModel, index: number): string {
  return classes[index] ?? `class ${index}`;
}

function blocksText({ blocks, kernels, reason }: KernelUse): string {
  if (kernels === undefined) return `by ONNX Runtime${reason === undefined ? "" : `: ${reason}`}`;
  const names = Object.entries(kernels).map(([of, which]) => `${of}: ${[which].flat().join(", ")}`);
  return `${blocks} by Voxplain's kernels; ${names.join("; ")}`;
}

async function digestsOf(places: readonly FilePlace[]): Promise<readonly FileDigest[]> {
  const digests: FileDigest[] = [];
  for (const place of places) {
    digests.push(await digestOf(pathOf(place), () => readFile(place.source, place.below)));
  }
  return digests;
}

async function digestOf(file: string, read: () => Promise<Uint8Array>): Promise<FileDigest> {
  // Absent on pages of plain http.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  const none = "not computed: browsers have SHA-256 on pages of https and localhost only";
  return { file, sha256: subtle === undefined ? none : await sha256(await read()) };
}
