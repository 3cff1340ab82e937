import { locale } from "@/words";

export type Tone = "neutral" | "info" | "progress" | "success" | "warning" | "danger";

interface Entry {
  zh: string;
  en: string;
  tone: Tone;
}

const s = (tone: Tone, zh: string, en: string): Entry => ({ tone, zh, en });

/** A state is a colour and a word, the same on every face. Codes are those of the contracts. */
export const STATES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  ticket: {
    SUBMITTED: s("info", "已提交", "Submitted"),
    TRIAGED: s("info", "已分拣", "Triaged"),
    ASSIGNED: s("info", "已派单", "Assigned"),
    ACCEPTED: s("progress", "已接单", "Accepted"),
    IN_PROGRESS: s("progress", "办理中", "In progress"),
    WAITING: s("warning", "待补充", "Waiting for you"),
    REFERRED: s("progress", "已转办", "Referred"),
    RESOLVED: s("warning", "待确认", "To confirm"),
    CONFIRMED: s("success", "已确认", "Confirmed"),
    CLOSED: s("success", "已办结", "Closed"),
    REJECTED: s("danger", "已退回", "Rejected"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  subtask: {
    OPEN: s("progress", "进行中", "Open"),
    DONE: s("success", "已完成", "Done"),
  },
};

export function toneOf(of: string, state: string | undefined): Tone {
  return STATES[of]?.[state ?? ""]?.tone ?? "neutral";
}

export function stateWord(of: string, state: string | undefined): string {
  const entry = STATES[of]?.[state ?? ""];
  if (!entry) return state ?? "";
  return locale.value === "zh" ? entry.zh : entry.en;
}
