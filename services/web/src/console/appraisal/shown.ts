import type { Appraisal, Org } from "@/api/contracts";
import type { Option } from "@/staff/forms";
import { starLine } from "@/words/appraisal.words";

import { say } from "./words";

const ASSESSED = ["SCORED", "SHOWN", "APPEALED", "FINAL"];

/** The stars as they stand: final, proposed, none for want of months, or not yet. */
export function starsSaid(one: Appraisal): string {
  if (one.stars !== undefined) return starLine(one.stars);
  if (one.proposed_stars !== undefined) return say("proposed", { stars: starLine(one.proposed_stars) });
  return ASSESSED.includes(one.state ?? "") ? say("noResult") : say("notYet");
}

/** The party organisations in whose name members are appraised and reviewed. */
export const partyOrgs = (orgs: readonly Org[] | undefined): Option[] =>
  (orgs ?? [])
    .filter((org) => ["PARTY_COMMITTEE", "GENERAL_BRANCH", "BRANCH"].includes(org.kind ?? ""))
    .map((org) => ({ value: org.id, label: org.name ?? org.id }));
