/** "1-3、B1" as ["1", "2", "3", "B1"]. */
export function floorsOf(text: string): string[] {
  const found: string[] = [];
  for (const part of text.toUpperCase().split(/[、，,\s]+/).filter(Boolean)) {
    const run = /^(\d{1,3})-(\d{1,3})$/.exec(part);
    if (!run) found.push(part);
    else for (let floor = Number(run[1]); floor <= Number(run[2]); floor++) found.push(String(floor));
  }
  return [...new Set(found)];
}

export const FLOORS_SHAPE = /^\s*((B[1-9]|[1-9]\d{0,2})(-[1-9]\d{0,2})?[、，,\s]*)+$/i;
