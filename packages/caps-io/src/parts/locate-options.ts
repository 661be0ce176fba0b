import type { CapsImages, FileSource } from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import type { PartSettings } from "./settings.ts";

/** What is looked for, and where. */
export interface LocateOptions {
  /** Which image of each session. */
  readonly images: CapsImages;
  /** How the image is cut into parts. */
  readonly settings: PartSettings;
  /** The CAPS that a session is in: of one cohort always the same. */
  readonly capsOf: (session: Session) => FileSource;
  /**
   * The CAPS with the masks of regions, the first that has them. Default: for ClinicaDL 0.2 that of each session, then
   * the others; for 1.x, which takes the masks of the first CAPS for all cohorts, those of the sessions in their order.
   */
  readonly masks?: readonly FileSource[] | undefined;
}
