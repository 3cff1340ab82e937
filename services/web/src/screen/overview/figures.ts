import type { Indicator, Overview, Unit } from "@/api/contracts";
import { count, span } from "@/words/times";

import { say, type Code } from "../words";

/** A figure as people read it. An empty denominator is n/a, never 0 or 100 %. */
export function figure(value: number | undefined, unit: Unit | undefined): string {
  if (value === undefined) return say("na");
  if (unit === "RATIO") return `${(value * 100).toFixed(value === 0 || value === 1 ? 0 : 1)}%`;
  if (unit === "MINUTES") return span(value * 60);
  if (unit === "SCORE") return value.toFixed(2);
  return count(Math.round(value));
}

/** How near two figures must be to be called the same: half of the last digit shown. */
export function sameAs(unit: Unit | undefined): number {
  if (unit === "RATIO") return 0.0005;
  return unit === "SCORE" ? 0.005 : 0.5;
}

export function byCode(overview: Overview | undefined, code: Code): Indicator | undefined {
  return overview?.indicators?.find((one) => one.code === code);
}

/** Codes for which less is better. */
const LESS: ReadonlySet<string> = new Set([
  "REOPENING",
  "FIRST_RESPONSE_MEDIAN",
  "FIRST_RESPONSE_P90",
  "CLOSURE_MEDIAN",
]);

export type Verdict = "good" | "short" | "plain";

/** Against the target, where the district set one. */
export function verdict(indicator: Indicator | undefined): Verdict {
  if (indicator?.value === undefined || indicator.target === undefined) return "plain";
  const good = LESS.has(indicator.code ?? "")
    ? indicator.value <= indicator.target
    : indicator.value >= indicator.target;
  return good ? "good" : "short";
}

export const whole = (value: string | undefined): number => Number(value ?? 0);
