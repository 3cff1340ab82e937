import { defineWords, wordOr } from "@/words";

/** Words of promised times, for everybody who is told of them. */
export const clockWord = wordOr(
  { FIRST_RESPONSE: "首次响应", UPDATE: "进展反馈", RESOLUTION: "办结" },
  { FIRST_RESPONSE: "First response", UPDATE: "Next word", RESOLUTION: "Result" },
);

export const standingWord = wordOr(
  { RUNNING: "计时中", PAUSED: "已暂停", OVERDUE: "已超时", MET: "按时完成", MISSED: "超时完成", ENDED: "已终止" },
  { RUNNING: "Counting", PAUSED: "Paused", OVERDUE: "Overdue", MET: "In time", MISSED: "Late", ENDED: "Ended" },
);

export const levelWord = wordOr(
  { ASSIGNEE: "经办人", DESK: "岗位组负责人", SECRETARY: "支部书记", ADMINISTRATOR: "楼宇管理员", SUPERIOR: "上级党组织和街道" },
  { ASSIGNEE: "handler", DESK: "desk lead", SECRETARY: "branch secretary", ADMINISTRATOR: "administrator", SUPERIOR: "superior and sub-district" },
);

export const causeWord = wordOr(
  {
    FILED: "提交",
    HEARD: "经办人有回应",
    WAITING: "等待补充",
    ANSWERED: "继续办理",
    RESOLVED: "等待确认",
    REOPENED: "重新办理",
    CALENDAR: "日历变更",
    URGENCY: "调整紧急程度",
  },
  {
    FILED: "filed",
    HEARD: "handler answered",
    WAITING: "waiting for the requester",
    ANSWERED: "went on",
    RESOLVED: "waiting for confirmation",
    REOPENED: "reopened",
    CALENDAR: "calendar changed",
    URGENCY: "urgency changed",
  },
);

export const say = defineWords(
  {
    ok: "正常",
    soon: "临期",
    over: "已超时",
    paused: "已暂停",
    due: "{clock} {when}到期",
    was: "{clock}已超 {span}",
    climbed: "已升级到{level}",
    running: "承诺 {amount}，已用 {used}，最迟 {due}。",
    pausedText: "承诺 {amount}，已用 {used}；正在{cause}，暂停计时，恢复后接着算。",
    overdue: "承诺 {amount}，应在 {due} 前完成，已超 {over}。",
    met: "{stop} 完成，用时 {used}，在承诺的 {amount} 以内。",
    missed: "{stop} 完成，用时 {used}，超过承诺的 {amount}。",
    ended: "申请已结束，不再计时。",
    calendarDays: "按“{name}”计时：工作日 {shifts}，节假日不计。",
    calendarEvery: "按“{name}”计时：每天 {shifts}。",
    ran: "计时 {span}",
    rested: "暂停",
    next: "如仍未完成，{when} 提醒{level}。",
    told: "已提醒到{level}。",
    segments: "每一段怎么算的",
    from: "从",
    to: "到",
    why: "原因",
    counted: "计时",
    version: "设置版本",
    bar: "{clock}：{parts}",
    now: "现在",
  },
  {
    ok: "On time",
    soon: "Due soon",
    over: "Overdue",
    paused: "Paused",
    due: "{clock} due {when}",
    was: "{clock} {span} over",
    climbed: "Escalated to the {level}",
    running: "{amount} promised, {used} used; due {due}.",
    pausedText: "{amount} promised, {used} used; paused while {cause}, and goes on from there.",
    overdue: "{amount} promised; was due {due}, {over} over.",
    met: "Done {stop} after {used}, within the {amount} promised.",
    missed: "Done {stop} after {used}, more than the {amount} promised.",
    ended: "The request has ended; nothing is counted any more.",
    calendarDays: "Counted by “{name}”: working days {shifts}, without holidays.",
    calendarEvery: "Counted by “{name}”: every day {shifts}.",
    ran: "ran {span}",
    rested: "paused",
    next: "If it is not done by {when}, the {level} is told.",
    told: "Told up to the {level}.",
    segments: "How each stretch was counted",
    from: "From",
    to: "To",
    why: "Because",
    counted: "Counted",
    version: "Settings version",
    bar: "{clock}: {parts}",
    now: "now",
  },
);
