import { VoxplainError } from "@voxplain/core";

/** Output node of each diagnosis, as ClinicaDL 0.2 trains. */
export const diagnosisClasses: Readonly<Record<string, number>> = {
  CN: 0,
  sMCI: 0,
  AD: 1,
  pMCI: 1,
  MCI: 1,
  BV: 1,
};

/**
 * The output node of a diagnosis, as in `diagnosisClasses`: 0 or 1.
 * @throws VoxplainError `invalid-argument` listing the diagnoses that have a class.
 */
export function classOfDiagnosis(diagnosis: string): number {
  const found = Object.hasOwn(diagnosisClasses, diagnosis) ? diagnosisClasses[diagnosis] : undefined;
  if (found !== undefined) return found;
  throw new VoxplainError(
    "invalid-argument",
    `the diagnosis "${diagnosis}" has no class (those that have: ${Object.keys(diagnosisClasses).join(", ")})`,
  );
}
