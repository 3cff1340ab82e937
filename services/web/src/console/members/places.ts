import { computed, type ComputedRef } from "vue";

import { api, useResource } from "@/api";
import type { ListEnterprisesResponse, ListOrgsResponse, Org } from "@/api/contracts";
import { session } from "@/session/session";
import type { FieldSpec, FormModel, Option } from "@/staff/forms";

import { say } from "./words";

/** Organisations, groups and firms to choose from; some dozens of each, asked for when a form needs them. */
export interface Places {
  orgs: ComputedRef<readonly Org[]>;
  firms: ComputedRef<readonly Option[]>;
}

const BODY_OF: Readonly<Record<string, string>> = { UNION: "UNION", YOUTH_LEAGUE: "YOUTH_LEAGUE", WOMEN: "WOMEN" };

export function usePlaces(): Places {
  const path = { tenant: session.tenant };
  const orgs = useResource<ListOrgsResponse>(() =>
    api.get("/v1/tenants/{tenant}/orgs", { path, query: { states: ["ACTIVE"], page_size: 100 } }),
  );
  const firms = useResource<Option[]>(async () => {
    const found: Option[] = [];
    let token = "";
    do {
      const page: ListEnterprisesResponse = await api.get("/v1/tenants/{tenant}/enterprises", {
        path,
        query: { page_size: 100, page_token: token },
      });
      found.push(...(page.enterprises ?? []).map((one) => ({ value: one.id, label: `${one.name ?? ""} · ${one.floor ?? ""}F` })));
      token = page.next_page_token ?? "";
    } while (token);
    return found;
  });
  return { orgs: computed(() => orgs.data.value?.orgs ?? []), firms: computed(() => firms.data.value ?? []) };
}

export const optionsOf = (orgs: readonly Org[], fits: (org: Org) => boolean): Option[] =>
  orgs.filter(fits).map((org) => ({ value: org.id, label: org.name ?? org.id }));

/** The body whose organisation it is. */
export const bodyOf = (org: Org): string => BODY_OF[org.kind ?? ""] ?? "PARTY";

/** Where a party member belongs and works. Groups are offered of the chosen branch. */
export function placeFields(places: Places): FieldSpec[] {
  const branches = optionsOf(places.orgs.value, (org) => org.kind !== "GROUP" && bodyOf(org) === "PARTY");
  const groups = (branch: string): Option[] =>
    optionsOf(places.orgs.value, (org) => org.kind === "GROUP" && org.parent === branch);
  const chosen = (form: FormModel): string => (form["org_id"] as string | undefined) ?? "";
  return [
    { name: "org_id", label: say("orgHere"), kind: "choice", required: true, options: branches },
    ...branches.map((branch) => ({
      name: `group_${branch.value}`,
      label: say("group"),
      kind: "choice" as const,
      options: groups(branch.value),
      when: (form: FormModel) => chosen(form) === branch.value && groups(branch.value).length > 0,
      half: true,
    })),
    { name: "employer_id", label: say("employer"), kind: "choice", options: [...places.firms.value], half: true },
  ];
}

/** The body of a form with its place: of the groups offered only the one of the chosen branch counts. */
export function placeOf(body: FormModel): FormModel {
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !name.startsWith("group_")));
  const group = body[`group_${String(body["org_id"])}`];
  return group ? { ...rest, group_id: group } : rest;
}
