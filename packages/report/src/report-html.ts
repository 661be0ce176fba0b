import { base64 } from "./html/base64.ts";
import { type Html, html } from "./html/html.ts";
import { counted } from "./html/numbers.ts";
import { name, regionLabel } from "./html/pieces.ts";
import { style } from "./html/style.ts";
import type { Report, ReportedResult } from "./report.ts";
import {
  agreementSection,
  comparisonSection,
  localizationSection,
  regionsSection,
} from "./sections/finding-sections.ts";
import { jobSection } from "./sections/job-section.ts";
import { methodsSection } from "./sections/methods-section.ts";
import { commandsSection, recordSection } from "./sections/records.ts";

/**
 * A report as one HTML page: no scripts, no other files, nothing that is loaded from elsewhere, which its content security policy also
 * forbids. Every text of the report is shown as text, with what would be invisible made visible.
 */
export async function reportHtml(report: Report): Promise<string> {
  // Absent on pages of plain http.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  const digest = await subtle?.digest("SHA-256", new TextEncoder().encode(style));
  const hash = digest === undefined ? "'unsafe-inline'" : `'sha256-${base64(new Uint8Array(digest))}'`;
  const policy = `default-src 'none'; img-src data:; style-src ${hash}; base-uri 'none'; form-action 'none'`;
  const { html: page } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${report.title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<header>
<h1>${name(report.title)}</h1>
<p class="soft">Made by ${report.program.name} ${report.program.version} on ${report.made.toISOString().slice(0, 10)} from ${counted(report.results.length, "result")}.</p>
${privacy(report)}
${contents(report)}
</header>
<main>
${report.results.map(section)}
${methodsSection(report)}
${commandsSection(report)}
</main>
<footer><p class="soft">Research only: maps show what a network used, not where a disease is. No part of this page comes from elsewhere.</p></footer>
</body>
</html>
`;
  return page;
}

function privacy({ participants, withoutIdentifiers = "" }: Report): Html {
  const identified = `This report holds participant identifiers and brain images. Share it as you would share the data themselves. ${withoutIdentifiers}`;
  const numbered =
    "This report holds brain images. Participants are numbered, also in paths and commands; pictures carry no identifiers. Brain images themselves can identify a person: share it as your data use agreement allows.";
  return html`<p class="notice" role="note"><strong>Privacy.</strong> ${participants === "numbered" ? numbered : identified.trim()}</p>`;
}

function contents({ results }: Report): Html {
  return html`<nav aria-label="Contents"><ul>
${results.map((result, k) => html`<li><a href="#result-${k + 1}">${titleOf(result)}</a></li>`)}
<li><a href="#methods">Methods</a></li><li><a href="#commands">Commands to repeat it</a></li>
</ul></nav>`;
}

const nouns: Readonly<Record<ReportedResult["kind"], string>> = {
  maps: "Maps",
  "mean map": "Group map",
  predictions: "Predictions",
  regions: "Regions",
  comparison: "Comparison",
  agreement: "Agreement",
  localization: "Localization",
};

function titleOf({ kind, name: text }: ReportedResult): Html {
  return html`${nouns[kind]}: ${name(text)}`;
}

function section(result: ReportedResult, k: number): Html {
  const id = `result-${k + 1}`;
  const body = html`${bodyOf(result)}
${recordSection(result)}`;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${titleOf(result)}</h2>
${labelled(body, k + 1)}
</section>`;
}

/** Landmarks have distinct labels: results have tables of the same caption. */
function labelled({ html: body }: Html, number: number): Html {
  return { html: body.replaceAll(`${regionLabel}"`, `${regionLabel}"Result ${number}: `) };
}

function bodyOf(result: ReportedResult): Html {
  switch (result.kind) {
    case "regions":
      return regionsSection(result);
    case "comparison":
      return comparisonSection(result);
    case "agreement":
      return agreementSection(result);
    case "localization":
      return localizationSection(result);
    default:
      return jobSection(result);
  }
}
