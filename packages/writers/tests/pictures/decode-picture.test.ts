import { readFileSync } from "node:fs";
import { decodePicture } from "@voxplain/writers/pictures";
import { describe, expect, it } from "vitest";

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const values: { pixels: number[][][]; grey: number[][]; smooth: number[][][] } = JSON.parse(
  fixture("pictures.json").toString(),
);

describe("decodePicture", () => {
  it("reads a PNG as Pillow does, channels first", async () => {
    const { dims, data } = await decodePicture(fixture("pixels.png"), "pixels.png");
    expect(dims).toEqual([3, 3, 5]);
    expect([...data]).toEqual(values.pixels.flat(2));
  });

  it("repeats grey on the three channels", async () => {
    const { dims, data } = await decodePicture(fixture("grey.png"), "grey.png");
    expect(dims).toEqual([3, 4, 2]);
    expect([...data]).toEqual([...values.grey.flat(), ...values.grey.flat(), ...values.grey.flat()]);
  });

  it("reads a JPEG, whose decoders may differ by rounding", async () => {
    const { dims, data } = await decodePicture(fixture("smooth.jpg"), "smooth.jpg");
    expect(dims).toEqual([3, 16, 24]);
    const reference = values.smooth.flat(2);
    const worst = Math.max(...reference.map((value, k) => Math.abs(value - data[k]!)));
    expect(worst).toBeLessThanOrEqual(2);
  });

  it.each([
    ["an SVG, which could refer to other files", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["nothing", ""],
    ["a PNG that ends early", fixture("pixels.png").subarray(0, 40)],
  ])("names the file that is %s", async (_, content) => {
    await expect(decodePicture(Buffer.from(content), "scan.png")).rejects.toThrow(
      "scan.png is no PNG or JPEG that can be read",
    );
  });
});
