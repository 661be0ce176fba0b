import { groupBy } from "@voxplain/core";
import type { SurveyedNetwork } from "@voxplain/model-loader";

/** At least one network. */
export type Networks = readonly [SurveyedNetwork, ...SurveyedNetwork[]];

/** The networks of a fold by selection: one, or one for each part. */
export function networksBySelection(networks: readonly SurveyedNetwork[]): [string, Networks][] {
  return [...groupBy(networks, ({ selection }) => selection)];
}

/** What a random search drew has no name where no network could be loaded. */
export const randomArchitecture = "random search";
