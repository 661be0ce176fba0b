import type { LocatedImage, SessionFailure } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { CollectedImage } from "../collection/collection.ts";
import type { Cohort } from "./cohort.ts";

/** Images of a collection. */
export interface CollectedCohort {
  /** Those that are explained. */
  readonly collected: readonly CollectedImage[];
  /** Those that methods compare them with, whatever their diagnoses. */
  readonly references: readonly CollectedImage[];
}

/** Images of a collection as a cohort. */
export function collectedCohort({ collected, references }: CollectedCohort): Cohort {
  const bySession = new Map([...references, ...collected].map((one) => [one.session, one]));
  const sessions = collected.map(({ session }) => session);
  return {
    diagnoses: undefined,
    list: async () => ({ columns: [], sessions }),
    async others() {
      if (references.length > 0) return references.map(({ session }) => session);
      throw new VoxplainError(
        "not-found",
        "the method compares an image with the others, and there are none",
        { hint: "open at least one more" },
      );
    },
    async locate(wanted, model) {
      const found: LocatedImage[] = [];
      const failures: SessionFailure[] = [];
      for (const session of wanted) {
        const image = bySession.get(session);
        if (image === undefined) throw new RangeError(`${session.name} is not of this cohort`);
        try {
          found.push(await image.locate(model));
        } catch (error) {
          if (!isVoxplainError(error)) throw error;
          failures.push({ session, error });
        }
      }
      return { found, failures };
    },
  };
}
