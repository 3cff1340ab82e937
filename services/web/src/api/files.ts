import { newKey, respond, send } from "./http";

/** What the gateway answers to an upload: the signed reference is what forms send on. */
export interface StoredFile {
  reference: string;
  name: string;
  content_type: string;
  size: number;
}

export function uploadFile(tenant: string, file: File): Promise<StoredFile> {
  const body = new FormData();
  body.set("file", file, file.name);
  return send<StoredFile>("POST", "/v1/tenants/{tenant}/files", { path: { tenant }, body, key: newKey() });
}

/** Opens a file for the reader: downloads need the token, so a plain link would not do. */
export async function fileUrl(route: string): Promise<string> {
  const response = await respond("GET", route);
  return URL.createObjectURL(await response.blob());
}
