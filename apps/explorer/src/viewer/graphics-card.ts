/** Names of programs that draw on the processor: a rendering takes them seconds, in which the page answers nobody. */
const programs = /swiftshader|llvmpipe|softpipe|software|basic render/i;

let known: boolean | undefined;

/** Whether the browser draws with a graphics card; true where it does not say. */
export function hasGraphicsCard(): boolean {
  known ??= !programs.test(rendererName());
  return known;
}

function rendererName(): string {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = info && gl?.getParameter(info.UNMASKED_RENDERER_WEBGL);
  // Browsers have few contexts.
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return typeof name === "string" ? name : "";
}
