// Computes relabellings of one task, some at a time.
import { startRelabellings } from "@voxplain/group-analysis";
import type { ThreadReply, ThreadRequest } from "./web-threads.ts";

let compute: ReturnType<typeof startRelabellings> | undefined;

self.onmessage = ({ data: request }: MessageEvent<ThreadRequest>) => {
  const send = (reply: ThreadReply) => self.postMessage(reply);
  try {
    if ("task" in request) {
      compute = startRelabellings(request.task);
      return;
    }
    if (compute === undefined) throw new Error("there is no task yet");
    send({ part: compute(request.from, request.to) });
  } catch (error) {
    send({ error: error instanceof Error ? error.message : String(error) });
  }
};
