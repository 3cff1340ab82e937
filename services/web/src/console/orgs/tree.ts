import type { Org } from "@/api/contracts";

/** A line of the tree: an organisation, or the heading of a tenant, at its depth. */
export interface Line {
  key: string;
  depth: number;
  org?: Org;
  place?: Org["place"];
}

const RANK = ["PARTY_COMMITTEE", "GENERAL_BRANCH", "BRANCH", "UNION", "YOUTH_LEAGUE", "WOMEN", "GROUP"];
const rank = (org: Org): number => RANK.indexOf(org.kind ?? "");
const height = (org: Org): number => (org.floor?.startsWith("B") ? -Number(org.floor.slice(1)) : Number(org.floor ?? 0));
const inOrder = (one: Org, other: Org): number => rank(one) - rank(other) || height(one) - height(other);

/** The lines from the top down. Tenants stand under the tenant above them where that one is shown too. */
export function linesOf(orgs: readonly Org[], withPlaces: boolean): Line[] {
  const lines: Line[] = [];
  const shown = new Set<string>();

  function add(org: Org, depth: number): void {
    if (shown.has(org.id)) return;
    shown.add(org.id);
    lines.push({ key: org.id, depth, org });
    for (const one of orgs.filter((below) => below.parent === org.id).sort(inOrder)) add(one, depth + 1);
  }

  const places = new Map(orgs.map((org) => [org.place?.id ?? "", org.place]));
  const above = new Map<string, string>();
  for (const org of orgs) if (org.superior) above.set(org.place?.id ?? "", org.superior);
  const ids = new Set(orgs.map((org) => org.id));
  const begun = new Set<string>();

  function addPlace(id: string, depth: number): void {
    if (begun.has(id)) return;
    begun.add(id);
    if (withPlaces) lines.push({ key: id, depth, place: places.get(id) });
    const own = orgs.filter((org) => org.place?.id === id && !ids.has(org.parent ?? ""));
    for (const org of own.sort(inOrder)) add(org, depth + (withPlaces ? 1 : 0));
    for (const [below, superior] of above) if (superior === id && below !== id) addPlace(below, depth + 1);
  }

  const byName = [...places.keys()].sort((one, other) =>
    (places.get(one)?.name_zh ?? "").localeCompare(places.get(other)?.name_zh ?? "", "zh"),
  );
  for (const id of byName) if (!places.has(above.get(id) ?? "")) addPlace(id, 0);
  for (const id of byName) addPlace(id, 0);
  return lines;
}
