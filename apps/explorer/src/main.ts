import { createEngine } from "./engine/create-engine.ts";
import { computing } from "./page/computing.ts";
import { workOffline } from "./page/offline.ts";
import { startPage } from "./page/page.ts";

const compute = computing(document, () => void engine.release());
const engine = createEngine(compute.makeRuntime);
await startPage(document, engine, compute);
await workOffline(document, () => {
  document.documentElement.dataset.offline = "ready";
});
