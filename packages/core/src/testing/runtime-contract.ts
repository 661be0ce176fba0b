import { isVoxplainError } from "../errors.ts";
import type { InferenceSession, ModelArtifact, ModelRuntime } from "../runtime.ts";
import { type NamedTensors, type Tensor, tensor } from "../tensor.ts";
import { tinyOnnx } from "./tiny-onnx.ts";

/** One thing that every runtime does. */
export interface ContractCase {
  /** A claim: what the runtime does. */
  readonly name: string;
  /** Rejects with an Error that says what was expected and what came. */
  run(): Promise<void>;
}

/** What a runtime promises; run by every adapter's tests, on Node and in browsers. */
export function runtimeContract(makeRuntime: () => ModelRuntime): ContractCase[] {
  const withSession = async (model: ModelArtifact, use: (session: InferenceSession) => Promise<void>) => {
    const session = await makeRuntime().createSession(model);
    try {
      await use(session);
    } finally {
      await session.release();
    }
  };

  const cases: ContractCase[] = [
    {
      name: "names the inputs and outputs of a model",
      run: () =>
        withSession(branches, async (session) => {
          equal(session.inputNames, ["x"], "input names");
          equal(session.outputNames, ["positive", "negative"], "output names");
        }),
    },
    {
      name: "computes every output where none is named",
      run: () =>
        withSession(branches, async (session) => {
          const results = await session.run({ x: row(-1, 2, -3) });
          equal(values(results, "positive"), [0, 2, 0], "positive");
          equal(values(results, "negative"), [1, -2, 3], "negative");
          equal(results.positive?.dims, [1, 3], "dims");
          equal(results.positive?.dtype, "float32", "dtype");
        }),
    },
    {
      name: "computes only what is fetched",
      run: () =>
        withSession(branches, async (session) => {
          const results = await session.run({ x: row(-1, 2) }, { fetches: ["negative"] });
          equal(Object.keys(results), ["negative"], "outputs");
        }),
    },
    {
      name: "leaves a fed tensor as it was, unless it may be transferred",
      run: () =>
        withSession(branches, async (session) => {
          const x = row(-1, 2);
          await session.run({ x });
          equal([...x.data], [-1, 2], "the fed tensor");
          const results = await session.run({ x }, { transfer: true });
          equal(values(results, "positive"), [0, 2], "positive");
        }),
    },
    {
      name: "queues runs that are started together and keeps their results apart",
      run: () =>
        withSession(branches, async (session) => {
          const runs = Array.from({ length: 8 }, (_, k) => session.run({ x: row(k, -k) }));
          const results = await Promise.all(runs);
          equal(
            results.map((result) => values(result, "positive")[0]),
            [0, 1, 2, 3, 4, 5, 6, 7],
            "first values",
          );
        }),
    },
    {
      name: "keeps large inputs and their results apart, of runs together and one after the other",
      run: () =>
        withSession(branches, async (session) => {
          const filled = (value: number) =>
            tensor("float32", [1, 300_000], new Float32Array(300_000).fill(value));
          const inputs = [1, 2, 3].map(filled);
          const together = await Promise.all(inputs.map((x) => session.run({ x })));
          const after = await session.run({ x: filled(4) });
          const ends = [...together, after].map((result) => {
            const found = values(result, "positive");
            return [found[0], found.at(-1), found.length];
          });
          equal(
            ends,
            [1, 2, 3, 4].map((value) => [value, value, 300_000]),
            "first and last values",
          );
          equal(
            inputs.map(({ data }) => data[7]),
            [1, 2, 3],
            "the inputs afterwards",
          );
        }),
    },
    {
      name: "gives tensors that a later run does not change",
      run: () =>
        withSession(branches, async (session) => {
          const first = await session.run({ x: row(1, 2) });
          await session.run({ x: row(8, 9) });
          equal(values(first, "positive"), [1, 2], "the first result");
        }),
    },
    {
      name: "reads weights from external data",
      run: () =>
        withSession(external, async (session) => {
          const results = await session.run({ x: row(1, 2, 3) });
          equal(values(results, "y"), [11, 22, 33], "y");
        }),
    },
    {
      name: "rejects a feed of another shape with a computation error and goes on",
      run: () =>
        withSession(external, async (session) => {
          await rejects(session.run({ x: row(1, 2, 3, 4) }), "computation-failed");
          const results = await session.run({ x: row(0, 0, 0) });
          equal(values(results, "y"), [10, 20, 30], "y after the failure");
        }),
    },
    {
      name: "rejects bytes that are no model",
      run: () =>
        rejects(
          makeRuntime().createSession({ proto: Uint8Array.of(1, 2, 3, 4), externalData: [] }),
          "invalid-file",
        ),
    },
    {
      name: "rejects a cancelled run with the reason of its signal and goes on",
      run: () =>
        withSession(branches, async (session) => {
          const reason = new Error("no longer wanted");
          const controller = new AbortController();
          const runs = [
            session.run({ x: row(1) }),
            session.run({ x: row(2) }, { signal: controller.signal }),
          ];
          controller.abort(reason);
          const late = session.run({ x: row(3) }, { signal: controller.signal });
          const outcomes = await Promise.allSettled([...runs, late]);
          equal(
            outcomes.map((outcome) =>
              outcome.status === "fulfilled" ? values(outcome.value, "positive") : outcome.reason === reason,
            ),
            [[1], true, true],
            "outcomes",
          );
          const results = await session.run({ x: row(4) });
          equal(values(results, "positive"), [4], "positive afterwards");
        }),
    },
    {
      name: "does not compute a queued run that was cancelled",
      run: async () => {
        const x = tensor("float32", [1, 2 ** 16], new Float32Array(2 ** 16).fill(0.5));
        const seconds = async (work: () => Promise<unknown>) => {
          const start = performance.now();
          await work();
          return (performance.now() - start) / 1000;
        };
        let session: InferenceSession | undefined;
        const opening = await seconds(async () => {
          session = await makeRuntime().createSession(slow);
          await session.run({ x });
        });
        if (session === undefined) throw new Error("there is no session");
        const { run, release } = session;
        try {
          const alone = await seconds(() => run({ x }));
          const controller = new AbortController();
          const { signal } = controller;
          const after = await seconds(async () => {
            for (let k = 0; k < 60; k++) run({ x }, { signal }).catch(() => {});
            controller.abort(new Error("no longer wanted"));
            await run({ x });
          });
          // The first of them may have begun, and may have cost its session; all would take 60 times as long as one.
          const most = 10 * alone + 2 * opening;
          if (after > most) throw new Error(`took ${after} s after 60 cancelled runs of ${alone} s each`);
        } finally {
          await release();
        }
      },
    },
    {
      name: "rejects a cancelled opening with the reason of its signal, and opens again",
      run: async () => {
        const runtime = makeRuntime();
        const reason = new Error("no longer wanted");
        const controller = new AbortController();
        const openings = [
          runtime.createSession(branches, { signal: controller.signal }),
          runtime.createSession(branches, { signal: AbortSignal.abort(reason) }),
        ];
        controller.abort(reason);
        const outcomes = await Promise.allSettled(openings);
        equal(
          outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason === reason),
          [true, true],
          "outcomes",
        );
        const session = await runtime.createSession(branches, { signal: new AbortController().signal });
        const results = await session.run({ x: row(4) });
        equal(values(results, "positive"), [4], "positive afterwards");
        await session.release();
      },
    },
    {
      name: "finishes what was started before it is released",
      run: async () => {
        const session = await makeRuntime().createSession(branches);
        const results = session.run({ x: row(3) });
        await session.release();
        equal(values(await results, "positive"), [3], "positive");
      },
    },
    {
      name: "rejects a run after release",
      run: async () => {
        const session = await makeRuntime().createSession(branches);
        await session.release();
        await rejects(session.run({ x: row(1) }), "computation-failed");
      },
    },
  ];
  const firstMaximum: ContractCase = {
    name: "takes the first maximum of a pooling window in scan order",
    run: () =>
      withSession(pooling, async (session) => {
        const x = tensor("float32", [1, 1, 2, 2, 2], Float32Array.of(1, 1, 1, 1, 0, 1, 1, 1));
        const results = await session.run({ x });
        equal(values(results, "indices"), [0], "index of the maximum");
      }),
  };
  // A runtime whose lowering does not use indices need not have them.
  return makeRuntime().lowering.poolingGradient === "indices" ? [...cases, firstMaximum] : cases;
}

