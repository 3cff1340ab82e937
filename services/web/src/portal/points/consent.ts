import { api } from "@/api";
import type { Consent, ListMyConsentsResponse } from "@/api/contracts";

/** What a member agrees to before an employer sees a band; the contract names it. */
const PURPOSE = "points_to_employer";

async function given(tenant: string): Promise<Consent | undefined> {
  const page = await api.get<ListMyConsentsResponse>("/v1/me/consents", { query: { page_size: 100 } });
  return (page.consents ?? []).find((one) => one.active && one.purpose === PURPOSE && one.recipient === tenant);
}

export async function consent(tenant: string, key: string): Promise<void> {
  if (await given(tenant)) return;
  await api.post("/v1/me/consents", { body: { purpose: PURPOSE, recipient: tenant }, key });
}

export async function withdraw(tenant: string): Promise<void> {
  const one = await given(tenant);
  if (one) await api.post("/v1/me/consents/{id}:withdraw", { path: { id: one.id } });
}
