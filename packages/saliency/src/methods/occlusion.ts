import { elementAt, elementCount, pauses, tensor } from "@voxplain/core";
import type { AttributionMethod } from "../attribution.ts";
import { type Baseline, baselineFrom, baselineOptions, baselinesOf, checkBaseline } from "../baseline.ts";
import {
  type ChunkOptions,
  checkChunkSize,
  chunkSizeOption,
  eachVariant,
  lenderOf,
  logitsInChunks,
  rowsOf,
} from "../chunks.ts";
import { defineMethod } from "../define-method.ts";
import { exactly } from "../passes.ts";
import { type Score, scoreOf, scoreOption } from "../score.ts";
import { checkWindows, eachRun, type WindowOptions, windowsOver } from "./windows.ts";

/** Options of occlusion. */
export interface OcclusionOptions extends WindowOptions, ChunkOptions {
  /** What stands in the window, in all channels; default "zero". */
  readonly baseline?: Baseline;
  /** Default "logit". */
  readonly score?: Score;
}

/**
 * How much the target's score drops when a window is hidden; [N, 1, ...spatial]. A voxel gets the mean over the
 * windows that cover it.
 * Zeiler, Fergus 2014, arXiv:1311.2901.
 * @throws VoxplainError `invalid-argument` or `mismatch` for windows that do not fit.
 */
export function occlusion(options: OcclusionOptions = {}): AttributionMethod {
  const { baseline = "zero", score = "logit" } = options;
  checkWindows(options);
  checkBaseline(baseline);
  checkChunkSize(options);
  return async (model, input, target) => {
    const { inputDims } = model;
    const spatial = inputDims.slice(1);
    const size = elementCount(spatial);
    const inputs = rowsOf(input);
    const baselines = baselinesOf(baseline, inputs, inputDims);
    const boxes = windowsOver(spatial, options);
    const logits = await logitsInChunks(model, inputs, options);
    const sums = new Float64Array(inputs.length * size);
    await eachVariant({
      ...options,
      count: inputs.length * boxes.length,
      dims: inputDims,
      write: (index, into) => {
        const n = Math.floor(index / boxes.length);
        const hidden = elementAt(baselines, n);
        into.set(elementAt(inputs, n));
        eachRun(elementAt(boxes, index % boxes.length), spatial, (at, length) => {
          for (let from = at; from < into.length; from += size) {
            into.set(hidden.subarray(from, from + length), from);
          }
        });
      },
      lender: lenderOf(model, "forward"),
      compute: (batch) => model.forward(batch),
      read: (result, row, index) => {
        const n = Math.floor(index / boxes.length);
        const drop =
          scoreOf(logits, n, target, score, model.decision) -
          scoreOf(result, row, target, score, model.decision);
        eachRun(elementAt(boxes, index % boxes.length), spatial, (at, length) => {
          for (let k = at; k < at + length; k++) sums[n * size + k]! += drop;
        });
      },
    });
    const covered = new Uint32Array(size);
    const pause = pauses(model.signal);
    for (const box of boxes) {
      await pause();
      eachRun(box, spatial, (at, length) => {
        for (let k = at; k < at + length; k++) covered[k]! += 1;
      });
    }
    const map = Float32Array.from(sums, (sum, k) => sum / covered[k % size]!);
    return { map: tensor("float32", [inputs.length, 1, ...spatial], map), logits };
  };
}

export const occlusionEntry = defineMethod({
  name: "occlusion",
  title: "Occlusion",
  summary: "how much the target's logit drops when a window that slides over the image is hidden",
  paper: "Zeiler, Fergus 2014, arXiv:1311.2901",
  needs: "forward",
  channels: "one",
  options: {
    window: { kind: "numbers", default: [16], doc: "edge of the window" },
    stride: {
      kind: "numbers",
      otherwise: "half of the window",
      doc: "step from one window to the next, no more than the window",
    },
    unit: {
      kind: "choice",
      choices: ["voxels", "mm"],
      default: "voxels",
      doc: "what window and stride are counted in",
    },
    voxelSize: { kind: "voxel-size", unit: "mm", doc: "distance between voxels along each axis" },
    ...scoreOption,
    ...baselineOptions,
    ...chunkSizeOption,
  },
  passes: (values, [, ...spatial]) => exactly(windowsOver(spatial, values).length + 1),
  create: (values) => occlusion({ ...values, baseline: baselineFrom(values) }),
});