const branches = tinyOnnx({
  nodes: [
    { op: "Relu", inputs: ["x"], outputs: ["positive"] },
    { op: "Neg", inputs: ["x"], outputs: ["negative"] },
  ],
  inputs: { x: [1, "length"] },
  outputs: { positive: "float32", negative: "float32" },
});

/** Long work for a small input. */
const slow = tinyOnnx({
  nodes: Array.from({ length: 50 }, (_, k) => ({
    op: "Sin",
    inputs: [k === 0 ? "x" : `x${k}`],
    outputs: [`x${k + 1}`],
  })),
  inputs: { x: [1, "length"] },
  outputs: { x50: "float32" },
});

const external = tinyOnnx({
  nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
  inputs: { x: [1, 3] },
  outputs: { y: "float32" },
  weight: { name: "w", values: Float32Array.of(10, 20, 30) },
});

const pooling = tinyOnnx({
  nodes: [
    {
      op: "MaxPool",
      inputs: ["x"],
      outputs: ["y", "indices"],
      ints: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] },
    },
  ],
  inputs: { x: [1, 1, 2, 2, 2] },
  outputs: { y: "float32", indices: "int64" },
});

function row(...data: readonly number[]): Tensor<"float32"> {
  return tensor("float32", [1, data.length], Float32Array.from(data));
}

function values(results: NamedTensors, name: string): number[] {
  const found = results[name];
  if (found === undefined) throw new Error(`the output ${name} is missing`);
  return Array.from(found.data, Number);
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

async function rejects(
  promise: Promise<unknown>,
  code: Parameters<typeof isVoxplainError>[1],
): Promise<void> {
  const outcome = await promise.then(
    () => "it was fulfilled",
    (error: unknown) => (isVoxplainError(error, code) ? undefined : `it was rejected with ${error}`),
  );
  if (outcome !== undefined) throw new Error(`expected a rejection with code ${code}, but ${outcome}`);
}
