import type { CompletedCommand, CompletedOption, CompletedProgram } from "./describe-program.ts";

/** fish completes names of files unless it is told not to. */
export function fishCompletion({ name, options, commands }: CompletedProgram): string {
  return `# Completion of ${name} for fish, made by "${name} completion fish".
function __${name}_command
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end
function __${name}_words
    test (count (commandline -opc)) -eq $argv[1]
end
complete -c ${name} -n '__${name}_words 1' -f
${[
  ...options.map((option) => completeOption(name, `__${name}_words 1`, option)),
  ...commands.flatMap((command) => completeCommand(name, command)),
].join("\n")}
`;
}

function completeCommand(
  program: string,
  { name, description, options, firstArgument }: CompletedCommand,
): string[] {
  const inside = `__${program}_command ${name}`;
  return [
    `complete -c ${program} -n '__${program}_words 1' -a ${name} -d ${quoted(description)}`,
    ...(firstArgument.length > 0
      ? [
          `complete -c ${program} -n '${inside}; and __${program}_words 2' -f -a ${quoted(firstArgument.join(" "))}`,
        ]
      : []),
    ...options.map((option) => completeOption(program, inside, option)),
  ];
}

function completeOption(
  program: string,
  condition: string,
  { names, description, takes, values }: CompletedOption,
): string {
  const spelled = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const value = takes === "nothing" ? "" : values.length > 0 ? ` -x -a ${quoted(values.join(" "))}` : " -r";
  return `complete -c ${program} -n '${condition}' ${spelled.join(" ")}${value} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
