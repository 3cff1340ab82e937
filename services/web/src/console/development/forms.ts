import type { DevelopmentApplication } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { developmentEndingWord, developmentVerbWord, reviewOutcomeWord, titleOfStep } from "@/words/development.words";
import { options } from "@/words/terms.words";

import { say } from "./words";

const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  APPLICANT: ["NOT_READY", "LEFT", "MISTAKE"],
  ACTIVIST: ["NOT_READY", "LEFT", "MISTAKE"],
  TARGET: ["NOT_READY", "NOT_PASSED", "LEFT", "MISTAKE"],
  PROBATIONARY: ["CANCELLED", "LEFT"],
};
const number = (): FieldSpec => ({ name: "document_no", label: say("documentNo"), hint: say("documentHint"), required: true, min: 2, max: 40 });
const onDay = (name: string, label: string): FieldSpec => ({ name, label, hint: say("todayHint"), kind: "day", half: true });

/** One field a party member; the first ones must be filled. */
const people = (least: number, most: number): FieldSpec[] =>
  Array.from({ length: most }, (_, index) => ({
    name: `person_${String(index)}`,
    label: say("people", { n: index + 1 }),
    ...(index === 0 ? { hint: say("peopleHint") } : {}),
    kind: "person" as const,
    required: index < least,
  }));

function fieldsOf(verb: string, one: DevelopmentApplication): FieldSpec[] {
  const step = one.next;
  switch (verb) {
    case "complete":
      return [
        ...people(step?.people_least ?? 0, step?.people_most ?? 0),
        ...(step?.hours ? [{ name: "hours", label: say("hours"), kind: "number" as const, required: true, min: step.hours, max: 1000, half: true }] : []),
        onDay("done_on", say("doneOn")),
        number(),
      ];
    case "approve":
      return [onDay("done_on", say("doneOn")), number()];
    case "review":
      return [
        { name: "outcome", label: say("outcome"), kind: "choice", required: true, options: options(reviewOutcomeWord, ["PROGRESSING", "MORE_TRAINING"]) },
        onDay("held_on", say("heldOn")),
      ];
    case "mentors":
      return people(1, 2);
    case "extend":
      return [
        { name: "months", label: say("extendMonths"), kind: "number", required: true, min: step?.extend_least ?? 1, max: step?.extend_most ?? 24, half: true },
        number(),
      ];
    case "end":
      return [{ name: "ending", label: say("ending"), kind: "choice", required: true, options: options(developmentEndingWord, ENDINGS[one.standing ?? ""] ?? []) }];
    default:
      return [];
  }
}

const TEXTS: Readonly<Record<string, () => string>> = {
  review: () => say("reviewsHint"),
  extend: () => say("extendText"),
  end: () => say("endText"),
  reject: () => say("rejectText"),
};

/** The form of a verb; a step's form is named after the step. */
export function formOf(verb: string, one: DevelopmentApplication, name: string): FormSpec {
  const word = developmentVerbWord(verb);
  const isStep = verb === "complete" || verb === "approve";
  const text = TEXTS[verb]?.();
  return {
    name: `development.${verb}.${one.id}.${one.etag ?? ""}`,
    title: `${isStep ? titleOfStep(one.next) : word} · ${name}`,
    ...(text ? { text } : {}),
    verb: word,
    danger: verb === "end" || verb === "reject",
    fields: fieldsOf(verb, one),
  };
}

/** What travels: people as a list, and which step was meant. */
export function bodyOf(verb: string, one: DevelopmentApplication, form: FormModel): FormModel {
  const rest = Object.fromEntries(Object.entries(form).filter(([field]) => !field.startsWith("person_")));
  const named = Object.entries(form).filter(([field, value]) => field.startsWith("person_") && value);
  return {
    ...rest,
    ...(named.length ? { people: named.map(([, value]) => value) } : {}),
    ...(verb === "complete" || verb === "approve" ? { step: one.next?.code ?? "" } : {}),
  };
}
