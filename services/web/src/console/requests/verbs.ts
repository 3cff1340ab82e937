import type { Ticket } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, Option } from "@/staff/forms";
import { options, urgencyWord } from "@/words/terms.words";

import { say, verbWord } from "./words";

/** Verbs of the desk; the requester's (confirm, rate, reopen, withdraw) live in the portal. */
const DESK_VERBS = ["triage", "assign", "accept", "start", "attend", "resolve", "resume", "hold", "refer", "reject"] as const;
type DeskVerb = (typeof DESK_VERBS)[number];

/** The one verb that moves a ticket on from where it stands. */
const PRIMARY: Readonly<Record<string, DeskVerb>> = {
  SUBMITTED: "triage",
  TRIAGED: "assign",
  ASSIGNED: "accept",
  ACCEPTED: "start",
  IN_PROGRESS: "resolve",
  WAITING: "resume",
  REFERRED: "resume",
};

export function verbsOf(ticket: Ticket): { primary: DeskVerb | undefined; others: DeskVerb[] } {
  const allowed = DESK_VERBS.filter((verb) => ticket.verbs?.includes(verb));
  // Whoever has to come checks in before anything else moves the ticket on.
  const wanted = allowed.includes("attend") ? "attend" : PRIMARY[ticket.state ?? ""];
  const primary = wanted && allowed.includes(wanted) ? wanted : undefined;
  return { primary, others: allowed.filter((verb) => verb !== primary) };
}

const note = (): FieldSpec => ({ name: "note", label: say("noteHandler"), kind: "lines", max: 1000 });

function fieldsOf(verb: DeskVerb, ticket: Ticket, parties: readonly Option[]): FieldSpec[] {
  switch (verb) {
    case "triage":
      return [
        {
          name: "urgency",
          label: say("urgency"),
          kind: "choice",
          required: true,
          initial: ticket.urgency ?? "NORMAL",
          options: options(urgencyWord, ["NORMAL", "URGENT"]),
        },
        note(),
      ];
    case "assign":
      return [
        { name: "assignee", label: say("assignee"), kind: "account", required: true, initial: ticket.assignee ?? "" },
        note(),
      ];
    case "hold":
      return [{ name: "question", label: say("question"), kind: "lines", required: true, max: 1000 }];
    case "resume":
      return [{ name: "note", label: say("answer"), kind: "lines", max: 1000 }];
    case "refer":
      return [
        { name: "party", label: say("party"), kind: "choice", required: true, options: parties },
        { name: "note", label: say("whyRefer"), kind: "lines", required: true, max: 1000 },
      ];
    case "resolve":
      return [
        { name: "result", label: say("result"), hint: say("resultHint"), kind: "lines", required: true, max: 2000 },
        { name: "trips", label: say("trips"), kind: "number", min: 0, max: 100, initial: ticket.trips ?? 0, half: true },
      ];
    case "reject":
      return [{ name: "reason", label: say("why"), hint: say("rejectHint"), kind: "lines", required: true, max: 1000 }];
    case "accept":
    case "start":
    case "attend":
      return [];
  }
}

export interface TicketVerb extends FormSpec {
  code: DeskVerb;
}

export function verbForm(verb: DeskVerb, ticket: Ticket, parties: readonly Option[]): TicketVerb {
  return {
    code: verb,
    name: `requests.${verb}.${ticket.id}`,
    title: `${verbWord(verb)} · ${ticket.number ?? ""}`,
    ...(verb === "attend" ? { text: say("attendHint") } : {}),
    verb: verbWord(verb),
    danger: verb === "reject",
    fields: fieldsOf(verb, ticket, parties),
  };
}

export type { DeskVerb };
