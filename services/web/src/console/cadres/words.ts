import { defineWords, wordOr } from "@/words";

export const say = defineWords(
  {
    title: "任职",
    hint: "各组织的书记、副书记、委员和后备人选。一个组织只有一位在任书记。",
    officers: "班子成员",
    add: "任命",
    addText: "姓名从本单位的人员名册中选；出生年份只用于按年龄段汇总，不会显示给任何人。",
    person: "姓名",
    post: "职务",
    postType: "任职方式",
    org: "组织",
    term: "任期",
    termFrom: "任期开始",
    termFromHint: "不填则为今天。",
    termUntil: "任期结束",
    birthYear: "出生年份",
    birthHint: "选填，例如 1985。",
    end: "离任",
    ending: "离任原因",
    endedOn: "离任日期",
    termOver: "任期已满",
    open: "至今",
    none: "还没有任命班子成员",
    noneHint: "先任命书记，再任命其他成员。",
    notActive: "登记成立之后才能任命班子成员。",
    held: "在任",
    ended: "离任记录",
    view: "显示",
    summary: "干部队伍概况",
    people: "在任",
    reserve: "后备",
    without: "缺书记的组织",
    inflow: "近一年新任",
    outflow: "近一年离任",
    ages: "年龄段",
    under: "{to} 岁及以下",
    between: "{from}–{to} 岁",
    over: "{from} 岁及以上",
    withheld: "人数少，不显示",
    people_n: "{n} 人",
    bandsHint: "少于 {n} 人的年龄段不显示（{source}）。",
    sourceDefault: "平台默认值",
    sourceTenant: "本单位设置",
    settings: "设置年龄段",
    borders: "年龄段界线",
    bordersHint: "从小到大，用顿号或逗号分开，例如 35、45、55。",
    bordersShape: "请写成 35、45、55 这样的数字。",
    smallest: "少于多少人不显示",
  },
  {
    title: "Posts",
    hint: "Secretaries, deputies, committee members and the reserve of each body. A body has one secretary at a time.",
    officers: "Officers",
    add: "Appoint",
    addText: "Choose a person of your roster. The year of birth is used for age bands only and shown to nobody.",
    person: "Name",
    post: "Post",
    postType: "Held",
    org: "Body",
    term: "Term",
    termFrom: "First day",
    termFromHint: "Today when left empty.",
    termUntil: "Last day",
    birthYear: "Year of birth",
    birthHint: "Optional, for example 1985.",
    end: "End",
    ending: "Why",
    endedOn: "Last day",
    termOver: "term over",
    open: "now",
    none: "No officers yet",
    noneHint: "Appoint a secretary first, then the others.",
    notActive: "Officers are appointed once it is founded.",
    held: "Held now",
    ended: "Ended",
    view: "Show",
    summary: "The cadres in figures",
    people: "In posts",
    reserve: "In reserve",
    without: "Without a secretary",
    inflow: "New within a year",
    outflow: "Gone within a year",
    ages: "Ages",
    under: "up to {to}",
    between: "{from}–{to}",
    over: "{from} and older",
    withheld: "too few to tell",
    people_n: "{n}",
    bandsHint: "Fewer than {n} are not told ({source}).",
    sourceDefault: "the platform's default",
    sourceTenant: "your own setting",
    settings: "Set the age bands",
    borders: "Ages at which a band begins",
    bordersHint: "Rising, with commas: 35, 45, 55.",
    bordersShape: "Write them as 35, 45, 55.",
    smallest: "Smallest number that is told",
  },
);

export const postWord = wordOr(
  { SECRETARY: "书记", DEPUTY: "副书记", COMMITTEE_MEMBER: "委员", RESERVE: "后备" },
  { SECRETARY: "Secretary", DEPUTY: "Deputy", COMMITTEE_MEMBER: "Committee member", RESERVE: "Reserve" },
);

const chairWord = wordOr(
  { SECRETARY: "主席", DEPUTY: "副主席", COMMITTEE_MEMBER: "委员", RESERVE: "后备" },
  { SECRETARY: "Chair", DEPUTY: "Deputy chair", COMMITTEE_MEMBER: "Committee member", RESERVE: "Reserve" },
);

const leaderWord = wordOr(
  { SECRETARY: "组长", DEPUTY: "副组长", COMMITTEE_MEMBER: "组员", RESERVE: "后备" },
  { SECRETARY: "Leader", DEPUTY: "Deputy leader", COMMITTEE_MEMBER: "Group member", RESERVE: "Reserve" },
);

/** A post as its kind of organisation calls it. */
export function postIn(kind: string | undefined, post: string | undefined): string {
  if (kind === "UNION" || kind === "WOMEN") return chairWord(post);
  return kind === "GROUP" ? leaderWord(post) : postWord(post);
}

export const postTypeWord = wordOr(
  { FULL_TIME: "专职", PART_TIME: "兼职", PLACEMENT: "安置性岗位" },
  { FULL_TIME: "Full-time", PART_TIME: "Part-time", PLACEMENT: "Placement" },
);

export const endingWord = wordOr(
  { TERM_OVER: "届满", MOVED: "调任", LEFT: "离开", RELIEVED: "免职" },
  { TERM_OVER: "Term over", MOVED: "Moved", LEFT: "Left", RELIEVED: "Relieved" },
);
