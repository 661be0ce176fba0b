// What is copied from a report or a terminal is what was meant, whatever files and people are called.
import { spawnSync } from "node:child_process";
import { commandLine, pathArgument, shellWord } from "@voxplain/report";
import { expect, it } from "vitest";

const words = [
  ...[
    "a b",
    "$(touch x)",
    "`id`",
    "it's",
    '"',
    "*",
    "~",
    "#",
    "!",
    "a;b",
    "a\\nb",
    "=ls",
    "%s",
    "",
    "-rf",
    "ä",
  ],
  ...["a\nb", "\t", "\u001b[2J", "\u0085", "\u202egnp", "zero\u200bwidth", "\\\u0007'", "\u{e0041}"],
];

it("bash reads the words that a command was made of", () => {
  const { stdout } = spawnSync("bash", ["-c", commandLine(["printf", "%s\\0", ...words])], {
    env: { LC_ALL: "C.UTF-8" },
  });
  expect(stdout.toString().split("\0").slice(0, -1)).toEqual(words);
});

it("nothing in it disturbs a terminal, or cannot be seen", () => {
  expect(words.map(shellWord).join(" ")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

it("a path that begins with a dash is no option", () => {
  expect(["-rf.onnx", "a-b.onnx", "/-x"].map(pathArgument)).toEqual(["./-rf.onnx", "a-b.onnx", "/-x"]);
});
