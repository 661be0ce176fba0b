/**
 * Results of a study of maps as one HTML page that a reviewer of a paper can read: data in, text out, no files, no scripts.
 *
 * ```ts
 * import { reportHtml } from "@voxplain/report";
 *
 * const program = { name: "Voxplain", version: "0.3.0", citation: "Voxplain (version 0.3.0) [software]." };
 * const page = await reportHtml({ title: "AD", made: new Date(), program, participants: "identified", results: [] });
 * page.includes("<script"); // false
 * ```
 * @module @voxplain/report
 */
export type {
  Fact,
  FileDigest,
  InnerMethod,
  NullMaxima,
  Report,
  ReportedAgreement,
  ReportedCohort,
  ReportedComparison,
  ReportedJob,
  ReportedLocalization,
  ReportedMethod,
  ReportedModel,
  ReportedPicture,
  ReportedRecord,
  ReportedRegions,
  ReportedResult,
  ReportedSource,
  ReportedTable,
  ReportedTypicality,
} from "./report.ts";
export { reportHtml } from "./report-html.ts";
export { commandLine, pathArgument, shellWord } from "./sections/command-line.ts";
export { type Identifiers, withoutIdentifiers } from "./without-identifiers.ts";
