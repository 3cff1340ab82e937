import { address } from "@/api/http";
import { session } from "@/session/session";
import { saveDocument } from "@/staff/documents";

/** Saves plaques as a PDF to be printed; those of every place that somebody answers for, when none is named. */
export async function plaquesOf(locations: readonly string[], name: string): Promise<void> {
  const route = address("/v1/tenants/{tenant}/zones:plaques", {
    path: { tenant: session.tenant },
    query: { origin: window.location.origin, location_ids: locations },
  });
  await saveDocument(route, `${name}.pdf`);
}
