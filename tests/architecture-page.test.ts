// ARCHITECTURE.md names tests and folders: they must exist.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRoot, root } from "./workspace.ts";

const page = readRoot("ARCHITECTURE.md");
const paths = Array.from(page.matchAll(/`((?:apps|packages|tests)\/[\w./-]+)`/g), ([, path = ""]) => path);

it("names many", () => expect(paths.length).toBeGreaterThan(10));

it.each([...new Set(paths)])("%s exists", (path) => expect(existsSync(join(root, path))).toBe(true));
