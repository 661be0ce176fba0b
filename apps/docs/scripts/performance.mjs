// The page on performance, from what `bench/run.mjs --json` measured. No number in it is typed by hand.
import { readFileSync } from "node:fs";

const file = new URL("../benchmark.json", import.meta.url);

/** @param {Readonly<Record<string, any>>} [results] */
export function performancePage(results = JSON.parse(readFileSync(file, "utf8"))) {
  const rows = Object.entries(measurements)
    .filter(([name]) => results[name] !== undefined)
    .flatMap(([name, rowsOf]) => rowsOf(results[name]));
  const { machine, machineMemory, node, date } = results;
  const facts = [
    `Measured on ${machine}`,
    ...(machineMemory ? [`${machineMemory} of memory`] : []),
    `Node ${node.slice(1)}`,
    ...(date ? [`on ${date}`] : []),
  ];
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    `${facts.join(", ")}.`,
    [line(["", "Voxplain"]), line(["---", "---"]), ...rows.map(line)].join("\n"),
  ].join("\n\n");
}

const milliseconds = (value) => `${value.toFixed(0)} ms`;
const seconds = (runs) => `${median(runs.map((run) => run.seconds)).toFixed(1)} s`;
const peak = (runs) => `${Math.max(...runs.map((run) => run.megabytes)).toFixed(0)} MB`;

const measurements = {
  gradient: ({ medians: [ours] }) => [
    [
      "forward pass and input gradient of Conv5_FC3, one volume of 169×208×179, 2 threads, warm",
      milliseconds(ours),
    ],
  ],
  whole: ({ ours }) => [
    ["`interpret group` on 8 such sessions, from start to end", seconds(ours)],
    ["its peak memory", peak(ours)],
  ],
  integrated: ({ ours, single }) => [
    ["integrated gradients with 32 steps, one such session", seconds(ours)],
    ["its peak memory", peak(ours)],
    ["peak memory of a single gradient", peak([single])],
  ],
  patches: ({ ours }) => [["`interpret group` with patches of 50×50×50, 8 × 36 of them", seconds(ours)]],
  memory: (sizes) =>
    Object.entries(sizes).map(([size, { megabytes }]) => [
      `peak memory, ${size} sessions`,
      `${megabytes.toFixed(0)} MB`,
    ]),
  web: ({ medians, megabytes }) => [
    [
      "the same gradient in Chromium (WebAssembly, 2 threads), and in Node",
      medians.map(milliseconds).join(", "),
    ],
    ...(megabytes ? [["peak memory of Chromium's largest process", `${megabytes.toFixed(0)} MB`]] : []),
  ],
  start: ({ extraMilliseconds }) => [
    ["start of the command line, beyond Node's own", milliseconds(extraMilliseconds)],
  ],
};

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
