// What the pages say about methods, from the table of methods itself.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { defaultText, methods, snakeCase, writtenOptions } from "@voxplain/saliency";
import { galleryOfMethods } from "./gallery-page.mjs";
import { comparisonTable, enrichmentTable, localizationTable } from "./known-truth.mjs";
import { table } from "./markdown.mjs";
import { methodPage } from "./method-page.mjs";
import { pictureWords } from "./method-pictures.mjs";
import { performancePage, profileTable } from "./performance.mjs";
import { errorsTable, optionsPage, schemasTable } from "./reference.mjs";
import { scalePage } from "./scale.mjs";
import { comparisonsTables, differencesTable, toolsSummary, toolsTable } from "./tools.mjs";

const folder = new URL("../generated/", import.meta.url);

/** Writes `generated/`, which the pages include. */
export async function generate() {
  checkPages();
  rmSync(folder, { recursive: true, force: true });
  for (const below of ["methods/", "known-truth/", "tools/"])
    mkdirSync(new URL(below, folder), { recursive: true });
  for (const [name, entry] of Object.entries(methods)) {
    write(`methods/${name}.facts.md`, factsOf(entry));
    write(`methods/${name}.options.md`, optionsOf(entry));
    write(`methods/${name}.picture.md`, captionOf(name));
  }
  write("methods.md", table(["method", "name", "the map", "paper"], Object.values(methods).map(rowOf)));
  write("questions.md", questions());
  write("captum.md", captumNames());
  write("forward-methods.md", forwardMethods());
  write("method-names.json", JSON.stringify(Object.keys(methods)));
  write("performance.md", performancePage());
  write("profile.md", profileTable());
  write("scale.md", scalePage());
  write("tools/summary.md", toolsSummary());
  write("tools/tools.md", toolsTable());
  write("tools/differences.md", differencesTable());
  write("tools/comparisons.md", comparisonsTables());
  write("known-truth/localization.md", localizationTable());
  write("known-truth/signed.md", comparisonTable("signed"));
  write("known-truth/share.md", comparisonTable("share"));
  write("known-truth/enrichment.md", enrichmentTable());
  write("gallery.md", galleryOfMethods());
  write("options.md", optionsPage());
  write("errors.md", errorsTable());
  write("schemas.md", schemasTable());
  write("packages.md", packagesPage());
  write("operators.md", await operators());
}

/** Every method has a page under its title, and every page of a method a method. */
function checkPages() {
  const pages = new URL("../pages/methods/", import.meta.url);
  for (const { name, title } of Object.values(methods)) {
    if (!existsSync(new URL(`${name}.md`, pages)))
      throw new Error(`the method ${name} has no page in apps/docs/pages/methods`);
    if (methodPage(name).heading !== title)
      throw new Error(`the page of the method ${name} should be called ${title}, as in the table of methods`);
  }
  for (const file of readdirSync(pages)) {
    const name = file.replace(/\.md$/, "");
    if (file.endsWith(".md") && name !== "index" && !(name in methods))
      throw new Error(`there is no method for apps/docs/pages/methods/${file}`);
  }
}

function write(path, text) {
  writeFileSync(new URL(path, folder), `${text}\n`);
}

const rowOf = ({ name, title, summary, paper }) => [
  linkTo({ name, title }),
  `\`${name}\``,
  summary,
  linked(paper),
];

const linkTo = ({ name, title }) => `[${title}](/methods/${name})`;

const factsOf = ({ summary, paper }) => `${sentence(summary)}\n\nPaper: ${linked(paper)}.`;

function forwardMethods() {
  const found = Object.values(methods).filter(({ needs }) => needs === "forward");
  return `${found.map(linkTo).join(", ")}.`;
}

