import type { Report } from "@/api/contracts";
import { canAny } from "@/session/session";
import type { FormSpec } from "@/staff/FormDialog.vue";
import type { FieldSpec } from "@/staff/forms";
import { reportVerbWord } from "@/words/reports.words";

import { titleOf } from "../cadence/rules";
import { say } from "./words";

const NEEDS: Readonly<Record<string, readonly string[]>> = {
  edit: ["reports.write"],
  submit: ["reports.write"],
  take: ["reports.write"],
  accept: ["reports.accept", "reports.receive"],
  return: ["reports.accept", "reports.receive"],
};

const WORDS_FIRST = ["accept", "edit", "submit", "return", "take"] as const;
const WRITTEN = ["accept", "submit", "edit", "return", "take"] as const;

/** What the caller may do; the first is the one that is due. What says nothing new is written before it is submitted. */
export function verbsOf(report: Report): { primary: string | undefined; others: string[] } {
  const newest = report.versions?.[0];
  const isWritten = Boolean(newest?.done) && newest?.outcome !== "RETURNED";
  const may = (verb: string): boolean => canAny(...(NEEDS[verb] ?? []));
  const [first, ...others] = (isWritten ? WRITTEN : WORDS_FIRST).filter((verb) => report.verbs?.includes(verb) && may(verb));
  return first === "take" ? { primary: undefined, others: [first] } : { primary: first, others };
}

const text = (name: "done" | "problems" | "plans"): FieldSpec => ({ name, label: say(name), kind: "lines", max: 2000 });

/** The form of a verb; what a report says is edited as a whole. */
export function verbForm(verb: string, report: Report): FormSpec {
  const newest = report.versions?.[0];
  const form: FormSpec = {
    name: `reports.${verb}.${report.id}.${report.etag ?? ""}`,
    title: `${reportVerbWord(verb)} · ${titleOf(report)}`,
    verb: reportVerbWord(verb),
    fields: [],
  };
  switch (verb) {
    case "edit":
      return {
        ...form,
        initial: { done: newest?.done ?? "", problems: newest?.problems ?? "", plans: newest?.plans ?? "" },
        fields: [{ ...text("done"), hint: say("doneHint"), required: true }, text("problems"), text("plans")],
      };
    case "return":
      return {
        ...form,
        danger: true,
        fields: [{ name: "sentence", label: say("sentence"), hint: say("sentenceHint"), kind: "lines", required: true, min: 2, max: 200 }],
      };
    case "submit":
      return { ...form, text: say("submitText", { name: report.receiver_name ?? "" }) };
    case "take":
      return { ...form, text: say("takeText") };
    default:
      return { ...form, text: say("acceptText") };
  }
}
