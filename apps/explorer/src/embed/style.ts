import controls from "../styles/controls.css?inline";
import maps from "../styles/maps.css?inline";
import tokens from "../styles/tokens.css?inline";
import own from "./embed.css?inline";

/** The styles of the page, for an element: what is said of the page is said of the element. */
export function embedStyle(): CSSStyleSheet {
  const page = [tokens, controls, maps]
    .join("\n")
    .replaceAll(/:root(\[[^\]]*\])/g, ":host($1)")
    .replaceAll(":root", ":host")
    .replaceAll(/^body\b/gm, ":host");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${page}\n${own}`);
  return sheet;
}
