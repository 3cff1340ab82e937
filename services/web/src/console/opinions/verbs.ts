import type { Suggestion } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, Option } from "@/staff/forms";
import { suggestionVerbWord } from "@/words/opinions.words";

import { say } from "./words";

/** Verbs of staff; withdrawing is the author's, in the portal. */
const STAFF_VERBS = ["adopt", "explain", "link", "reply", "assign"] as const;
export type StaffVerb = (typeof STAFF_VERBS)[number];

/** The one verb that moves a suggestion on from where it stands. */
const PRIMARY: Readonly<Record<string, StaffVerb>> = {
  RECEIVED: "adopt",
  ADOPTED: "link",
  EXPLAINED: "reply",
  LINKED: "reply",
};

export function verbsOf(one: Suggestion): { primary: StaffVerb | undefined; others: StaffVerb[] } {
  const allowed = STAFF_VERBS.filter((verb) => one.verbs?.includes(verb));
  const wanted = PRIMARY[one.state ?? ""];
  const primary = wanted && allowed.includes(wanted) ? wanted : undefined;
  return { primary, others: allowed.filter((verb) => verb !== primary) };
}

function fieldsOf(verb: StaffVerb, tickets: readonly Option[]): FieldSpec[] {
  switch (verb) {
    case "adopt":
      return [{ name: "decision", label: say("whatWillBeDone"), kind: "lines", max: 1000 }];
    case "explain":
      return [{ name: "reason", label: say("why"), hint: say("whyHint"), kind: "lines", required: true, max: 1000 }];
    case "link":
      return [
        { name: "ticket_id", label: say("ticket"), hint: say("ticketHint"), kind: "choice", options: tickets },
        {
          name: "action",
          label: say("action"),
          kind: "lines",
          required: true,
          max: 500,
          when: (form) => !form["ticket_id"],
        },
      ];
    case "reply":
      return [
        { name: "reply", label: say("replyWords"), hint: say("replyHint"), kind: "lines", required: true, max: 2000 },
      ];
    case "assign":
      return [{ name: "assignee", label: say("assignee"), kind: "account", required: true }];
  }
}

export interface SuggestionVerb extends FormSpec {
  code: StaffVerb;
}

export function verbForm(verb: StaffVerb, one: Suggestion, tickets: readonly Option[]): SuggestionVerb {
  return {
    code: verb,
    name: `opinions.${verb}.${one.id}`,
    title: `${suggestionVerbWord(verb)} · ${one.number ?? ""}`,
    verb: suggestionVerbWord(verb),
    fields: fieldsOf(verb, tickets),
  };
}
