import type { Reference } from "./references.ts";

/** A paragraph of a methods section, and what it cites. */
export interface Paragraph {
  /** Sentences, ready to be pasted. */
  readonly text: string;
  /** In the order in which the text cites them. */
  readonly references: readonly Reference[];
}

/** Collects sentences, and what they cite. */
export interface Writing {
  /** Adds a sentence. */
  say(sentence: string): void;
  /** "(Smith and Nichols 2009; …)", and puts the publications on the list. */
  cite(...cited: readonly Reference[]): string;
  /** What was written. */
  done(): Paragraph;
}

/** Starts a paragraph. */
export function writing(): Writing {
  const sentences: string[] = [];
  const references: Reference[] = [];
  return {
    say: (sentence) => void sentences.push(sentence),
    cite(...cited) {
      references.push(...cited);
      return `(${cited.map(({ short }) => short).join("; ")})`;
    },
    done: () => ({ text: sentences.join(" "), references }),
  };
}
