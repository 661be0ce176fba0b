import { type Html, html } from "../html/html.ts";
import { facts, longTable, more } from "../html/pieces.ts";
import type { FileDigest, Report, ReportedResult } from "../report.ts";
import { commandLine } from "./command-line.ts";

/** Warnings, options, versions and digests of a result. */
export function recordSection(record: ReportedResult): Html {
  const { warnings, options, versions, machine, inputs, outputs, started, folder } = record;
  const chosen = Object.entries(options).flatMap(([key, value]) => {
    const text = optionText(value);
    return text === undefined ? [] : [{ name: `--${key}`, value: text }];
  });
  const general = [
    ...(folder === undefined ? [] : [{ name: "folder", value: folder }]),
    ...(started === undefined ? [] : [{ name: "made", value: started }]),
    ...(machine === undefined ? [] : [{ name: "computed by", value: machine }]),
  ];
  return html`${
    warnings.length > 0 &&
    html`<h3>Warnings</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
  }
<h3>How it was made</h3>
${facts(general)}
${record.command === undefined ? html`<p>The command was not recorded: the options are below.</p>` : html`<pre>${linesOf(record)}</pre>`}
${chosen.length > 0 && more("Options", facts(chosen))}
${more("Versions", facts(grouped(versions)))}
${inputs.length > 0 && digests(inputs, "SHA-256 of the input files", recordFile(record))}
${outputs.length > 0 && digests(outputs, "SHA-256 of the files of the result", recordFile(record))}`;
}

/** The command, after what prepares it. */
function linesOf({ command = [], preparation }: ReportedResult): string {
  return [...(preparation === undefined ? [] : [preparation]), commandLine(command)].join(" && ");
}

function digests(files: readonly FileDigest[], caption: string, file: string): Html {
  const rows = files.map((one) => ({ file: one.file, sha256: one.sha256 }));
  const look = { caption, file, headings: { sha256: "SHA-256" } };
  // Nobody reads digests on paper.
  return html`<div class="screen">${longTable({ columns: ["file", "sha256"], rows }, look, 0)}</div>`;
}

/** Where a command records what it did. */
function recordFile({ kind }: ReportedResult): string {
  const files: Readonly<Partial<Record<ReportedResult["kind"], string>>> = {
    regions: "regions.json",
    comparison: "compare.json",
    agreement: "agreement.json",
    localization: "localize.json",
  };
  return files[kind] ?? "provenance.json";
}

/** Packages of one version together. */
function grouped(versions: Readonly<Record<string, string>>) {
  const byVersion = new Map<string, string[]>();
  for (const [name, version] of Object.entries(versions)) {
    byVersion.set(version, [...(byVersion.get(version) ?? []), name]);
  }
  return [...byVersion].map(([version, names]) => ({ name: names.join(", "), value: version }));
}

function optionText(value: unknown): string | undefined {
  if (value === null || value === undefined || value === false) return undefined;
  if (value === true) return "yes";
  if (Array.isArray(value)) return value.map(String).join(" ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The commands of all results, in the order in which they ran. */
export function commandsSection({ results }: Report): Html {
  const dated = results.toSorted((a, b) => ((a.started ?? "") < (b.started ?? "") ? -1 : 1));
  const commands = dated.flatMap((result) => (result.command === undefined ? [] : [linesOf(result)]));
  const unique = [...new Set(commands)];
  if (unique.length === 0) return html``;
  const lines = { html: unique.map((command) => html`${command}`.html).join("\n") };
  return html`<section aria-labelledby="commands"><h2 id="commands">Commands to repeat it</h2>
<p>In the order in which they ran; paths are relative to the folder that each ran in.</p><pre>${lines}</pre></section>`;
}
