import type { SurveyedNetwork } from "@voxplain/model-loader";

/** At least one network. */
export type Networks = readonly [SurveyedNetwork, ...SurveyedNetwork[]];

/** The networks of a fold by selection: one, or one for each part. */
export function networksBySelection(networks: readonly SurveyedNetwork[]): [string, Networks][] {
  const groups = new Map<string, [SurveyedNetwork, ...SurveyedNetwork[]]>();
  for (const network of networks) {
    const group = groups.get(network.selection);
    if (group === undefined) groups.set(network.selection, [network]);
    else group.push(network);
  }
  return [...groups];
}

/** What a random search drew has no name where no network could be loaded. */
export const randomArchitecture = "random search";
