import {
  defaultText,
  type MethodEntry,
  type MethodOption,
  methods,
  type OptionKind,
  writtenOptions,
} from "@voxplain/saliency";

/** The methods and their options as the help shows them. */
export function describeMethods(): string {
  const lines = Object.values<MethodEntry>(methods).flatMap((entry) => [
    `  ${entry.name}`,
    `      ${entry.title}: ${entry.summary}`,
    `      (${entry.paper})`,
    ...Array.from(
      writtenOptions(entry.options),
      ([name, option]) => `      ${name}=${typeOf(option)}  ${option.doc}${defaultOf(option)}`,
    ),
  ]);
  return lines.join("\n");
}

/** The methods with their options and defaults alone, as `--help` of a command shows them. */
export function listMethodOptions(): string {
  const width = Math.max(...Object.keys(methods).map((name) => name.length));
  const lines = Object.values<MethodEntry>(methods).map((entry) => {
    const words = Array.from(
      writtenOptions(entry.options),
      ([name, option]) => `${name}=${defaultText(option) ?? ""}`,
    );
    return `  ${entry.name.padEnd(width)}  ${words.join(" ") || "-"}`;
  });
  return [
    "Methods and their --method_options with defaults (voxplain methods explains them):",
    ...lines,
  ].join("\n");
}

function typeOf({ kind, choices }: MethodOption): string {
  return `<${choices?.join("|") ?? kinds[kind] ?? kind}>`;
}

const kinds: Readonly<Partial<Record<OptionKind, string>>> = {
  image: "path",
  labels: "path",
  cohort: "images",
  numbers: "n[,n,n]",
  layer: "name",
};

function defaultOf(option: MethodOption): string {
  if (option.required) return " (required)";
  const text = defaultText(option);
  if (text === undefined) return option.otherwise === undefined ? "" : ` (default: ${option.otherwise})`;
  return ` (default: ${text}${option.unit === undefined ? "" : ` ${option.unit}`})`;
}
