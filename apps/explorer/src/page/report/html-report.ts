import { type KernelUse, VoxplainError } from "@voxplain/core";
import type { Refinement } from "@voxplain/saliency";
import type { Explanation, ExplorerModel } from "../../engine/engine.ts";
import { networkText, outputOf } from "../prediction-text.ts";
import { escapeHtml } from "./html-text.ts";
import { reportStyle } from "./report-style.ts";

export interface ReportPicture {
  /** A PNG as `canvas.toDataURL()` gives it. */
  readonly dataUrl: string;
  /** What it shows; also read out instead of it. */
  readonly caption: string;
}

export interface ReportContent {
  readonly title: string;
  readonly model: ExplorerModel;
  readonly explanations: readonly Explanation[];
  readonly pictures: readonly ReportPicture[];
  /** Versions of what computed: "onnxruntime-web" → "1.30.0 (wasm)". */
  readonly versions: Readonly<Record<string, string>>;
  /** Names of files with their hashes and sizes. */
  readonly provenance: Readonly<Record<string, string>>;
  readonly created: Date;
}

/**
 * A report as one HTML file that needs nothing else: it runs no script and loads nothing, which its content
 * security policy says too.
 * @throws VoxplainError `invalid-argument` for a picture that is no PNG data URL.
 */
export function htmlReport(content: ReportContent): string {
  const { title, model, explanations, pictures, versions, provenance, created } = content;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>Made with Voxplain on ${escapeHtml(created.toISOString().slice(0, 16).replace("T", " "))} UTC.</p>
</header>
${pictures.map(figure).join("\n")}
${explanations.map((explanation) => section(explanation, model)).join("\n")}
<section>
<h2>Model</h2>
${table([["Name", model.name], ...model.facts.map(({ label, value }) => [label, value] as const)])}
</section>
<section>
<h2>Versions</h2>
${table(Object.entries(versions))}
</section>
<section>
<h2>Provenance</h2>
${table(Object.entries(provenance))}
</section>
<footer><p>A map shows what the network responds to, not what is wrong with a brain. It is no medical advice.</p></footer>
</body>
</html>
`;
}

function figure({ dataUrl, caption }: ReportPicture): string {
  if (!/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/.test(dataUrl)) {
    throw new VoxplainError(
      "invalid-argument",
      `the picture "${caption}" of the report is no PNG data URL (data:image/png;base64,…)`,
    );
  }
  const text = escapeHtml(caption);
  return `<figure><img src="${dataUrl}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
}

function section(
  { image, request, prediction, ...explanation }: Explanation,
  { classes }: ExplorerModel,
): string {
  const output = outputOf(prediction);
  const nameOf = (index: number) => classes[index] ?? `class ${index}`;
  const { network, method, target } = request;
  const options = Object.entries(request.options).map(([name, text]) => [`Option ${name}`, text] as const);
  const { low, high } = rangeOf(explanation.map.data);
  return `<section>
<h2>${escapeHtml(image.name)}</h2>
${table([
  ["Label", image.trueClass ?? "not known"],
  ...(output === undefined
    ? [
        ["Predicted class", nameOf(prediction.predictedClass)] as const,
        ...prediction.probabilities.map(
          (p, k) => [`Probability of ${nameOf(k)}`, probabilityText(p)] as const,
        ),
        ["Explained class", nameOf(target)] as const,
      ]
    : [["Predicted value", String(output)] as const]),
  ["Method", method],
  ...options,
  ...(network ? [["Network", networkText(network)] as const] : []),
  ["Voxels", explanation.map.shape.join(" × ")],
  ["Position", explanation.isPlaced ? "known" : "unknown: the affine of the image is not known"],
  ["Values of the map", `${low.toPrecision(4)} to ${high.toPrecision(4)}`],
  ...(explanation.relativeDelta === undefined
    ? []
    : [["Misses the sum it promises by", `${(explanation.relativeDelta * 100).toFixed(2)} %`] as const]),
  ...(explanation.refinement ? [["Passes", passesText(explanation.refinement)] as const] : []),
  ...explanation.kernelUses.map((use) => [`First blocks, ${use.pass} pass`, blocksText(use)] as const),
  ["Computed in", `${explanation.seconds.toFixed(1)} s`],
  ...explanation.warnings.map((warning) => ["Note", warning] as const),
])}
</section>`;
}

function passesText({ passes, converged }: Refinement): string {
  return converged ? `${passes}` : `${passes}; the tolerance was not reached`;
}

function blocksText({ blocks, kernels, reason }: KernelUse): string {
  if (kernels === undefined) return `by ONNX Runtime${reason === undefined ? "" : `: ${reason}`}`;
  const names = Object.entries(kernels).map(([of, which]) => `${of}: ${[which].flat().join(", ")}`);
  return `${blocks} by Voxplain's kernels; ${names.join("; ")}`;
}

/** Never 0 where it is more, and never 1 where it is less. */
function probabilityText(probability: number): string {
  const text = probability.toFixed(4);
  if (text === "0.0000" && probability > 0) return "<0.0001";
  return text === "1.0000" && probability < 1 ? ">0.9999" : text;
}

function table(rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "<p>Nothing was recorded.</p>";
  const lines = rows.map(
    ([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>\n${lines.join("\n")}\n</table>`;
}

function rangeOf(data: Float32Array): { readonly low: number; readonly high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
