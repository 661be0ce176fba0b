// The reference pages: commands with their options, error codes, exit statuses and schemas, from the code.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { VoxplainError } from "@voxplain/core";
import { table } from "./markdown.mjs";

const root = new URL("../../../", import.meta.url);
const cli = new URL("packages/cli/dist/", root);
const { createProgram } = await import(new URL("command-line/program.js", cli).href);
const { exitStatusOf } = await import(new URL("report-error.js", cli).href);

/** Every command of `voxplain`, as commander knows it. */
function commands() {
  const argv = ["--help", "all"];
  return createProgram({ argv, onStatus: () => {} }).commands;
}

/** A section for each command: what it does, its arguments, its options in their groups. */
export function optionsPage() {
  return commands().map(sectionOf).join("\n\n");
}

function sectionOf(command) {
  const words = command.registeredArguments.map((argument) => {
    const called = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${called}>` : `[${called}]`;
  });
  const usage = ["voxplain", command.name(), ...words, "[options]"].join(" ");
  const called = command.registeredArguments.map((argument) => [
    `\`${argument.name()}\``,
    textOf(argument.description),
    valuesOf(argument),
  ]);
  const groups = Map.groupBy?.(command.options, groupOf) ?? grouped(command.options);
  const options = [...groups].map(([heading, list]) =>
    [
      ...(groups.size > 1 ? [`**${heading}**`] : []),
      table(
        ["option", "", "default"],
        list.map((option) => [`\`${option.flags}\``, withChoices(option), defaultOf(option)]),
      ),
    ].join("\n\n"),
  );
  return [
    `## voxplain ${command.name()}`,
    textOf(command.description()),
    `\`\`\`text\n${usage}\n\`\`\``,
    ...(called.length > 0 ? [table(["argument", "", "values"], called)] : []),
    ...options,
  ].join("\n\n");
}

const groupOf = ({ helpGroupHeading = "Options:" }) => helpGroupHeading.replace(/:$/, "");

function grouped(options) {
  const groups = new Map();
  for (const option of options) groups.set(groupOf(option), [...(groups.get(groupOf(option)) ?? []), option]);
  return groups;
}

/** Descriptions as a page can show them: placeholders such as <i> are no HTML. */
function textOf(description) {
  return description
    .replaceAll("\n", " ")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("*", "\\*");
}

const valuesOf = ({ argChoices }) => argChoices?.map((choice) => `\`${choice}\``).join(", ") ?? "";

function withChoices(option) {
  const values = valuesOf(option);
  return `${textOf(option.description)}${values === "" ? "" : `: ${values}`}`;
}

function defaultOf({ defaultValue, mandatory }) {
  if (mandatory && defaultValue === undefined) return "required";
  if (defaultValue === undefined || defaultValue === false) return "";
  return `\`${Array.isArray(defaultValue) ? defaultValue.join(" ") : defaultValue}\``;
}

/** The codes of errors with their meaning, which the type of `core` documents, and the exit status of the command. */
function errorCodes() {
  const source = readFileSync(new URL("packages/core/src/errors.ts", root), "utf8");
  const type = /export type ErrorCode =\n([\s\S]*?);\n/.exec(source)?.[1] ?? "";
  const codes = Array.from(type.matchAll(/\/\*\* (.*?) \*\/\s*\| "([\w-]+)"/g), ([, meaning, code]) => ({
    code,
    meaning,
    status: statusOf(code),
  }));
  if (codes.length !== (type.match(/\| "/g) ?? []).length)
    throw new Error("an error code has no explanation");
  return codes;
}

/** The exit status of the command for an error, without its message on stderr. */
function statusOf(code) {
  const write = process.stderr.write;
  process.stderr.write = () => true;
  try {
    return exitStatusOf(new VoxplainError(code, "x"), []);
  } finally {
    process.stderr.write = write;
  }
}

export function errorsTable() {
  return table(
    ["code", "meaning", "exit status"],
    errorCodes().map(({ code, meaning, status }) => [`[\`${code}\`](#${code})`, meaning, String(status)]),
  );
}

const schemas = new URL("packages/results/schemas/", root);

/** A table of the schemas, which are published beside the pages. */
export function schemasTable() {
  const published = new URL("../pages/public/schemas/", import.meta.url);
  rmSync(published, { recursive: true, force: true });
  mkdirSync(published, { recursive: true });
  const rows = readdirSync(schemas)
    .filter((file) => file.endsWith(".schema.json"))
    .sort()
    .map((file) => {
      cpSync(new URL(file, schemas), new URL(file, published));
      const { title, description } = JSON.parse(readFileSync(new URL(file, schemas), "utf8"));
      return [
        title,
        description.replace(/ The schema describes a row.*$/, ""),
        `<a href="../schemas/${file}" download>${file}</a>`,
      ];
    });
  return table(["file", "what it describes", "schema"], rows);
}
