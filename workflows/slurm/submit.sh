#!/usr/bin/env bash
# Sends a cohort to Slurm: an array of tasks, each of which computes a part, and a job that merges them when all have ended well.
#
#   workflows/slurm/submit.sh model=my_model level=group name=AD output_dir=results shards=16 \
#     options="--use_cpu --threads 1" -- --mem=8G --partition=long
#
# voxplain    the command, such as "apptainer run --bind /data voxplain.sif" (default: voxplain)
# model       model folder or ONNX file
# level       group, individual or predict
# name        name of the result
# output_dir  where the result is written
# shards      number of parts (default: 16)
# options     other options of `voxplain interpret` or `voxplain predict`
#
# What follows -- is for sbatch, for the array and the merge. What a task asks for otherwise is in shard.sh and merge.sh.
# Prints the numbers of the array and of the job that merges.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
voxplain=voxplain model='' level='' name='' output_dir='' shards=16 options=''
fail() { echo "submit.sh: $*" >&2; exit 2; }

while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    voxplain=* | model=* | level=* | name=* | output_dir=* | shards=* | options=*) declare "${1%%=*}=${1#*=}" ;;
    *) fail "expected voxplain=, model=, level=, name=, output_dir=, shards= or options=, found $1" ;;
  esac
  shift
done
for setting in model level name output_dir; do [ -n "${!setting}" ] || fail "$setting= is missing"; done
[[ $shards =~ ^[1-9][0-9]*$ ]] || fail "shards=$shards: expected a whole number from 1 on"

case $level in
  group | individual) job=interpret; task=(interpret "$level" "$model" "$name") ;;
  predict) job=predict; task=(predict "$model" --name "$name") ;;
  *) fail "level=$level: expected group, individual or predict" ;;
esac
# Words: a command or a list of options, not the name of one file.
read -ra command <<<"$voxplain"
read -ra others <<<"$options"

array=$(sbatch --parsable "$@" --array="1-$shards" "$here/shard.sh" "$shards" \
  "${command[@]}" "${task[@]}" --output_dir "$output_dir" "${others[@]}")
# A task that fails would leave the merge in the queue for ever without --kill-on-invalid-dep.
merge=$(sbatch --parsable "$@" --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "$here/merge.sh" \
  "${command[@]}" merge "$model" "$name" --output_dir "$output_dir" --job "$job")
echo "array ${array%%;*} merge ${merge%%;*}"
