import type { Case } from "@/api/contracts";
import { PHOTOS_AND_PDF } from "@/design/accept";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { decisionWord, deliveryWord, nameOf, options } from "@/words/terms.words";

import { say, verbWord } from "./words";

export const VERBS = ["accept", "start", "decide", "deliver", "callback", "correction", "refuse"] as const;
export type DeskVerb = (typeof VERBS)[number];

/** One key each; they work while no field has the cursor. */
export const KEYS: Readonly<Record<string, DeskVerb>> = {
  a: "accept",
  c: "correction",
  r: "refuse",
  s: "start",
  d: "decide",
  v: "deliver",
  b: "callback",
};

const PRIMARY: Readonly<Record<string, DeskVerb>> = {
  SUBMITTED: "accept",
  ACCEPTED: "decide",
  PROCESSING: "decide",
  DECIDED: "deliver",
  RATED: "callback",
};

export function verbsOf(one: Case): { primary: DeskVerb | undefined; others: DeskVerb[] } {
  const allowed = VERBS.filter((verb) => one.verbs.includes(verb));
  const wanted = PRIMARY[one.state ?? ""];
  const primary = wanted && allowed.includes(wanted) ? wanted : undefined;
  return { primary, others: allowed.filter((verb) => verb !== primary) };
}

const note = (label: string): FieldSpec => ({ name: "note", label, kind: "lines", max: 1000 });

/** A tick and a reason for each material: everything is said at once. */
function correctionFields(one: Case): FieldSpec[] {
  return [
    ...one.materials.flatMap((material): FieldSpec[] => [
      { name: `tick.${material.code}`, label: nameOf(material), kind: "yes" },
      {
        name: `why.${material.code}`,
        label: say("correctionReason", { name: nameOf(material) }),
        required: true,
        max: 500,
        when: (form) => form[`tick.${material.code}`] === true,
      },
    ]),
    note(say("note")),
  ];
}

function fieldsOf(verb: DeskVerb, one: Case): FieldSpec[] {
  switch (verb) {
    case "accept":
      return [note(say("note"))];
    case "start":
      return [];
    case "correction":
      return correctionFields(one);
    case "refuse":
      return [{ name: "reason", label: say("reason"), hint: say("reasonHint"), kind: "lines", required: true, max: 1000 }];
    case "decide":
      return [
        {
          name: "decision",
          label: say("decision"),
          kind: "choice",
          required: true,
          options: options(decisionWord, ["GRANTED", "DENIED"]),
        },
        { name: "text", label: say("decisionText"), hint: say("reasonHint"), kind: "lines", required: true, max: 2000 },
        { name: "results", label: say("resultFiles"), kind: "files", accept: `${PHOTOS_AND_PDF},.docx`, multiple: true },
      ];
    case "deliver":
      return [
        {
          name: "delivery",
          label: say("delivery"),
          kind: "choice",
          required: true,
          options: options(deliveryWord, ["COUNTER", "POST", "ELECTRONIC", "ONSITE"]),
          half: true,
        },
        { name: "trips", label: say("trips"), kind: "number", min: 0, max: 100, initial: one.trips, half: true },
        note(say("deliveryNote")),
      ];
    case "callback":
      return [{ name: "note", label: say("callbackNote"), kind: "lines", required: true, max: 1000 }];
  }
}

export interface CaseVerb extends FormSpec {
  code: DeskVerb;
}

export function verbForm(verb: DeskVerb, one: Case): CaseVerb {
  return {
    code: verb,
    name: `cases.${verb}.${one.id}`,
    title: verb === "correction" ? say("correctionTitle") : `${verbWord(verb)} · ${one.number}`,
    ...(verb === "correction" ? { text: say("correctionText") } : {}),
    verb: verbWord(verb),
    danger: verb === "refuse",
    fields: fieldsOf(verb, one),
  };
}

/** The body of a verb; the ticks and reasons of a correction become its items. */
export function bodyOf(verb: DeskVerb, one: Case, body: FormModel): FormModel {
  if (verb !== "correction") return body;
  const items = one.materials
    .filter((material) => body[`tick.${material.code}`] === true)
    .map((material) => ({ material: material.code, reason: String(body[`why.${material.code}`] ?? "") }));
  return { items, ...(body["note"] ? { note: body["note"] } : {}) };
}
