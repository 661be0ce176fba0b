#!/usr/bin/env bash
#SBATCH --job-name=voxplain-merge
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --time=01:00:00
#SBATCH --output=voxplain-merge-%j.log
#SBATCH --open-mode=append
# Merges the parts of a cohort: sbatch --dependency=afterok:… --kill-on-invalid-dep=yes merge.sh voxplain merge my_model AD …
# It ends with 3 where sessions were skipped (errors.tsv lists them): Slurm calls that FAILED, though the result is complete.
exec "$@"