/** Methods by the question that their maps answer. */
function questions() {
  const answers = new Map();
  for (const entry of Object.values(methods)) {
    const { question, note } = methodPage(entry.name);
    if (question === undefined) continue;
    const known = answers.get(question) ?? [];
    answers.set(question, [...known, note === undefined ? linkTo(entry) : `${linkTo(entry)} (${note})`]);
  }
  return table(
    ["question", "methods"],
    [...answers].map(([question, links]) => [question, links.join(", ")]),
  );
}

/** What Captum calls each method. */
function captumNames() {
  const rows = Object.values(methods).flatMap(({ name }) =>
    methodPage(name).captum.map(([call, options = "", notes = ""]) => [
      call,
      `[\`${name}\`](/methods/${name}) ${options}`.trim(),
      notes,
    ]),
  );
  return table(["Captum", "here", "notes"], rows);
}

/** How the picture of a method came about. */
function captionOf(name) {
  const text =
    "The mean map of the six baseline sessions with simulated AD, in colour over the mean image. The network was trained to see atrophy in hippocampus and amygdala. In a folder with `sample`, this makes the picture:";
  return `${text}\n\n\`\`\`sh\nvoxplain ${pictureWords(name).join(" ").replace(" --nifti", " \\\n    --nifti").replace(" --method ", " \\\n    --method ")}\n\`\`\``;
}

/** The options of a method, as the command line and programs write them. */
function optionsOf({ options }) {
  const rows = Array.from(writtenOptions(options), ([name, option]) => [
    `\`${name}\``,
    option.doc,
    kindOf(option),
    defaultOf(option),
  ]);
  if (rows.length === 0) return "It has none.";
  const renamed = Object.keys(options).some((option) => option !== snakeCase(option));
  const note = renamed ? "\n\nIn a program names are in camelCase: `chunkSize` for `chunk_size`." : "";
  return table(["name", "", "value", "default"], rows) + note;
}

/** The table of gradient rules, as two lists. */
async function operators() {
  const autodiff = new URL("../../../packages/onnx-autodiff/dist/index.js", import.meta.url);
  const { gradientRules, none } = await import(autodiff.href);
  const names = Object.keys(gradientRules).sort();
  const list = (ofNone) =>
    names
      .filter((name) => (gradientRules[name] === none) === ofNone)
      .map((name) => `\`${name}\``)
      .join(", ");
  return `With a gradient: ${list(false)}.\n\nKnown to have none, so that the gradient ends there: ${list(true)}.`;
}

/** The beginning of each package's API. */
function packagesPage() {
  const packages = new URL("../../../packages/", import.meta.url);
  const rows = readdirSync(packages).map((name) => {
    const { description } = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), "utf8"));
    return [`[\`@voxplain/${name}\`](/api/@voxplain/${name}.md)`, description];
  });
  const text =
    "Each package is published by itself and versioned by itself. All are plain ES modules with types; [the architecture](/architecture.md) says which may import which, and which run in a browser.";
  return `# Packages\n\n${text}\n\n${table(["package", "what it does"], rows)}`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

const kinds = {
  number: "number",
  integer: "whole number",
  boolean: "true or false",
  layer: "name of a layer",
  numbers: "number, or one for each axis, separated by commas",
  image: "path of an image",
  labels: "path of an image of whole numbers",
  cohort: "folder or list of images",
  method: "name of a method",
};

function kindOf({ kind, choices, unit }) {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(", ");
  return unit === undefined ? kinds[kind] : `${kinds[kind]}, in ${unit}`;
}

function defaultOf(option) {
  if (option.required) return "required";
  const text = defaultText(option);
  return text === undefined ? (option.otherwise ?? "none") : `\`${text}\``;
}

/** Numbers of arXiv and DOIs as links. */
function linked(paper) {
  return paper
    .replace(/arXiv:(\d{4}\.\d{4,5})/g, "[arXiv:$1](https://arxiv.org/abs/$1)")
    .replace(/doi:(10\.\S+?)(?=[,;.)]?(?:\s|$))/g, "[doi:$1](https://doi.org/$1)");
}
