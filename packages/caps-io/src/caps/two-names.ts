/**
 * What follows <participant>_<session>, as older and newer versions of Clinica and ClinicaDL write it: with the modality in
 * front of "_space-" and without.
 */
export function twoNames(suffix: string, modality = "T1w"): readonly [string, string] | readonly [string] {
  if (suffix.startsWith("_space-")) return [suffix, `_${modality}${suffix}`];
  if (suffix.startsWith(`_${modality}_space-`)) return [suffix, suffix.slice(modality.length + 1)];
  return [suffix];
}
