// Finds what maps hold, in a worker: the page stays responsive, and a finding is cancelled by ending it.
import { isVoxplainError } from "@voxplain/core";
import { findDifferences } from "./find-differences.ts";
import { findRegions } from "./find-regions.ts";
import type { FindingsReply, FindingsRequest, SentError } from "./protocol.ts";

const send = (reply: FindingsReply) => self.postMessage(reply);

self.onmessage = async ({ data: request }: MessageEvent<FindingsRequest>) => {
  try {
    const found =
      request.kind === "regions"
        ? await findRegions(request)
        : await findDifferences(request, (progress) => send({ kind: "progress", progress }));
    send({ kind: "found", found });
  } catch (error) {
    send({ kind: "failure", error: sentError(error) });
  }
};

function sentError(error: unknown): SentError {
  if (isVoxplainError(error)) {
    const { code, problem, file, session, expected, found, hint } = error;
    return { code, problem, file, session, expected, found, hint };
  }
  return { code: undefined, problem: error instanceof Error ? error.message : String(error) };
}
