import type { ModelRuntime } from "@voxplain/core";
import { type WebRuntimeOptions, webRuntime } from "@voxplain/runtime-web";
import type { Page } from "playwright-core";
import type { PageFunctions } from "./browser/page.ts";
import { decodeTensors, encodeTensors, toText } from "./text-tensors.ts";

declare const voxplain: PageFunctions;

/** A runtime whose sessions live in a page: what is computed with it here is computed there. */
export function pageRuntime(
  page: Page,
  executionProvider: WebRuntimeOptions["executionProvider"],
): ModelRuntime {
  return {
    ...webRuntime({ executionProvider, assets: "http://localhost/" }),
    async createSession({ proto, externalData, leading }) {
      const weights: Record<string, string> = {};
      for (const { location, byteLength, chunks } of externalData) {
        const bytes = new Uint8Array(byteLength);
        let offset = 0;
        for await (const chunk of chunks()) {
          bytes.set(chunk, offset);
          offset += chunk.byteLength;
        }
        weights[location] = toText(bytes);
      }
      const { id, inputNames, outputNames } = await page.evaluate(
        ([provider, model, data, blocks]) => voxplain.open(provider, model, data, blocks),
        [executionProvider, toText(proto), weights, leading] as const,
      );
      return {
        inputNames,
        outputNames,
        async run(feeds, { fetches } = {}) {
          return decodeTensors(
            await page.evaluate(([session, fed, wanted]) => voxplain.run(session, fed, wanted), [
              id,
              encodeTensors(feeds),
              fetches,
            ] as const),
          );
        },
        release: () => page.evaluate((session) => voxplain.release(session), id),
      };
    },
  };
}
