import { defineWords, wordOr } from "@/words";

export const say = defineWords(
  {
    title: "审计日志",
    hint: "谁在什么时候对什么做了什么、为什么。记录只增不改，逐条以哈希相连。",
    verify: "校验完整性",
    intact: "完好：已校验 {entries} 条记录、{checkpoints} 个签名检查点。",
    broken: "发现异常：第 {at} 条{problem}。请立即联系运维人员。",
    actor: "操作人",
    action: "操作",
    object: "对象",
    reason: "理由",
    detail: "详情",
    time: "时间",
    chain: "链号",
    unsealed: "待封存",
    findAction: "按操作查找，如 people.unmask",
    emptyTitle: "没有符合条件的记录",
  },
  {
    title: "Audit log",
    hint: "Who did what to which record, when and why. Entries are only added, each linked to the one before by its hash.",
    verify: "Verify",
    intact: "Intact: {entries} {entries?entry|entries} and {checkpoints} signed {checkpoints?checkpoint|checkpoints} checked.",
    broken: "Something is wrong at entry {at}: {problem}. Tell the operators at once.",
    actor: "Actor",
    action: "Action",
    object: "Record",
    reason: "Reason",
    detail: "Detail",
    time: "Time",
    chain: "Chain",
    unsealed: "not sealed yet",
    findAction: "Find by action, such as people.unmask",
    emptyTitle: "No entries match",
  },
);

export const problemWord = wordOr(
  { missing: "缺失", changed: "被改动", checkpoint: "检查点不符" },
  { missing: "missing", changed: "changed", checkpoint: "checkpoint does not fit" },
);
