import { VoxplainError } from "@voxplain/core";
import type { SourceMap } from "./source-map.ts";

/** The maps whose cell is a value: the text itself, or for "<70", ">=70" and the like every number that fulfils it. */
export function mapsOfGroup(maps: readonly SourceMap[], column: string, value: string): readonly SourceMap[] {
  const same = maps.filter(({ cells }) => cells[column] === value);
  const [, sign, limit] = /^(<=|>=|<|>)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(value) ?? [];
  if (same.length > 0 || sign === undefined || !Number.isFinite(Number(limit))) return same;
  return maps.filter(({ cells }) => {
    const cell = groupOf({ cells }, column);
    return cell !== undefined && fulfils(Number(cell), sign, Number(limit));
  });
}

/** The group of a map; undefined where its cell says nothing. */
export function groupOf({ cells }: Pick<SourceMap, "cells">, column: string): string | undefined {
  const cell = cells[column]?.trim() ?? "";
  return cell === "" || cell.toLowerCase() === "n/a" ? undefined : cell;
}

/** @throws VoxplainError `not-found` naming the value, and the existing ones. */
export function refuseEmptyGroup(
  maps: readonly SourceMap[],
  column: string,
  value: string,
  file: string,
): void {
  if (mapsOfGroup(maps, column, value).length > 0) return;
  const there = new Set(maps.flatMap((map) => groupOf(map, column) ?? []));
  const some = [...there].sort().slice(0, 20);
  const found =
    there.size > some.length ? `${some.join(", ")} and ${there.size - some.length} more` : some.join(", ");
  throw new VoxplainError("not-found", `no map has ${value} in the column ${column}`, {
    file,
    found: found === "" ? "no group" : found,
  });
}

function fulfils(value: number, sign: string, limit: number): boolean {
  if (sign === "<") return value < limit;
  if (sign === "<=") return value <= limit;
  return sign === ">" ? value > limit : value >= limit;
}
