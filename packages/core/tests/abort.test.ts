import { onAbort, pauses, unlessAborted } from "@voxplain/core";
import { describe, expect, it, vi } from "vitest";

describe("unlessAborted", () => {
  it("gives what the work gives, or its error", async () => {
    const { signal } = new AbortController();
    for (const either of [signal, undefined]) {
      expect(await unlessAborted(Promise.resolve(3), either)).toBe(3);
      await expect(unlessAborted(Promise.reject("broken"), either)).rejects.toBe("broken");
    }
  });

  it("ends the wait with the signal's reason, whatever the work does later", async () => {
    const controller = new AbortController();
    let fail = (_: unknown) => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const waiting = unlessAborted(work, controller.signal);
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    fail(new Error("too late"));
    await expect(unlessAborted(work, controller.signal)).rejects.toBe("enough");
  });
});

describe("onAbort", () => {
  it("calls back everybody who still waits, by one listener for each signal", () => {
    const controller = new AbortController();
    const listen = vi.spyOn(controller.signal, "addEventListener");
    const called: number[] = [];
    const stops = Array.from({ length: 20 }, (_, k) => onAbort(controller.signal, () => called.push(k)));
    for (const [k, stop] of stops.entries()) if (k !== 3) stop();
    controller.abort();
    expect(called).toEqual([3]);
    expect(listen).toHaveBeenCalledTimes(1);
  });
});

describe("pauses", () => {
  const compute = async (signal: AbortSignal | undefined, steps: number) => {
    const pause = pauses(signal);
    for (let step = 0; step < steps; step++) {
      const end = performance.now() + 10;
      while (performance.now() < end);
      await pause();
    }
  };

  it("lets events in while a computation goes on", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await compute(undefined, 30);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
  });

  it("ends the computation after an abort", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 20);
    await expect(compute(controller.signal, 1000)).rejects.toBe("enough");
  });
});
