// What a page of the documentation has its reader do, and what it says comes out: commands with what they print, tables with the
// file that holds their numbers, figures with the file that a command drew.
import { join } from "node:path";
import { elementsOf, handWrittenPages } from "./docs-pages.ts";
import { root } from "./workspace.ts";

interface Place {
  /** "tutorials/ad-cn.md:12". */
  readonly title: string;
  readonly page: string;
  /** Why it is run or compared in long tests only: `<!-- long: … -->`. */
  readonly long?: string;
}

export interface CommandStep extends Place {
  readonly kind: "command";
  readonly code: string;
  /** The block of text behind it. */
  readonly shown?: string;
  /** Why the test cannot run it: `<!-- not run: … -->`. */
  readonly notRun?: string;
}

/** `<!-- table: file -->` above a table: its heads are columns of the file, its rows some of its rows, rounded. */
export interface TableStep extends Place {
  readonly kind: "table";
  readonly file: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * `<!-- figure: file -->` above an image: a picture that a command drew, made smaller. `<!-- figure: report.html 2 -->` is the
 * second picture of a report.
 */
export interface FigureStep extends Place {
  readonly kind: "figure";
  /** Where the command wrote it; undefined for pictures of other programs. */
  readonly file?: string;
  readonly number: number;
  /** Which program made it and when: `<!-- picture: … -->`. */
  readonly by?: string;
  /** The image that the page shows. */
  readonly image: string;
}

export type Step = CommandStep | TableStep | FigureStep;

/** The steps of a page, in order. */
export function stepsOf(page: string): Step[] {
  const { markdown = "" } = handWrittenPages().find((one) => one.page === page) ?? {};
  const steps: Step[] = [];
  // A block of text belongs to the command right above it.
  let followsCommand = false;
  for (const { title, kind, language, text, notes } of elementsOf(page, markdown)) {
    const place = { title, page, ...(notes.long === undefined ? {} : { long: notes.long }) };
    const last = steps.at(-1);
    const isCommand = kind === "code" && language === "sh";
    if (isCommand) {
      const notRun = notes["not run"];
      steps.push({ kind: "command", ...place, code: text, ...(notRun === undefined ? {} : { notRun }) });
    } else if (kind === "code" && language === "text" && followsCommand && last?.kind === "command") {
      steps[steps.length - 1] = { ...last, shown: text };
    } else if (kind === "table" && notes.table !== undefined) {
      const [heads = [], , ...rows] = text.trimEnd().split("\n").map(cellsOf);
      steps.push({ kind: "table", ...place, file: notes.table, heads, rows });
    } else if (kind === "image") {
      const [file, number = "1"] = notes.figure?.split(" ") ?? [];
      steps.push({
        kind: "figure",
        ...place,
        ...(file === undefined ? {} : { file }),
        ...(notes.picture === undefined ? {} : { by: notes.picture }),
        number: Number(number),
        image: join(root, "apps/docs/pages", page, "..", text),
      });
    }
    followsCommand = isCommand;
  }
  return steps;
}

const cellsOf = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll(/[`*]/g, "").replaceAll("−", "-"));
