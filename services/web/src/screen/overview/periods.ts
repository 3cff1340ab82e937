import { computed, ref, type ComputedRef, type Ref } from "vue";

import type { Period, Range } from "@/api/contracts";
import { day } from "@/words/times";

import { say } from "../words";

export const PERIODS = ["DAY", "WEEK", "MONTH", "QUARTER"] as const satisfies readonly Period[];
export type Choice = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;

export interface PeriodState {
  choice: Ref<Choice>;
  /** A moment inside the period that is looked at; empty for the present one. */
  at: Ref<string>;
  query: ComputedRef<{ period: Choice; from_time: string }>;
  choose: (choice: Choice) => void;
  move: (range: Range | undefined, steps: -1 | 1) => void;
}

/** Which period is looked at, and how to leaf through earlier ones. The server knows where each begins. */
export function usePeriod(first: Choice): PeriodState {
  const choice = ref<Choice>(first);
  const at = ref("");
  const query = computed(() => ({ period: choice.value, from_time: at.value }));

  function choose(next: Choice): void {
    choice.value = next;
    at.value = "";
  }

  function move(range: Range | undefined, steps: -1 | 1): void {
    if (!range?.start_time || !range.end_time) return;
    const target =
      steps < 0 ? new Date(new Date(range.start_time).getTime() - DAY_MS / 2) : new Date(new Date(range.end_time).getTime() + DAY_MS / 2);
    at.value = target.getTime() >= Date.now() ? "" : target.toISOString();
  }

  return { choice, at, query, choose, move };
}

/** "11月1日 周六 至 11月21日 周六": the end of a range is not included, so the last day is the one before. */
export function rangeWords(range: Range | undefined): string {
  if (!range?.start_time || !range.end_time) return "";
  const last = new Date(new Date(range.end_time).getTime() - 1);
  const from = day(range.start_time);
  const to = day(last);
  return from === to ? from : say("range", { from, to });
}

export function periodWord(choice: Choice, at: string, range: Range | undefined): string {
  return at === "" ? say(`this${choice}`) : rangeWords(range);
}

/** Whether the range reaches the present, so that there is nothing later to leaf to. */
export function isPresent(range: Range | undefined, now: Date): boolean {
  return !range?.end_time || new Date(range.end_time).getTime() > now.getTime();
}

