import { compareGrids, describeMisfit } from "@voxplain/caps-io";
import { tensor, VoxplainError } from "@voxplain/core";
import { groupMean, type MapWarning, runWarnings } from "@voxplain/saliency";
import { sumOfChannels } from "./compose-map.ts";
import type { Explanation, ExplanationMean, ExplanationRequest } from "./engine.ts";

/** What the first explanation decides for all; not its map, whose memory is given back. */
type Common = Pick<Explanation, "request" | "isPlaced"> & {
  readonly name: string;
  readonly map: Omit<Explanation["map"], "data">;
};

/** The mean map over the mean image, on the grid of the first. Its prediction is the mean of the probabilities. */
export function explanationMean(): ExplanationMean {
  const maps = groupMean();
  const anatomies = groupMean();
  const warnings = new Set<string>();
  const ofMaps = runWarnings();
  const mapWarnings: MapWarning[] = [];
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
      const note = checkPosition(common, explanation);
      if (note !== undefined) warnings.add(note);
      if (!common.isPlaced && explanation.isPlaced)
        common = { ...commonOf(explanation), request: common.request };
      maps.add(explanation.stored);
      anatomies.add(tensor("float32", explanation.anatomy.shape, explanation.anatomy.data));
      probabilities = explanation.prediction.probabilities.map((p, k) => p + (probabilities[k] ?? 0));
      seconds += explanation.seconds;
      classes.add(explanation.image.trueClass);
      ofMaps.add(explanation.image.name, explanation.mapWarnings);
      mapWarnings.push(...explanation.mapWarnings);
      const ofMap = sentencesAbout(explanation.mapWarnings);
      for (const warning of explanation.warnings) if (!ofMap.includes(warning)) warnings.add(warning);
    },
    mean() {
      if (common === undefined) throw new VoxplainError("not-found", "there is no map to average");
      const { request, isPlaced, map } = common;
      const { affine, shape } = map;
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
        map: { data: sumOfChannels(stored.data, shape), shape, affine },
        anatomy: { data: anatomies.mean().data, shape, affine },
        isPlaced,
        stored,
        relativeDelta: undefined,
        seconds,
        warnings: [...warnings, ...ofMaps.sentences({ averaged: true })],
        mapWarnings,
      };
    },
  };
}

/** The sentences of one explanation, in which its own map needs no name. */
export function sentencesAbout(mapWarnings: readonly MapWarning[]): readonly string[] {
  const own = runWarnings();
  own.add("", mapWarnings);
  return own.sentences();
}

function commonOf({ image, request, isPlaced, map: { shape, affine } }: Explanation): Common {
  return { name: image.name, request, isPlaced, map: { shape, affine } };
}

function checkRequest({ name, request }: Common, { image, request: other }: Explanation): void {
  if (keyOf(other) === keyOf(request)) return;
  throw new VoxplainError(
    "mismatch",
    `${name} and ${image.name} were not explained in the same way: ` +
      "a mean needs one network, one method with the same options, and one class",
  );
}

/**
 * @returns A warning where the position of one of the two is unknown.
 * @throws VoxplainError `mismatch` with both affines.
 */
function checkPosition(common: Common, { image, map, isPlaced }: Explanation): string | undefined {
  if (isPlaced !== common.isPlaced) {
    const [unknown, known] = isPlaced ? [common.name, image.name] : [image.name, common.name];
    return `the position of ${unknown} is unknown: it is assumed to be on the grid of ${known}`;
  }
  if (!isPlaced || compareGrids(common.map.affine, map.affine, map.shape) === "same") return undefined;
  const one = { name: image.name, affine: map.affine };
  const misfit = describeMisfit(one, { name: common.name, affine: common.map.affine }, map.shape);
  throw new VoxplainError("mismatch", `${misfit}: a mean map needs images on one grid`);
}

function keyOf({ network, preprocess, method, options, target }: ExplanationRequest): string {
  const given = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([network?.fold, network?.selection, preprocess, method, given, target]);
}
