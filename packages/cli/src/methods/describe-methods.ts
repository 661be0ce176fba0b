import { type MethodEntry, type MethodOption, methods } from "@voxplain/saliency";
import { snakeCase } from "../method/given-options.ts";

/** The methods and their options as the help shows them. */
export function describeMethods(): string {
  const entries: readonly (readonly [string, MethodEntry])[] = Object.entries(methods);
  const lines = entries.flatMap(([name, { summary, paper, options }]) => [
    `  ${name}`,
    `      ${summary}`,
    `      (${paper})`,
    ...Object.entries(options)
      .filter(([, { kind }]) => kind !== "voxel-size")
      .map(([option, row]) => `      ${snakeCase(option)}=${typeOf(row)}  ${row.doc}${defaultOf(row)}`),
  ]);
  return lines.join("\n");
}

/** The methods with their options and defaults alone, as `--help` of a command shows them. */
export function listMethodOptions(): string {
  const entries: readonly (readonly [string, MethodEntry])[] = Object.entries(methods);
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, { options }]) => {
    const words = Object.entries(options)
      .filter(([, { kind }]) => kind !== "voxel-size")
      .map(
        ([option, { default: value }]) => `${snakeCase(option)}=${value === undefined ? "" : String(value)}`,
      );
    return `  ${name.padEnd(width)}  ${words.join(" ") || "-"}`;
  });
  return [
    "Methods and their --method_options with defaults (voxplain methods explains them):",
    ...lines,
  ].join("\n");
}

function typeOf({ kind, choices }: MethodOption): string {
  if (choices) return `<${choices.join("|")}>`;
  return `<${{ ...kinds, choice: "choice" }[kind as keyof typeof kinds] ?? kind}>`;
}

const kinds = { image: "path", labels: "path", cohort: "images", numbers: "n[,n,n]", text: "name" } as const;

function defaultOf({ default: value, required }: MethodOption): string {
  if (required) return " (required)";
  return value === undefined ? "" : ` (default: ${String(value)})`;
}
