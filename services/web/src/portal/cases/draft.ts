import { useDraft } from "@/api";

import type { Supply } from "./materials";

/** An application being prepared. `caseId` is set once the server has it, so that a second try makes no twin. */
export interface CaseDraft {
  step: number;
  who: string;
  summary: string;
  supply: Supply;
  caseId: string;
}

export function useCaseDraft(owner: string, tenant: string, matter: string): { form: CaseDraft; clear: () => void } {
  return useDraft<CaseDraft>(owner, `case.${tenant}.${matter}`, () => ({
    step: 0,
    who: "",
    summary: "",
    supply: {},
    caseId: "",
  }));
}
