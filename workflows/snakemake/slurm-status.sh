#!/usr/bin/env bash
# What became of a Slurm job: success, failed or running. For `snakemake --cluster-status` (7) and
# `--cluster-generic-status-cmd` (8): without it Snakemake waits for ever for a job that Slurm killed.
id=${1%%;*}
for _ in 1 2 3; do
  state=$(sacct -X -n -P -o State -j "$id" 2>/dev/null | head -n 1)
  [ -n "$state" ] || state=$(scontrol -o show job "$id" 2>/dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p' | head -n 1)
  [ -n "$state" ] && break
  sleep 1
done
case $state in
  COMPLETED) echo success ;;
  BOOT_FAIL* | CANCELLED* | DEADLINE* | FAILED* | NODE_FAIL* | OUT_OF_MEMORY* | PREEMPTED* | TIMEOUT*) echo failed ;;
  *) echo running ;;
esac
