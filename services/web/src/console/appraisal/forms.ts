import type { Appraisal, AppraisalTarget } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { personName } from "@/staff/people";
import { appraisalVerbWord, channelWord, CHANNELS, outcomeWord, OUTCOMES, titleOf } from "@/words/appraisal.words";
import { options } from "@/words/terms.words";

import { say } from "./words";

/** The forms of an appraisal's verbs, and what is sent for them. */
export interface AppraisalForm extends FormSpec {
  code: string;
  target?: string;
}

const MARK = "mark:";
/** Numbers of documents and records, and no sentences: nothing is written about a person here. */
const REFERENCE = /^([0-9A-Za-z〔第][0-9A-Za-z〔〕第号 ./_-]{0,39})?$/;

export function verbForm(verb: string, one: Appraisal): AppraisalForm {
  const word = appraisalVerbWord(verb);
  const whom = personName(one.person_id, one.display);
  const base = { code: verb, name: `appraisal.${verb}.${one.id}.${one.etag ?? ""}`, title: `${word} · ${whom}`, verb: word };
  switch (verb) {
    case "record":
      return { ...base, name: `appraisal.record.${one.id}`, text: say("scoreHint"), fields: recordFields(one) };
    case "end":
      return { ...base, text: say("endText"), danger: true, fields: [] };
    default:
      return { ...base, text: say("showText"), fields: [] };
  }
}

function recordFields(one: Appraisal): FieldSpec[] {
  const begun = (one.targets?.[0]?.months ?? []).filter((cell) => cell.state !== "TO_COME" || isBegun(cell.month));
  const months = begun.map((cell) => ({ value: cell.month ?? "", label: cell.month ?? "" })).reverse();
  return [
    { name: "month", label: say("month"), kind: "choice", required: true, options: months, half: true },
    { name: "channel", label: say("channel"), kind: "choice", required: true, options: options(channelWord, CHANNELS), initial: "MONTHLY", half: true },
    ...(one.targets ?? [])
      .filter((target) => !target.outcome)
      .map((target) => ({
        name: `${MARK}${target.item?.code ?? ""}`,
        label: titleOf(target.item),
        kind: "number" as const,
        min: 0,
        max: 100,
        half: true,
        when: (form: FormModel) => (target.item?.channels ?? []).some((way) => way === form["channel"]),
      })),
    { name: "reference", label: say("reference"), hint: say("referenceHint"), pattern: REFERENCE, patternHint: say("referenceShape"), max: 40 },
  ];
}

/** A target that is not assessed by month says nothing of whether a month has begun. */
const isBegun = (month: string | undefined): boolean =>
  (month ?? "9") <= new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date()).slice(0, 7);

export function confirmForm(one: Appraisal, target: AppraisalTarget): AppraisalForm {
  const offered = OUTCOMES.filter((outcome) => (outcome !== "NOT_ASSESSABLE") === (target.assessable ?? false));
  return {
    code: "confirm",
    target: target.item?.code ?? "",
    name: `appraisal.confirm.${one.id}.${target.item?.code ?? ""}.${one.etag ?? ""}`,
    title: `${say("confirm")} · ${titleOf(target.item)}`,
    text: `${target.score === undefined ? say("noScore") : say("scoreNow", { n: target.score })}，${say("assessedOf", { done: target.months_assessed ?? 0, due: target.months_due ?? 0 })}\n${target.assessable ? say("confirmText") : say("confirmMissing")}`,
    verb: say("confirm"),
    fields: [{ name: "outcome", label: say("outcome"), kind: "choice", required: true, options: options(outcomeWord, offered) }],
  };
}

/** What a form sends: the scores that were given as marks, a confirmation with its target. */
export function bodyOf(spec: AppraisalForm, form: FormModel, one: Appraisal): FormModel {
  if (spec.code === "confirm") return { ...form, target: spec.target };
  if (spec.code !== "record") return form;
  const rest = Object.fromEntries(Object.entries(form).filter(([name]) => !name.startsWith(MARK)));
  const marks = (one.targets ?? [])
    .map((target) => ({ target: target.item?.code ?? "", score: form[`${MARK}${target.item?.code ?? ""}`] }))
    .filter((mark) => mark.score !== undefined);
  return { ...rest, marks };
}
