// Whether what a page shows is what its commands gave.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Pixels, pixelsOf, smallPicture } from "../apps/docs/scripts/small-picture.mjs";
import type { FigureStep, TableStep } from "./docs-steps.ts";

/** `node scripts/figures.mjs` writes the figures of pages that this test compares otherwise. */
const writes = process.env.VOXPLAIN_WRITE_FIGURES === "1";

/**
 * By how much, of 255, the compression of webp may move the mean of a block of pixels (it does by some 5); another digit in a label
 * moves it by 20 and more.
 */
export const furthest = 14;

/** Compares a figure with what a command drew, below a folder. */
export async function expectFigure(
  { title, file, number, image }: FigureStep,
  folder: string,
): Promise<void> {
  const { webp, pixels } = await smallPicture(pictureIn(join(folder, file ?? ""), number));
  if (writes) writeFileSync(image, webp);
  expect(existsSync(image), `${title}: ${image} is made by node scripts/figures.mjs`).toBe(true);
  expect(statSync(image).size, title).toBeLessThan(200_000);
  const shown = await pixelsOf(image);
  expect([shown.width, shown.height], title).toEqual([pixels.width, pixels.height]);
  expect(
    largestDifference(shown, pixels),
    `${title}: run node scripts/figures.mjs, and read what the page says of the picture`,
  ).toBeLessThan(furthest);
}

/** The file, or the picture of that number in a report. */
function pictureIn(file: string, number: number): Uint8Array {
  if (!file.endsWith(".html")) return readFileSync(file);
  const pictures = Array.from(
    readFileSync(file, "utf8").matchAll(/<img src="data:image\/png;base64,([^"]+)"/g),
    ([, data = ""]) => data,
  );
  return Buffer.from(pictures[number - 1] ?? "", "base64");
}

/** How far two pictures of pages are apart, as figures are compared. */
export async function picturesApart(a: string, b: string): Promise<number> {
  return largestDifference(await pixelsOf(a), await pixelsOf(b));
}

/** Computed from the means of blocks of 8×8 pixels, in the green channel. */
function largestDifference({ data: a, width }: Pixels, { data: b }: Pixels): number {
  const edge = 8;
  const across = Math.ceil(width / edge);
  const sums = new Float64Array(across * Math.ceil(a.length / 4 / width / edge));
  for (let k = 0; k < a.length / 4; k += 1) {
    const block = Math.floor(Math.floor(k / width) / edge) * across + Math.floor((k % width) / edge);
    sums[block]! += a[4 * k + 1]! - b[4 * k + 1]!;
  }
  return Math.max(...sums.map(Math.abs)) / edge ** 2;
}

/** Compares a table with the file that it names, below a folder. */
export function expectTable({ title, file, heads, rows }: TableStep, folder: string): void {
  const [header = "", ...lines] = readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  const found = lines.map((line) => {
    const cells = line.split("\t");
    return heads.map((head) => cells[columns.indexOf(head)]);
  });
  expect(columns, title).toEqual(expect.arrayContaining([...heads]));
  expect(rows.length, title).toBeGreaterThan(0);
  const missing = rows.filter(
    (row) => !found.some((one) => row.every((cell, k) => agrees(cell, one[k] ?? ""))),
  );
  expect(missing, `${title}: not in ${file}`).toEqual([]);
}

/** A cell of a page and a value: the same text, or the same number after rounding to the digits shown; 12.3 % is 0.123. */
function agrees(cell: string, value: string): boolean {
  if (cell === value) return true;
  const [, digits, decimals = "", percent] = /^(-?\d+(?:\.(\d+))?)( %)?$/.exec(cell) ?? [];
  if (digits === undefined || value === "" || Number.isNaN(Number(value))) return false;
  return (Number(value) * (percent ? 100 : 1)).toFixed(decimals.length) === digits;
}

/**
 * Whether lines are what a program printed: each as it was printed, in order and without a gap, but for `…` alone on a line, which
 * stands for any lines. Progress is left out.
 */
export function expectPrinted(title: string, shown: string, printed: string): void {
  const lines = printed.split("\n").filter((line) => line !== "" && !/: \d+\/\d+(, .* left)?$/.test(line));
  const wanted = shown.split("\n").filter((line) => line !== "");
  if (!wanted.includes("…")) {
    expect(lines, title).toEqual(wanted);
    return;
  }
  let next = 0;
  for (const [k, line] of wanted.entries()) {
    if (line === "…") continue;
    const place = lines.indexOf(line, next);
    const follows = k === 0 || wanted[k - 1] !== "…" ? place === next : place >= next;
    expect(follows, `${title}: ${line}\nis not what was printed:\n${lines.join("\n")}`).toBe(true);
    next = place + 1;
  }
}
