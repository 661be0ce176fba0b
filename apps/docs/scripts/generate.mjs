// What the pages say about methods, from the table of methods itself.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { methods } from "@voxplain/saliency";
import { exampleOptions } from "./method-examples.mjs";
import { performancePage } from "./performance.mjs";

const folder = new URL("../generated/", import.meta.url);

/** Writes `generated/`, which the pages include. */
export function generate() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(new URL("methods/", folder), { recursive: true });
  for (const [name, entry] of Object.entries(methods)) {
    write(`methods/${name}.facts.md`, factsOf(entry));
    write(`methods/${name}.options.md`, optionsOf(entry));
    write(`methods/${name}.picture.md`, captionOf(name));
  }
  write("methods.md", table(["name", "the map", "paper"], Object.entries(methods).map(rowOf)));
  write("performance.md", performancePage());
}

function write(path, text) {
  writeFileSync(new URL(path, folder), `${text}\n`);
}

const rowOf = ([name, { summary, paper }]) => [`[\`${name}\`](/methods/${name})`, summary, linked(paper)];

const factsOf = ({ summary, paper }) => `${sentence(summary)}\n\nPaper: ${linked(paper)}.`;

/** How the picture of a method came about. */
function captionOf(name) {
  const given = (exampleOptions[name] ?? []).map((option) => `\`${option}\``).join(" ");
  return `The mean map of the six baseline sessions with simulated AD, in colour over the mean image, with ${given || "the default options"}. The network was trained to see atrophy in hippocampus and amygdala. Made by \`node apps/docs/scripts/pictures.mjs ${name}\`.`;
}

/** The options of a method, as the command line and programs spell them. */
function optionsOf({ options }) {
  const rows = Object.entries(options)
    .filter(([, { kind }]) => kind !== "voxel-size")
    .map(([option, row]) => [`\`${flagOf(option)}\``, `\`${option}\``, kindOf(row), defaultOf(row), row.doc]);
  const heads = ["`--method_options`", "in a program", "value", "default", ""];
  return rows.length === 0 ? "It has none." : table(heads, rows);
}

const flagOf = (option) => option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

const kinds = {
  number: "number",
  integer: "whole number",
  boolean: "true or false",
  text: "text",
  numbers: "number, or one for each axis, separated by commas",
  image: "path of an image",
  labels: "path of an image of whole numbers",
  cohort: "folder or list of images",
  method: "name of a method",
};

function kindOf({ kind, choices }) {
  return choices ? choices.map((choice) => `\`${choice}\``).join(", ") : kinds[kind];
}

function defaultOf({ default: value, required }) {
  if (required) return "required";
  return value === undefined ? "none" : `\`${value}\``;
}

/** Numbers of arXiv and DOIs as links. */
function linked(paper) {
  return paper
    .replace(/arXiv:(\d{4}\.\d{4,5})/g, "[arXiv:$1](https://arxiv.org/abs/$1)")
    .replace(/doi:(10\.\S+?)(?=[,;.)]?(?:\s|$))/g, "[doi:$1](https://doi.org/$1)");
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
