/** How often the page looks, in milliseconds, whether the graphics card has done its work. */
const interval = 4;

/** After so many milliseconds, what is there is shown: the page waits for the rest. */
const patience = 5000;

/**
 * Resolves when the graphics card, or the program in its place, has done all that it was asked for. A page that shows something
 * before that waits for it, and answers nobody meanwhile.
 */
export async function graphicsDone(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  // A context that is lost has none.
  if (fence === null) return;
  gl.flush();
  const end = performance.now() + patience;
  while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, interval));
  gl.deleteSync(fence);
}
