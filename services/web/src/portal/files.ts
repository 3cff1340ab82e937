import { tenant } from "@/session/session";

/** Where a file of the present tenant is read; its id is opaque. */
export function fileRoute(id: string): string {
  return `/v1/tenants/${tenant.value}/files/${encodeURIComponent(id)}`;
}
