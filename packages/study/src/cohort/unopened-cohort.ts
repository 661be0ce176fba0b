import type { VoxplainError } from "@voxplain/core";
import type { Cohort } from "./cohort.ts";

/** Stands in for a cohort that could not be opened, so that a plan reports why, with everything else that is wrong. */
export function unopenedCohort(error: VoxplainError): Cohort {
  const refuse = async () => {
    throw error;
  };
  return { diagnoses: undefined, list: refuse, others: refuse, locate: refuse };
}
