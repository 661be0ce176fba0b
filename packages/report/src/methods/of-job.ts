import { counted } from "../html/numbers.ts";
import { sequence } from "../html/pieces.ts";
import type { ReportedJob } from "../report.ts";
import { type Paragraph, type Writing, writing } from "./paragraph.ts";
import { paperOf, references } from "./references.ts";

/** What a paper says of maps or predictions. */
export function methodsOfJob(job: ReportedJob, program: string): Paragraph {
  const text = writing();
  const { cohort, kind } = job;
  const { architecture, facts } = job.model;
  const network = [architecture, ...facts.map(({ name, value }) => `${name} ${value}`)].join(", ");
  const trained = job.model.isOfClinicaDl
    ? `, trained with ClinicaDL ${text.cite(references.clinicadl)},`
    : "";
  const whose = `${counted(cohort.sessions, "session")} of ${counted(cohort.participants, "participant")}`;
  if (kind === "predictions") {
    text.say(`A neural network (${network})${trained} predicted the images of ${whose} with ${program}.`);
  } else sayMethod(text, job, { network, trained, whose, program });
  if (cohort.leftOut.length > 0)
    text.say(
      `${counted(cohort.leftOut.length, "session")} were left out.`.replace(
        "1 session were",
        "1 session was",
      ),
    );
  sayShares(text, job);
  sayChecks(text, job);
  return text.done();
}

function sayMethod(
  text: Writing,
  { method, explained = "the output", kind }: ReportedJob,
  {
    network,
    trained,
    whose,
    program,
  }: { readonly network: string; readonly trained: string; readonly whose: string; readonly program: string },
): void {
  const cited = method?.paper === undefined ? "" : ` ${text.cite(paperOf(method.paper))}`;
  const inner =
    method?.inner === undefined ? "" : ` of ${method.inner.title} ${text.cite(paperOf(method.inner.paper))}`;
  const by = method === undefined ? "an unknown method" : method.title;
  text.say(
    `Saliency maps of ${explained} of a neural network (${network})${trained} were computed for ${whose} by ${by}${cited}${inner} with ${program}.`,
  );
  const options = method?.options.map(({ name, value }) => `${name} = ${value}`) ?? [];
  if (options.length > 0) text.say(`Its options were ${sequence(options)}.`);
  if (kind === "mean map") text.say("The maps were averaged over the sessions.");
}

function sayShares(text: Writing, { shares }: ReportedJob): void {
  const quantities = shares?.rows.map(({ quantity }) => String(quantity)) ?? [];
  if (quantities.length === 0) return;
  const words = sequence(quantities);
  const are = quantities.length === 1 ? "is given with a 95 % interval" : "are given with 95 % intervals";
  text.say(`${words.charAt(0).toUpperCase()}${words.slice(1)} ${are} ${text.cite(references.wilson)}.`);
}

/** By the names of checks.tsv. */
const papersOfChecks = [
  [/randomization/, "randomization of the network's weights", references.adebayo],
  [/^deletion$|^insertion$/, "deletion and insertion of voxels", references.petsiuk],
  [/^infidelity$/, "infidelity", references.yeh],
  [/^max-sensitivity$/, "maximum sensitivity", references.yeh],
  [/^completeness$/, "completeness", undefined],
] as const;

function sayChecks(text: Writing, { checks }: ReportedJob): void {
  const done = new Set(checks?.rows.map(({ check }) => String(check)));
  const said = papersOfChecks.flatMap(([pattern, words, cited]) => {
    if (![...done].some((check) => pattern.test(check))) return [];
    return [cited === undefined ? words : `${words} ${text.cite(cited)}`];
  });
  if (said.length > 0) text.say(`The maps were checked by ${sequence(said)}.`);
}
