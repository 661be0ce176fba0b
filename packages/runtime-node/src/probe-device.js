// A process of its own, because a broken driver can take its process along: computes max(−1, 0) with the
// provider that is named, and prints what came of it.
import * as ort from "onnxruntime-node";

// An ONNX model: y = Relu(x), float32 of shape [1].
const model = Uint8Array.from([
  8, 8, 58, 51, 10, 12, 10, 1, 120, 18, 1, 121, 34, 4, 82, 101, 108, 117, 18, 1, 103, 90, 15, 10, 1, 120, 18,
  10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 98, 15, 10, 1, 121, 18, 10, 10, 8, 8, 1, 18, 4, 10, 2, 8, 1, 66, 2, 16,
  17,
]);

let said = "";
try {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [process.argv[2] ?? "cpu"],
    logSeverityLevel: 4,
  });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(-1), [1]) });
  if (y?.data[0] !== 0) said = `it computed max(-1, 0) = ${y?.data[0]}`;
} catch (error) {
  said = error instanceof Error ? error.message : String(error);
}
process.stdout.write(`${JSON.stringify({ said })}\n`);
