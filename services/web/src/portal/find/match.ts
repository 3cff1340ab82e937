/**
 * Finding by words. The person need not know whether what they need is a service item of the building or a
 * matter of a government window: both are candidates of one list, ranked by how much of the question they hold.
 */
export interface Candidate {
  key: string;
  /** Words that name it: weigh most. */
  names: readonly string[];
  /** Words about it. */
  texts: readonly string[];
}

/** What people type beside what the catalogue says. Each line is one meaning. */
const SAME: readonly (readonly string[])[] = [
  ["记账", "做账", "会计", "代账", "账本", "报账", "accounting", "bookkeeping"],
  ["开票", "发票", "票据", "invoice"],
  ["税务", "报税", "交税", "纳税", "缴税", "税收", "tax"],
  ["工商注册", "注册公司", "营业执照", "执照", "开公司", "办照", "license", "licence", "register company"],
  ["装修", "改造", "施工", "fit-out", "renovation"],
  ["搬家", "搬迁", "搬办公室", "move", "moving"],
  ["法律", "律师", "合同", "纠纷", "官司", "legal", "lawyer"],
  ["政策", "补贴", "扶持", "申报", "subsidy", "policy"],
  ["社保", "保险", "五险", "社会保险", "social insurance"],
  ["招聘", "招人", "用工", "recruit", "hiring"],
  ["维修", "报修", "坏了", "漏水", "停电", "空调", "电梯", "repair"],
];

export function normal(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\s·,,。.、;;::!!??"'“”()()\-—]+/g, " ").trim();
}

/** Pairs of neighbouring characters: the unit in which Chinese, which has no spaces, is compared. */
export function pairs(text: string): Set<string> {
  const out = new Set<string>();
  for (const word of normal(text).split(" ")) {
    const letters = [...word];
    if (letters.length === 1) out.add(word);
    for (let i = 0; i + 1 < letters.length; i += 1) out.add(`${letters[i]}${letters[i + 1]}`);
  }
  return out;
}

function readings(query: string): string[] {
  const asked = normal(query);
  const out = [asked];
  for (const meaning of SAME) {
    const said = meaning.find((word) => asked.includes(normal(word)));
    if (said) out.push(...meaning.filter((word) => word !== said).map((word) => asked.replace(normal(said), normal(word))));
  }
  return out;
}

function overlap(asked: Set<string>, held: Set<string>): number {
  if (asked.size === 0) return 0;
  let hits = 0;
  for (const pair of asked) if (held.has(pair)) hits += 1;
  return hits / asked.size;
}

const NAME_WEIGHT = 3;
const OTHER_READING = 0.8;
const LEAST = 0.6;

function score(query: string, one: Candidate): number {
  let best = 0;
  const names = one.names.map(normal);
  const nameHas = pairs(one.names.join(" "));
  const textHas = pairs(one.texts.join(" "));
  readings(query).forEach((reading, index) => {
    const asked = pairs(reading);
    const whole = names.some((name) => name === reading) ? 4 : names.some((name) => name.includes(reading)) ? 2 : 0;
    const sum = whole + NAME_WEIGHT * overlap(asked, nameHas) + overlap(asked, textHas);
    best = Math.max(best, index === 0 ? sum : sum * OTHER_READING);
  });
  return best;
}

/** Best first; everything in the given order when nothing was typed, nothing when nothing fits. */
export function find<C extends Candidate>(query: string, candidates: readonly C[]): C[] {
  if (normal(query) === "") return [...candidates];
  return candidates
    .map((one, index) => ({ one, index, score: score(query, one) }))
    .filter((hit) => hit.score >= LEAST)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map((hit) => hit.one);
}
