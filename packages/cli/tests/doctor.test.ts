import { homedir, hostname, userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { withoutNames } from "../src/doctor/without-names.ts";
import { voxplain } from "./run-voxplain.ts";

describe("voxplain doctor", () => {
  it("prints what a bug report needs, and that the gradient is right", async () => {
    const { status, output, errors } = await voxplain("doctor");
    expect(errors).toBe("");
    expect(status).toBe(0);
    const lines = output.trimEnd().split("\n");
    for (const start of [
      /^voxplain +\d+\.\d+\.\d+$/,
      /^node +\d+\.\d+\.\d+, \w+ \w+$/,
      /^processor +\d+ of \d+ × \S/,
      /^memory +\d+\.\d GB, free \d+\.\d GB$/,
      /^packages +caps-io \d.*, writers \d+\.\d+\.\d+$/,
      /^runtime +onnxruntime-node \d/,
      /^device cpu +yes /,
      /^device cuda +(yes|no) /,
      /^self-test cpu +passed: the gradient differs by \d\.\de-\d+ from/,
      /^All is well\.$/,
    ]) {
      expect(lines.filter((line) => start.test(line))).toHaveLength(1);
    }
  });

  it("names no user, machine or folder of theirs", async () => {
    const { output } = await voxplain("doctor");
    const words = output.split(/[\s"',/]+/);
    for (const name of [homedir(), hostname(), userInfo().username]) expect(words).not.toContain(name);
    expect(output).not.toContain(process.cwd());
  });
});

describe("a text without names", () => {
  const names = { home: "/home/ann", user: "ann", host: "node7" };
  it.each([
    ["/home/ann/models/a.onnx", "<home>/models/a.onnx"],
    ["node /home/ann/x/node_modules/.pnpm/a@1/node_modules/a/install.js", "node <node_modules>/a/install.js"],
    ["/data/ann/model on node7: planned", "/data/<user>/model on <host>: planned"],
    ["/home/bob/shared", "/home/<user>/shared"],
    ["C:\\Users\\Bob\\a b", "C:\\Users\\<user>\\a b"],
  ])("of %j is %j", (text, expected) => expect(withoutNames(text, names)).toBe(expected));

  it("keeps a word that is a user's name elsewhere", () => {
    const user = { home: "/home/node", user: "node", host: "" };
    expect(withoutNames('run "node x.js" in /home/node/x or /data/node', user)).toBe(
      'run "node x.js" in <home>/x or /data/<user>',
    );
  });

  it("leaves a text as it is where there are no names", () => {
    expect(withoutNames("a/b", { home: "/", user: "", host: "" })).toBe("a/b");
  });
});
