import type { Org, Tenant } from "@/api/contracts";
import type { FieldSpec } from "@/staff/forms";
import { nameOf, orgKindWord } from "@/words/terms.words";

import { say } from "./words";

const KINDS = ["BRANCH", "GENERAL_BRANCH", "PARTY_COMMITTEE", "UNION", "YOUTH_LEAGUE", "WOMEN"];
const PLACES = ["BUILDING", "MULTI_SITE", "SUPERIOR"];

export function applicationFields(tenants: readonly Tenant[]): FieldSpec[] {
  const places = tenants.filter((one) => PLACES.includes(one.kind ?? "") && one.state === "ACTIVE");
  const superiors = tenants.filter((one) => one.kind === "SUPERIOR");
  const option = (one: Tenant) => ({ value: one.id, label: nameOf(one) });
  return [
    { name: "place", label: say("place"), kind: "choice", required: true, options: places.map(option), half: true },
    {
      name: "kind",
      label: say("kind"),
      kind: "choice",
      required: true,
      options: KINDS.map((value) => ({ value, label: orgKindWord(value) })),
      half: true,
    },
    { name: "name", label: say("name"), required: true, min: 2, max: 60 },
    { name: "serves", label: say("serves"), hint: say("servesHint"), max: 60 },
    ...(superiors.length
      ? [{ name: "approver", label: say("approver"), hint: say("approverHint"), kind: "choice" as const, options: superiors.map(option) }]
      : []),
  ];
}

const founding = (): FieldSpec => ({ name: "founded_on", label: say("foundedOn"), hint: say("foundedHint"), kind: "day" });

export function decisionFields(verb: string): FieldSpec[] {
  if (verb === "approve") {
    return [
      { name: "approved_on", label: say("approvedOn"), hint: say("approvedHint"), kind: "day" },
      { name: "approval_no", label: say("approvalNo"), max: 40 },
    ];
  }
  if (verb === "activate") return [founding()];
  return [{ name: "reason", label: say("reason"), kind: "lines", required: true, max: 500 }];
}

export function correctionFields(org: Org, parents: readonly Org[]): FieldSpec[] {
  return [
    { name: "name", label: say("name"), required: true, min: 2, max: 60 },
    { name: "serves", label: say("serves"), hint: say("servesHint"), max: 60, when: () => org.kind !== "GROUP" },
    {
      name: "floor",
      label: say("floor"),
      hint: say("floorHint"),
      pattern: /^(B[1-9]|[1-9]\d{0,2})$/,
      patternHint: say("floorShape"),
      when: () => org.kind === "GROUP",
    },
    {
      name: "parent",
      label: say("parent"),
      kind: "choice",
      options: parents.map((one) => ({ value: one.id, label: one.name ?? "" })),
      when: () => parents.length > 0,
    },
  ];
}
