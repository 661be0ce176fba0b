import type { InferenceSession, LeadingKernels, ModelRuntime } from "@voxplain/core";
import { runtimeContract } from "@voxplain/core/testing";
import { httpFiles } from "@voxplain/core/web";
import { type WebRuntimeOptions, webDevices, webRuntime } from "@voxplain/runtime-web";
import asyncifyWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import plainWasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import plainScript from "onnxruntime-web/wasm?url";
import webgpuScript from "onnxruntime-web/webgpu?url";
import { sampleGradient } from "../sample-gradient.ts";
import { decodeTensors, encodeTensors, type TextTensors, toBytes } from "../text-tensors.ts";

type Provider = WebRuntimeOptions["executionProvider"];

const assets = {
  wasm: { script: plainScript, wasm: plainWasm },
  webgpu: { script: webgpuScript, wasm: asyncifyWasm },
};

const makeRuntime = (executionProvider: Provider, threads = 2) =>
  webRuntime({ executionProvider, assets: assets[executionProvider], threads });

/** What the tests ask of the page, by `page.evaluate`. */
const voxplain = {
  devices: webDevices,
  notes: () => makeRuntime("wasm").notes,
  /** Opens a session; weights and tensors come and go as texts, which is how a page is talked to. */
  async open(
    executionProvider: Provider,
    proto: string,
    weights: Readonly<Record<string, string>>,
    leading: LeadingKernels | undefined,
  ) {
    const externalData = Object.entries(weights).map(([location, text]) => {
      const bytes = toBytes(text);
      return {
        location,
        byteLength: bytes.byteLength,
        async *chunks() {
          yield bytes;
        },
      };
    });
    const session = await makeRuntime(executionProvider).createSession({
      proto: toBytes(proto),
      externalData,
      ...(leading && { leading }),
    });
    const { inputNames, outputNames } = session;
    return { id: sessions.push(session) - 1, inputNames, outputNames };
  },
  async run(id: number, feeds: TextTensors, fetches: readonly string[] | undefined): Promise<TextTensors> {
    return encodeTensors(await sessions[id]!.run(decodeTensors(feeds), fetches && { fetches }));
  },
  release: (id: number) => sessions[id]!.release(),
  /** Reads the sample's model from the page's own server, and explains with it. */
  async sample(executionProvider: Provider, base: string, paths: readonly string[]): Promise<TextTensors> {
    const { gradient, logits } = await sampleGradient(httpFiles(base, paths), makeRuntime(executionProvider));
    return encodeTensors({ gradient, logits });
  },
  /**
   * Cancels a run while it computes; its complaint. It is that of the signal only where the page's timer came to its
   * turn before the run had ended.
   */
  async cancel(base: string, paths: readonly string[]): Promise<string> {
    const controller = new AbortController();
    const cancelling: ModelRuntime = {
      ...makeRuntime("wasm"),
      async createSession(model) {
        const session = await makeRuntime("wasm").createSession(model);
        return {
          ...session,
          run(feeds, options) {
            setTimeout(() => controller.abort(new Error("no longer wanted")), 10);
            return session.run(feeds, { ...options, signal: controller.signal });
          },
        };
      },
    };
    return sampleGradient(httpFiles(base, paths), cancelling).then(
      () => "it was not cancelled",
      (error: Error) => error.message,
    );
  },
  /** Runs one case of the contract; its complaint, or undefined. */
  async contract(executionProvider: Provider, name: string): Promise<string | undefined> {
    const found = runtimeContract(() => makeRuntime(executionProvider)).find((one) => one.name === name);
    if (found === undefined) return `there is no case "${name}"`;
    return found.run().then(
      () => undefined,
      (error: unknown) => String(error),
    );
  },
};

const sessions: InferenceSession[] = [];

export type PageFunctions = typeof voxplain;

Object.assign(globalThis, { voxplain });
