import type { CompletedCommand, CompletedOption, CompletedProgram } from "./describe-program.ts";

/** Where nothing is offered, bash completes names of files. */
export function bashCompletion({ name, options, commands }: CompletedProgram): string {
  const first = [...commands.map((command) => command.name), ...namesOf(options)];
  return `# Completion of ${name} for bash, made by "${name} completion bash".
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} offered='' option='' behind=0 k
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${first.join(" ")}' -- "$word")
    return
  fi
  for ((k = COMP_CWORD - 1; k > 1; k--)); do
    if [[ \${COMP_WORDS[k]} == -* ]]; then
      option=\${COMP_WORDS[k]} behind=$((COMP_CWORD - k))
      break
    fi
  done
  if [[ $word == -* ]]; then
    case \${COMP_WORDS[1]} in
${commands.map((command) => `      ${command.name}) offered='${namesOf(command.options).join(" ")}' ;;`).join("\n")}
    esac
  else
    case "\${COMP_WORDS[1]} $option" in
${commands.flatMap(valuesOf).join("\n")}
    esac
${commands.flatMap(firstArgumentOf).join("\n")}
  fi
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}

function valuesOf({ name, options }: CompletedCommand): string[] {
  return options
    .filter(({ values }) => values.length > 0)
    .map(({ names, takes, values }) => {
      const cases = names.map((option) => `"${name} ${option}"`).join(" | ");
      const condition = takes === "values" ? "" : "((behind == 1)) && ";
      return `      ${cases}) ${condition}offered='${values.join(" ")}' ;;`;
    });
}

function firstArgumentOf({ name, firstArgument }: CompletedCommand): string[] {
  if (firstArgument.length === 0) return [];
  return [
    `    [[ $COMP_CWORD == 2 && \${COMP_WORDS[1]} == ${name} ]] && offered='${firstArgument.join(" ")}'`,
  ];
}

function namesOf(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ names }) => names);
}
