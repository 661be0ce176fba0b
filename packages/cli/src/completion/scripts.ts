/** They ask the installed command what to offer, so that they need no update; where it offers nothing, they complete paths. */
export const scripts = {
  bash: `# Completion of voxplain for bash, made by "voxplain completion bash".
_voxplain() {
  mapfile -t COMPREPLY < <(voxplain completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _voxplain voxplain
`,
  zsh: `#compdef voxplain
# Completion of voxplain for zsh, made by "voxplain completion zsh".
_voxplain() {
  local -a offered=(\${(f)"$(voxplain completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (($#offered)); then
    _describe voxplain offered
  else
    _files
  fi
}
if [[ $funcstack[1] == _voxplain ]]; then
  _voxplain "$@"
elif (($+functions[compdef])); then
  compdef _voxplain voxplain
fi
`,
  fish: `# Completion of voxplain for fish, made by "voxplain completion fish".
function __voxplain_offers
    set -l words (commandline -opc) (commandline -ct)
    set -g __voxplain_offered (voxplain completion fish -- $words[2..-1] 2>/dev/null)
    test (count $__voxplain_offered) -gt 0
end
complete -c voxplain -n __voxplain_offers -f -a '$__voxplain_offered'
`,
} as const;
