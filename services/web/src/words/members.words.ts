import { wordOr } from "./index";

/** The words of rosters and affiliations, the same on every face. */
export const bodyWord = wordOr(
  { PARTY: "党组织", UNION: "工会", YOUTH_LEAGUE: "共青团", WOMEN: "妇联" },
  { PARTY: "Party", UNION: "Trade union", YOUTH_LEAGUE: "Youth league", WOMEN: "Women's federation" },
);

export const memberKindWord = wordOr({ OWN: "本组织", FLOATING: "流动" }, { OWN: "Own", FLOATING: "Floating" });

export const memberStageWord = wordOr(
  { MEMBER: "会员、团员", PROBATIONARY: "预备党员", FULL: "正式党员" },
  { MEMBER: "Member", PROBATIONARY: "Probationary member", FULL: "Full member" },
);

export const memberEndingWord = wordOr(
  { TRANSFERRED: "关系转出", LEFT: "离开本楼", MISTAKE: "登记有误", REMOVED: "退出或除名" },
  { TRANSFERRED: "Relation transferred", LEFT: "Left the building", MISTAKE: "Entered by mistake", REMOVED: "Left the body" },
);

export const affiliationEndingWord = wordOr(
  { LEFT: "离开本楼", TRANSFERRED: "关系已转接", NOT_KNOWN: "原支部不认可", MISTAKE: "登记有误" },
  { LEFT: "Left the building", TRANSFERRED: "Relation transferred", NOT_KNOWN: "Not known to the home organisation", MISTAKE: "Registered by mistake" },
);

export const toldWord = wordOr(
  { IN_PERSON: "当面", PHONE: "电话", LETTER: "书面" },
  { IN_PERSON: "In person", PHONE: "By phone", LETTER: "In writing" },
);

export const memberVerbWord = wordOr(
  {
    confirm: "确认属实",
    object: "提出异议",
    notify: "登记告知",
    activate: "列入名册",
    move: "变更单位或党小组",
    end: "结束",
    verify: "核实",
    return: "退回",
    acknowledge: "确认隶属",
    dispute: "提出异议",
    submit: "提交",
    withdraw: "撤回",
    release: "同意转出",
    refuse: "不同意转出",
    resolve: "代为处理",
    receive: "接收",
    reject: "不接收",
  },
  {
    confirm: "Confirm",
    object: "Object",
    notify: "Record the telling",
    activate: "Put on the roster",
    move: "Change firm or group",
    end: "End",
    verify: "Verify",
    return: "Return",
    acknowledge: "Acknowledge",
    dispute: "Dispute",
    submit: "Submit",
    withdraw: "Withdraw",
    release: "Release",
    refuse: "Refuse",
    resolve: "Resolve",
    receive: "Receive",
    reject: "Not take",
  },
);

export const managerWord = wordOr({ SOURCE: "转出单位", TARGET: "接收单位" }, { SOURCE: "the source", TARGET: "the target" });

export const troubleWord = wordOr(
  { LOST: "失去联系", DISSOLVED: "已撤销", SILENT: "逾期不答复" },
  { LOST: "Cannot be found", DISSOLVED: "Dissolved", SILENT: "Does not answer" },
);
