/** Where a file is read. The id is a reference that the record gives to its reader, for a quarter of an hour. */
export function fileRoute(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}`;
}
