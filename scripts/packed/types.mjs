import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../workspace.mjs";

/**
 * What TypeScript says of the examples and of every declaration that they reach; "" where it is content.
 * @param {readonly { path: string, example: { code: string }, inBrowsers?: { code: string } }[]} projects
 */
export function typeComplaints(projects) {
  const files = projects.flatMap(({ path, example, inBrowsers }) =>
    [example, inBrowsers].flatMap((found, k) => {
      if (found === undefined) return [];
      const file = join(path, `example-${k}.ts`);
      writeFileSync(file, found.code);
      return file;
    }),
  );
  // Vite's, as its own types have it.
  const assets = join(projects[0].path, "assets.d.ts");
  writeFileSync(assets, 'declare module "*?url" {\n  const url: string;\n  export default url;\n}\n');
  const program = ts.createProgram([...files, assets], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    )
    .join("\n");
}
