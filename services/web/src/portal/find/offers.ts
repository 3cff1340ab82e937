import { api, asPage } from "@/api";
import { can, tenant } from "@/session/session";

import { nameOf } from "../names";
import type { BuildingMatter, ServiceItem } from "../shapes";
import type { Candidate } from "./match";

/** Something to order or apply for; the person need not know which of the two it is. */
export interface Offer extends Candidate {
  kind: "item" | "matter";
  to: string;
  title: () => string;
  summary: () => string;
  station: string;
  department: () => string;
  days: number;
  open: boolean;
}

const PAGE = 100;
const MOST_PAGES = 5;

async function everything<T>(route: string): Promise<T[]> {
  const all: T[] = [];
  let token = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const reply = asPage<T>(
      await api.get<object>(route, { path: { tenant: tenant.value }, query: { page_size: PAGE, page_token: token } }),
    );
    all.push(...reply.items);
    token = reply.next;
    if (!token) break;
  }
  return all;
}

function fromItem(item: ServiceItem): Offer {
  return {
    key: `item:${item.id}`,
    kind: "item",
    to: `/services/${item.id}`,
    names: [item.name_zh, item.name_en ?? ""],
    texts: [item.summary_zh ?? "", item.summary_en ?? ""],
    title: () => nameOf(item),
    summary: () => nameOf(item, "summary"),
    station: item.station ?? "",
    department: () => "",
    days: 0,
    open: true,
  };
}

function fromMatter(one: BuildingMatter): Offer {
  const matter = one.matter;
  return {
    key: `matter:${one.id}`,
    kind: "matter",
    to: `/matters/${one.id}`,
    names: [matter.name_zh, matter.name_en ?? "", matter.department_name_zh],
    texts: [matter.summary_zh ?? "", matter.summary_en ?? "", ...(matter.materials ?? []).map((one) => one.name_zh)],
    title: () => nameOf(matter),
    summary: () => nameOf(matter, "summary"),
    station: "",
    department: () => nameOf(matter, "department_name"),
    days: matter.promised_days,
    open: one.open ?? false,
  };
}

/**
 * All that is open here. A catalogue is a few dozen lines, so it is read whole and searched on the phone:
 * an answer with every letter, and one order for both kinds.
 */
export async function readOffers(): Promise<Offer[]> {
  const [items, matters] = await Promise.all([
    can("catalogue.read") ? everything<ServiceItem>("/v1/tenants/{tenant}/catalogue") : [],
    can("matters.read") ? everything<BuildingMatter>("/v1/tenants/{tenant}/building-matters") : [],
  ]);
  return [...items.map(fromItem), ...matters.map(fromMatter)];
}
