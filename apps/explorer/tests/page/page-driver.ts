import type { Page } from "playwright-core";

/** What the tests do in the page, as its user does. */
export function drive(page: Page) {
  /** No job runs, and nothing is being drawn. */
  const idle = () =>
    page.waitForFunction(
      () =>
        document.querySelector(".job-bar")?.getAttribute("aria-busy") !== "true" &&
        document.querySelector(".map[aria-busy], .canvas[aria-busy]") === null,
    );
  return {
    idle,
    async explain(): Promise<void> {
      const before = await page.getByLabel("Map", { exact: true }).locator("option").count();
      await page.getByRole("button", { name: "Explain", exact: true }).click();
      await page.waitForFunction(
        (count) =>
          document.querySelectorAll(".results select")[0]?.querySelectorAll("option").length === count,
        before + 1,
      );
      await idle();
    },
    choose: (label: string, value: string) => page.getByLabel(label, { exact: true }).selectOption(value),
    async moveTo(voxel: readonly number[]): Promise<void> {
      for (const [index, axis] of ["i", "j", "k"].entries()) {
        const input = page.getByLabel(`Voxel index ${axis}`);
        await input.fill(String(voxel[index]));
        await input.press("Enter");
      }
    },
    /** Values at the crosshair of the left map, or of the one compared with it. */
    async readout(map = 0) {
      const cells = page.locator(".map").nth(map).locator(".readout dd");
      const [voxel, millimetres, , region] = await cells.allTextContents();
      const value = Number(await cells.nth(2).getAttribute("data-value"));
      return { voxel, millimetres, value, region };
    },
    async drop(name: string, text: string): Promise<void> {
      await page.evaluate(
        ([file, content]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], file));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        },
        [name, text] as const,
      );
    },
    problems: page.getByRole("alert"),
    status: page.locator(".job-text"),
  };
}
