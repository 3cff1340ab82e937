import { address } from "@/api/http";
import { session } from "@/session/session";
import { saveDocument } from "@/staff/documents";

/** Saves plaques as a PDF to be printed; those of everything on display, when none is named. */
export async function plaquesOf(ids: readonly string[], name: string): Promise<void> {
  const route = address("/v1/tenants/{tenant}/honours:plaques", {
    path: { tenant: session.tenant },
    query: { origin: window.location.origin, ids },
  });
  await saveDocument(route, `${name}.pdf`);
}
