import { counted } from "../html/numbers.ts";
import { sequence } from "../html/pieces.ts";
import type { ReportedJob } from "../report.ts";
import { sayNetwork } from "./of-network.ts";
import { type Paragraph, type Writing, writing } from "./paragraph.ts";
import { paperOf, references } from "./references.ts";

/** What a paper says of maps or predictions. */
export function methodsOfJob(job: ReportedJob, program: string): Paragraph {
  const text = writing();
  const { cohort, kind } = job;
  const whose = `${counted(cohort.sessions, "session")} of ${counted(cohort.participants, "participant")}`;
  if (kind === "predictions") {
    text.say(`The images of ${whose} were predicted by a neural network with ${program}.`);
  } else sayMethod(text, job, whose, program);
  sayNetwork(text, job.model);
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
  { method, explained = "the output", kind, cohort: { sessions } }: ReportedJob,
  whose: string,
  program: string,
): void {
  const maps = sessions === 1 ? "A saliency map" : "Saliency maps";
  const were = sessions === 1 ? "was" : "were";
  const cited = method?.paper === undefined ? "" : ` ${text.cite(paperOf(method.paper))}`;
  const inner =
    method?.inner === undefined
      ? ""
      : ` of ${inSentence(method.inner.title)} ${text.cite(paperOf(method.inner.paper))}`;
  const by = method === undefined ? "an unknown method" : inSentence(method.title);
  text.say(
    `${maps} of ${explained} of a neural network ${were} computed for ${whose} by ${by}${cited}${inner} with ${program}.`,
  );
  const options = method?.options.map(({ name, value }) => `${name} = ${value}`) ?? [];
  if (options.length > 0) text.say(`The method ran with ${sequence(options)}.`);
  if (kind === "mean map") text.say("The maps were averaged over the sessions.");
}

/** A title within a sentence: "integrated gradients", but "Grad-CAM" and "Shapley value sampling". */
function inSentence(title: string): string {
  const [first = ""] = title.split(" ");
  return /^[A-Z][a-z-]+$/.test(first) && !/^(?:Shapley|Grad-)/.test(first)
    ? `${title.charAt(0).toLowerCase()}${title.slice(1)}`
    : title;
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
