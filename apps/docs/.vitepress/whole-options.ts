import type { MarkdownRenderer } from "vitepress";

/** Keeps an option such as `--use_cpu` on one line: browsers break lines after hyphens. */
export function keepOptionsWhole(markdown: MarkdownRenderer): void {
  const { rules } = markdown.renderer;
  const render = rules.code_inline;
  rules.code_inline = (...given) =>
    (render?.(...given) ?? "").replace(/(?<=>)[^<]*/, (code) =>
      code.replaceAll(/(?<![\w-])--?\w[\w-]*/g, '<span class="option">$&</span>'),
    );
}
