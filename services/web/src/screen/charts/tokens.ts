/** The design tokens as a canvas needs them: resolved, for the theme and size of the moment. */
export interface ChartTokens {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  series: string[];
  /** Pixels of one rem: charts grow with the wall. */
  rem: number;
  /** Pixels of the words in a chart: a wall is read from five metres. */
  text: number;
  still: boolean;
}

export function readTokens(): ChartTokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const rem = Number.parseFloat(style.fontSize);
  return {
    ink: token("--ink"),
    soft: token("--ink-soft"),
    line: token("--line"),
    surface: token("--surface"),
    series: [1, 2, 3, 4, 5].map((n) => token(`--series-${n}`)),
    rem,
    text: rem * (document.documentElement.classList.contains("wall") ? 1.125 : 0.875),
    still: window.matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}
