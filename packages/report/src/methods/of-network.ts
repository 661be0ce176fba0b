import { sequence } from "../html/pieces.ts";
import type { ReportedModel } from "../report.ts";
import type { Writing } from "./paragraph.ts";
import { references } from "./references.ts";

/** Adds what a paper says of the network; facts of other names stand in the report's list alone. */
export function sayNetwork(text: Writing, { architecture, facts, isOfClinicaDl }: ReportedModel): void {
  const known = new Map(facts.map(({ name, value }) => [name, value]));
  const make = (name: string, sentence: (value: string) => string | undefined) => {
    const value = known.get(name);
    const made = value === undefined ? undefined : sentence(value);
    return made === undefined ? [] : [made];
  };
  const [, clinicaDl = "ClinicaDL"] = /^(ClinicaDL [\d.]+)/.exec(known.get("written by") ?? "") ?? [];
  const size = [
    ...make("parameters", (value) => `${withCommas(value)} parameters`),
    ...make("input", (value) => (/^\d/.test(value) ? `an input of ${value}` : undefined)),
  ];
  const parts = [
    ...(size.length > 0 ? [`has ${sequence(size)}`] : []),
    ...(isOfClinicaDl ? [`was trained with ${clinicaDl} ${text.cite(references.clinicadl)}`] : []),
  ];
  if (parts.length > 0) text.say(`The network (${architecture}) ${sequence(parts)}.`);
  else text.say(`The network is ${architecture}.`);
  const weights = [
    ...make("fold", (value) => `fold ${value}`),
    ...make("split", (value) => `split ${value}`),
    ...make("epoch", (value) => `epoch ${value}`),
    ...make("selection", selected),
  ];
  if (weights.length > 0) text.say(`Its weights are those of ${weights.join(", ")}.`);
  const others = [
    ...make("networks", (value) => `Each of ${value} parts of an image has a network of its own.`),
    ...make("preprocessing", (value) => `The images were preprocessed with ${value}.`),
  ];
  for (const sentence of others) text.say(sentence);
}

/** "39872" as "39,872". */
function withCommas(value: string): string {
  return /^\d+$/.test(value) ? Number(value).toLocaleString("en") : value;
}

/** "best_balanced_accuracy" in words. */
function selected(name: string): string {
  const [, metric] = /^best[_-](.*)$/.exec(name) ?? [];
  return metric === undefined ? `selection ${name}` : `selected by ${metric.replaceAll(/[_-]/g, " ")}`;
}
