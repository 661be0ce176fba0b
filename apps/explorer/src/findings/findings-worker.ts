// Finds what maps hold, in a worker: the page stays responsive, and a finding is cancelled by ending it.
import { isVoxplainError } from "@voxplain/core";
import { findDifferences } from "./find-differences.ts";
import { findPeaks } from "./find-peaks.ts";
import { findRegions } from "./find-regions.ts";
import type { FindingsReply, FindingsRequest, SentError } from "./protocol.ts";

const send = (reply: FindingsReply) => self.postMessage(reply);

self.onmessage = async ({ data: request }: MessageEvent<FindingsRequest>) => {
  try {
    send({ kind: "found", found: await found(request) });
  } catch (error) {
    send({ kind: "failure", error: sentError(error) });
  }
};

function found(request: FindingsRequest) {
  switch (request.kind) {
    case "regions":
      return findRegions(request);
    case "peaks":
      return findPeaks(request);
    default:
      return findDifferences(request, (progress) => send({ kind: "progress", progress }));
  }
}

function sentError(error: unknown): SentError {
  if (isVoxplainError(error)) {
    const { code, problem, file, session, expected, found, hint, hasLines } = error;
    return { code, problem, file, session, expected, found, hint, hasLines };
  }
  return { code: undefined, problem: error instanceof Error ? error.message : String(error) };
}
