import type { Session } from "@voxplain/caps-io";
import { type ErrorFields, VoxplainError } from "@voxplain/core";
import { expect, it } from "vitest";
import { failuresByKind } from "../src/plan/failures-by-kind.ts";

function sessionOf(number: number): Session {
  const participantId = `sub-${number}`;
  const ids = { name: participantId, participantId, sessionId: "" };
  return { ...ids, diagnosis: "", row: {}, cohort: "single" };
}

const missing = (number: number) => failure(number, "there is no such file", { file: `/data/${number}.nii` });
const otherGrid = (number: number) =>
  failure(number, "the image is on another grid", {
    file: `/data/${number}.nii`,
    expected: "12×14×10 voxels",
    found: `12×16×${number} voxels`,
    hint: "run the pipeline",
  });

function failure(number: number, problem: string, fields: ErrorFields) {
  const session = sessionOf(number);
  return { session, error: new VoxplainError("not-found", problem, { session: session.name, ...fields }) };
}

const messages = (failures: Parameters<typeof failuresByKind>[0]) =>
  failuresByKind(failures, 50).map(({ message }) => message);

it("what is wrong with one session alone is said as it is", () => {
  expect(messages([missing(3)])).toEqual(["sub-3: /data/3.nii: there is no such file"]);
});

it("sessions with the same problem are counted and named in one message, which says once what they share", () => {
  expect(messages([missing(1), otherGrid(5), missing(2), otherGrid(6)])).toEqual([
    "2 of 50 sessions: there is no such file:\n  sub-1: /data/1.nii\n  sub-2: /data/2.nii",
    "2 of 50 sessions: the image is on another grid: expected 12×14×10 voxels; run the pipeline:\n" +
      "  sub-5: /data/5.nii: found 12×16×5 voxels\n  sub-6: /data/6.nii: found 12×16×6 voxels",
  ]);
});

it("ten sessions of a kind are named, and the others are counted", () => {
  const [message = ""] = messages(Array.from({ length: 23 }, (_, k) => missing(k)));
  const lines = message.split("\n");
  expect(lines[0]).toBe("23 of 50 sessions: there is no such file:");
  expect(lines.slice(1, -1)).toHaveLength(10);
  expect(lines.at(-1)).toBe("  and 13 more");
});

it("sentences of a kind that name their sessions themselves are given as they are, the first ten of them", () => {
  const own = Array.from({ length: 12 }, (_, k) => failure(k, `sub-${k} has no image`, {}));
  const [message = "", ...others] = messages(own);
  expect(others).toEqual([]);
  const lines = message.split("\n");
  expect(lines[0]).toBe("12 of 50 sessions cannot be used:");
  expect(lines[1]).toBe("  sub-0: sub-0 has no image");
  expect(lines.at(-1)).toBe("  and 2 more");
});
