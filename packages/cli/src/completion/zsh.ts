import type { CompletedCommand, CompletedOption, CompletedProgram } from "./describe-program.ts";

/** Works as a file of $fpath and with `source <(voxplain completion zsh)`. */
export function zshCompletion({ name, options, commands }: CompletedProgram): string {
  const described = commands.map((command) => `    ${quoted(`${command.name}:${command.description}`)}`);
  return `#compdef ${name}
# Completion of ${name} for zsh, made by "${name} completion zsh".
_${name}() {
  local -a commands=(
${described.join("\n")}
  )
  if ((CURRENT == 2)); then
    [[ $PREFIX == -* ]] || _describe -t commands command commands
    _arguments \\
${options.flatMap(optionSpecs).map(line).join(" \\\n")}
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(caseOf).join("\n")}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
elif (($+functions[compdef])); then
  compdef _${name} ${name}
fi
`;
}

function caseOf({ name, options, firstArgument }: CompletedCommand): string {
  const first = firstArgument.length > 0 ? [quoted(`1: :(${firstArgument.join(" ")})`)] : [];
  const specs = [...options.flatMap(optionSpecs), ...first, quoted("*: :_files")];
  return `    ${name})\n      _arguments -S \\\n${specs.map(line).join(" \\\n")}\n      ;;`;
}

/** One spec for each name; `*-*` ends a list of values at the next option. */
function optionSpecs({ names, description, takes, values }: CompletedOption): string[] {
  const action = values.length > 0 ? `(${values.join(" ")})` : "_files";
  const value = { nothing: "", "one value": `: :${action}`, values: `:*-*: :${action}` }[takes];
  const explained = description.replaceAll(/[[\]:\\]/g, "\\$&");
  return names.map((name) => quoted(`${name}[${explained}]${value}`));
}

function line(spec: string): string {
  return `        ${spec}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
