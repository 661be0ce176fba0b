#!/usr/bin/env bash
#SBATCH --job-name=voxplain
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --output=voxplain-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
# One part of a cohort, as a task of an array: sbatch --array=1-16 shard.sh 16 voxplain interpret group my_model AD …
# The number of parts is written out: SLURM_ARRAY_TASK_COUNT is another one when `--array=3,7` runs two tasks again.
# `exec`, so that Slurm's signals reach Voxplain, which then keeps what is finished; --resume, as a requeued task runs this again.
shards=$1
shift
exec "$@" --resume --shard "$SLURM_ARRAY_TASK_ID/$shards"
