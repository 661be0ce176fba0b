import { type Html, html } from "../html/html.ts";
import {
  methodsOfAgreement,
  methodsOfComparison,
  methodsOfLocalization,
  methodsOfRegions,
} from "../methods/of-finding.ts";
import { methodsOfJob } from "../methods/of-job.ts";
import type { Paragraph } from "../methods/paragraph.ts";
import type { Reference } from "../methods/references.ts";
import type { Report, ReportedResult } from "../report.ts";

/** Text for a paper, and what it cites. */
export function methodsSection({ results, program }: Report): Html {
  const made = `${program.name} ${program.version}`;
  const paragraphs = results.map((result) => paragraphOf(result, made));
  const texts = [...new Set(paragraphs.map(({ text }) => text))];
  const cited = new Map<string, Reference>();
  for (const { references } of paragraphs) for (const one of references) cited.set(one.text, one);
  const sorted = [...cited.values()].sort((a, b) => a.text.localeCompare(b.text, "en"));
  return html`<section aria-labelledby="methods"><h2 id="methods">Methods</h2>
<p>To be pasted into a paper: what was done, with the options that were used.</p>
<div class="paste">${texts.map((text) => html`<p>${text}</p>`)}</div>
<h3>References</h3>
<div class="paste">${sorted.map(
    ({ text, link }) =>
      html`<p>${text}${link !== undefined && html` <a href="${link}" rel="noreferrer">${link}</a>`}</p>`,
  )}<p>${program.citation}</p></div></section>`;
}

function paragraphOf(result: ReportedResult, program: string): Paragraph {
  switch (result.kind) {
    case "regions":
      return methodsOfRegions(result, program);
    case "comparison":
      return methodsOfComparison(result, program);
    case "agreement":
      return methodsOfAgreement(result, program);
    case "localization":
      return methodsOfLocalization(result, program);
    default:
      return methodsOfJob(result, program);
  }
}
