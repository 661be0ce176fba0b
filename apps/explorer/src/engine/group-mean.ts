import { type Tensor, tensor, VoxplainError } from "@voxplain/core";
import { groupMean } from "@voxplain/saliency";
import type { Explanation, ExplanationMean, ExplanationRequest } from "./engine.ts";

/** What the first explanation decides for all; not its map, whose memory is given back. */
type Common = Pick<Explanation, "request" | "isPlaced"> & {
  readonly name: string;
  readonly map: Omit<Explanation["map"], "data"> & { readonly length: number };
};

/** The mean map over the mean image, on the grid of the first. Its prediction is the mean of the probabilities. */
export function explanationMean(): ExplanationMean {
  const maps = groupMean();
  const anatomies = groupMean();
  const warnings = new Set<string>();
  const classes = new Set<string | undefined>();
  let common: Common | undefined;
  let probabilities: number[] = [];
  let seconds = 0;
  return {
    get count() {
      return maps.count;
    },
    add(explanation) {
      common ??= commonOf(explanation);
      checkRequest(common, explanation);
      maps.add(explanation.stored);
      anatomies.add(tensor("float32", explanation.anatomy.shape, explanation.anatomy.data));
      probabilities = explanation.prediction.probabilities.map((p, k) => p + (probabilities[k] ?? 0));
      seconds += explanation.seconds;
      classes.add(explanation.image.trueClass);
      for (const warning of explanation.warnings) warnings.add(warning);
      const { name, map } = common;
      if (explanation.map.affine.flat().join() !== map.affine.flat().join()) {
        warnings.add(
          `${explanation.image.name} lies elsewhere in space than ${name}: the mean map gets the affine of the first`,
        );
      }
    },
    mean() {
      if (common === undefined) throw new VoxplainError("not-found", "there is no map to average");
      const { request, isPlaced, map } = common;
      const { affine, shape, length } = map;
      const stored = maps.mean();
      const means = probabilities.map((sum) => sum / maps.count);
      return {
        image: {
          id: "mean",
          name: `mean of ${maps.count} images`,
          trueClass: classes.size === 1 ? [...classes][0] : undefined,
        },
        request,
        prediction: { probabilities: means, predictedClass: means.indexOf(Math.max(...means)) },
        map: { data: firstChannel(stored, length), shape, affine },
        anatomy: { data: anatomies.mean().data, shape, affine },
        isPlaced,
        stored,
        relativeDelta: undefined,
        seconds,
        warnings: [...warnings],
      };
    },
  };
}

function commonOf({ image, request, isPlaced, map: { shape, affine, data } }: Explanation): Common {
  return { name: image.name, request, isPlaced, map: { shape, affine, length: data.length } };
}

function checkRequest({ name, request }: Common, { image, request: other }: Explanation): void {
  if (keyOf(other) === keyOf(request)) return;
  throw new VoxplainError(
    "mismatch",
    `${name} and ${image.name} were not explained in the same way: ` +
      "a mean needs one network, one method with the same options, and one class",
  );
}

function keyOf({ network, method, options, target }: ExplanationRequest): string {
  const given = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([network?.fold, network?.selection, method, given, target]);
}

function firstChannel({ data }: Tensor<"float32">, length: number): Float32Array {
  return data.subarray(0, length);
}
