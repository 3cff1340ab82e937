import type { Finding, Org, Star, SupervisionItem, Tenant } from "@/api/contracts";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec, FormModel } from "@/staff/forms";
import { locale } from "@/words";
import { nameOf } from "@/words/terms.words";

import { say, verbWord } from "./words";

const SUPERVISED = ["BUILDING", "MULTI_SITE"];

export const itemTitle = (item: SupervisionItem | undefined): string =>
  (locale.value === "en" && item?.title_en ? item.title_en : item?.title_zh) ?? "";

const isUnmet = (item: SupervisionItem, form: FormModel): boolean => form[`met.${item.code}`] === "no";

/** The checklist as a form: nothing is answered beforehand, and what is not met is said in a field of its own. */
export function holdForm(items: readonly SupervisionItem[], tenants: readonly Tenant[]): FormSpec {
  const places = tenants.filter((one) => SUPERVISED.includes(one.kind ?? "") && one.state === "ACTIVE");
  const answers = (["yes", "no"] as const).map((value) => ({ value, label: say(value) }));
  return {
    name: "supervision.hold",
    title: say("hold"),
    text: say("holdText"),
    verb: say("file"),
    fields: [
      { name: "place", label: say("place"), kind: "choice", required: true, options: places.map((one) => ({ value: one.id, label: nameOf(one) })), half: true },
      { name: "due_date", label: say("due"), kind: "day", required: true, half: true, when: (form) => items.some((item) => isUnmet(item, form)) },
      ...items.flatMap((item): FieldSpec[] => [
        { name: `met.${item.code}`, label: itemTitle(item), kind: "choice", required: true, options: answers },
        {
          name: `text.${item.code}`,
          label: say("foundAt", { title: itemTitle(item) }),
          hint: say("textHint"),
          kind: "lines",
          required: true,
          min: 2,
          max: 500,
          when: (form) => isUnmet(item, form),
        },
      ]),
    ],
  };
}

export function heldBody(items: readonly SupervisionItem[], form: FormModel): object {
  const unmet = items.filter((item) => isUnmet(item, form));
  return {
    place: form["place"],
    answers: items.map((item) => ({ code: item.code, met: !isUnmet(item, form) })),
    findings: unmet.map((item) => ({ code: item.code, text: form[`text.${item.code}`], due_date: form["due_date"] })),
  };
}

const reason = (label: string): FieldSpec => ({ name: "reason", label, kind: "lines", required: true, min: 2, max: 200 });

export function findingForm(verb: string, finding: Finding): FormSpec {
  const form: FormSpec = {
    name: `supervision.${verb}.${finding.id}.${finding.etag ?? ""}`,
    title: `${verbWord(verb)} · ${itemTitle(finding.item)}`,
    text: finding.text,
    verb: verbWord(verb),
    fields: [],
  };
  switch (verb) {
    case "assign":
      return { ...form, fields: [{ name: "owner_id", label: say("owner"), kind: "person", required: true }] };
    case "submit":
      return {
        ...form,
        fields: [
          { name: "measure", label: say("measure"), hint: say("textHint"), kind: "lines", required: true, min: 2, max: 1000 },
          { name: "reference", label: say("reference"), hint: say("referenceHint"), required: true, max: 60 },
        ],
      };
    case "return":
      return { ...form, danger: true, fields: [reason(say("reason"))] };
    default:
      return form;
  }
}

export function applyForm(branches: readonly Org[]): FormSpec {
  return {
    name: "supervision.apply",
    title: say("apply"),
    text: say("applyText"),
    verb: say("apply"),
    fields: [
      { name: "org_id", label: say("org"), kind: "choice", required: true, options: branches.map((one) => ({ value: one.id, label: one.name ?? "" })) },
      { name: "level", label: say("level"), kind: "rating", required: true },
      { name: "grounds", label: say("grounds"), hint: say("textHint"), kind: "lines", required: true, min: 2, max: 1000 },
    ],
  };
}

export function starForm(verb: string, star: Star): FormSpec {
  return {
    name: `supervision.${verb}.${star.id}.${star.etag ?? ""}`,
    title: `${verbWord(verb)} · ${star.org_name ?? ""}`,
    text: verb === "grant" ? say("grantText") : undefined,
    verb: verbWord(verb),
    danger: verb === "refuse",
    fields: verb === "refuse" ? [reason(say("decision"))] : [],
  };
}
