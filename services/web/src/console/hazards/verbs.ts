import type { Hazard } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import { toLocal, type FieldSpec } from "@/staff/forms";

import { say, verbWord } from "./words";

const VERBS = ["verify", "submit", "start", "assign", "return"] as const;
export type HazardVerb = (typeof VERBS)[number];

/** The first verb that is allowed moves the hazard on; the others stand beside it. */
export function verbsOf(hazard: Hazard): { primary: HazardVerb | undefined; others: HazardVerb[] } {
  const allowed = VERBS.filter((verb) => hazard.verbs?.includes(verb));
  const [primary, ...others] = allowed;
  const again = primary === "assign" && hazard.state !== "FOUND";
  return again ? { primary: undefined, others: allowed } : { primary, others };
}

function photos(required: boolean): FieldSpec {
  return { name: "attachments", label: say("photos"), kind: "files", accept: "image/*", multiple: true, required };
}

function fieldsOf(verb: HazardVerb, hazard: Hazard): FieldSpec[] {
  switch (verb) {
    case "assign":
      return [
        { name: "owner", label: say("owner"), kind: "account", required: true, initial: hazard.owner ?? "" },
        {
          name: "verifier",
          label: say("verifier"),
          hint: say("verifierHint"),
          kind: "account",
          required: true,
          initial: hazard.verifier ?? "",
        },
        { name: "deadline_time", label: say("deadline"), kind: "moment", required: true, initial: toLocal(hazard.deadline_time) },
        { name: "note", label: say("note"), kind: "lines", max: 1000 },
      ];
    case "submit":
      return [
        { name: "measure", label: say("measure"), hint: say("measureHint"), kind: "lines", required: true, max: 1000 },
        photos(true),
      ];
    case "verify":
      return [{ name: "note", label: say("verifyNote"), kind: "lines", max: 1000 }, photos(false)];
    case "return":
      return [{ name: "reason", label: say("why"), kind: "lines", required: true, min: 2, max: 1000 }, photos(false)];
    case "start":
      return [];
  }
}

export interface HazardForm extends FormSpec {
  code: HazardVerb;
}

export function verbForm(verb: HazardVerb, hazard: Hazard): HazardForm {
  return {
    code: verb,
    name: `hazards.${verb}.${hazard.id}`,
    title: `${verbWord(verb)} · ${hazard.number ?? ""}`,
    verb: verbWord(verb),
    danger: verb === "return",
    fields: fieldsOf(verb, hazard),
  };
}
