// Messages of packages are shown by the command and by the page, which has no options with two hyphens: an option stands
// in parentheses after the words for it, and the page leaves the parentheses out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { sentenceFrom } from "../apps/explorer/src/page/sentences.ts";
import { packages } from "./workspace.ts";

/** Texts of a file that name an option. */
function textsWithOptions(path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    else if (ts.isTemplateExpression(node)) {
      found.push(
        [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join("…"),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true));
  return found.filter((text) => /(^|[\s("])--[a-z]/.test(text));
}

describe("an option of the command in a message", () => {
  const texts = packages
    .filter(({ folder }) => folder !== "cli")
    .flatMap(({ path }) =>
      readdirSync(join(path, "src"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .flatMap((name) => textsWithOptions(join(path, "src", name))),
    )
    // Options of other programs, and a style sheet.
    .filter(
      (text) =>
        !/--onnxruntime-node-install|^--exchange$|^--no-target-directory$|mri_convert --| --uncropped_image|^\s*:root \{/.test(
          text,
        ),
    );

  it("is named somewhere", () => expect(texts.length).toBeGreaterThan(3));

  it.each(texts)("is left out by the page: %s", (text) => {
    // What the page cannot do names the command that can.
    const shown = sentenceFrom(text).replace(/, which voxplain explain takes: --target[ \d,]*/, "");
    expect(shown).not.toContain("--");
  });
});
