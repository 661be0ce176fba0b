import { refuseExisting } from "@voxplain/core/node";

/** ClinicaDL writes the first, too. */
const records = ["commandline.json", "provenance.json"];

/**
 * Checks that a job may give its result a name: nothing has it, or an older result that may be replaced.
 * @throws VoxplainError `already-exists`, also for any other folder.
 */
export function refuseOther(path: string, overwrite: boolean): void {
  refuseExisting(path, overwrite, records);
}
