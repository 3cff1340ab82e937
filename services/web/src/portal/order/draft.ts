import { newKey, useDraft, type StoredFile } from "@/api";

import type { Answers } from "./form";

/** What has been typed of one order; kept on the device until it is filed. */
export interface OrderDraft {
  step: number;
  /** "person", the id of a firm, or "" while it is not chosen. */
  who: string;
  answers: Answers;
  summary: string;
  urgent: boolean;
  files: StoredFile[];
  /** The key of the last submission and what it carried: a lost answer must not file twice. */
  key: string;
  sent: string;
}

export const freshDraft = (): OrderDraft => ({
  step: 0,
  who: "",
  answers: {},
  summary: "",
  urgent: false,
  files: [],
  key: "",
  sent: "",
});

export function useOrderDraft(owner: string, tenant: string, item: string): { form: OrderDraft; clear: () => void } {
  return useDraft(owner, `order.${tenant}.${item}`, freshDraft);
}

/** Whether anything was typed that is worth going on with. */
export function isStarted(draft: OrderDraft): boolean {
  return draft.summary.trim() !== "" || draft.step > 0 || Object.keys(draft.answers).length > 0;
}

/** The same content keeps its key over retries and reloads; other content gets a new one. */
export function keyFor(draft: Pick<OrderDraft, "key" | "sent">, body: object): string {
  const content = JSON.stringify(body);
  if (draft.key === "" || draft.sent !== content) {
    draft.key = newKey();
    draft.sent = content;
  }
  return draft.key;
}
