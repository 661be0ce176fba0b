/** Output node of each diagnosis, as ClinicaDL 0.2 trains. */
export const diagnosisClasses: Readonly<Record<string, number>> = {
  CN: 0,
  sMCI: 0,
  AD: 1,
  pMCI: 1,
  MCI: 1,
  BV: 1,
};
