import type { Group } from "./form";

/** One page of an order: who it is for, one group of the form, the description, or the check at the end. */
export type Step = { kind: "who" } | { kind: "group"; group: Group } | { kind: "say" } | { kind: "check" };

export function stepsOf(groups: readonly Group[], choosesWho: boolean): Step[] {
  return [
    ...(choosesWho ? [{ kind: "who" } as const] : []),
    ...groups.map((group) => ({ kind: "group", group }) as const),
    { kind: "say" } as const,
    { kind: "check" } as const,
  ];
}
