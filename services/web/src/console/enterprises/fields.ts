import type { FieldSpec } from "@/staff/forms";
import {
  branchWord,
  headcountWord,
  HEADCOUNTS,
  INDUSTRIES,
  industryWord,
  options,
  supportWord,
} from "@/words/terms.words";

import { say } from "./words";

const creditCode = (): FieldSpec => ({
  name: "credit_code",
  label: say("creditCode"),
  hint: say("creditHint"),
  pattern: /^([0-9A-HJ-NPQRTUWXY]{18})?$/,
  patternHint: say("creditShape"),
});
const industry = (): FieldSpec => ({
  name: "industry",
  label: say("industry"),
  kind: "choice",
  options: options(industryWord, INDUSTRIES),
  unset: "UNSPECIFIED",
  half: true,
});
const room = (): FieldSpec => ({ name: "room", label: say("room"), max: 40, half: true });
const contact = (): FieldSpec => ({
  name: "contact_display",
  label: say("contact"),
  hint: say("contactHint"),
  max: 40,
});

/** What the registry knows of an enterprise. */
export function recordFields(): FieldSpec[] {
  return [
    { name: "name", label: say("name"), required: true, min: 2, max: 100 },
    { name: "short_name", label: say("shortName"), max: 40, half: true },
    industry(),
    {
      name: "floor",
      label: say("floor"),
      hint: say("floorHint"),
      required: true,
      pattern: /^(B[1-9]|[1-9][0-9]{0,2})$/,
      patternHint: say("floorShape"),
      half: true,
    },
    room(),
    creditCode(),
    contact(),
  ];
}

/** What a survey asks; an answer left empty keeps what was known. */
export function surveyFields(): FieldSpec[] {
  return [
    industry(),
    {
      name: "branch",
      label: say("branch"),
      kind: "choice",
      options: options(branchWord, ["OWN", "NONE"]),
      half: true,
    },
    {
      name: "headcount",
      label: say("headcount"),
      kind: "choice",
      options: options(headcountWord, HEADCOUNTS),
      half: true,
    },
    {
      name: "owner_support",
      label: say("support"),
      kind: "choice",
      options: options(supportWord, ["SUPPORTIVE", "NEUTRAL", "RESERVED"]),
      half: true,
    },
    room(),
    contact(),
    creditCode(),
  ];
}
