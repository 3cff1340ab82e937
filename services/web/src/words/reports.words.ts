import type { ReportFigures } from "@/api/contracts";

import { wordOr } from "./index";

/** The words of reports, the same on every face. */
export const reportVerbWord = wordOr(
  { edit: "修改", submit: "提交", take: "接手", accept: "认可", return: "退回" },
  { edit: "Change", submit: "Submit", take: "Take over", accept: "Accept", return: "Return" },
);

export const FIGURES = [
  "contacts",
  "contact_days",
  "activities",
  "inspections",
  "visits",
  "hazards_found",
  "hazards_closed",
  "met",
  "late",
  "missed",
] as const satisfies readonly (keyof ReportFigures)[];

export const figureWord = wordOr(
  {
    contacts: "联络",
    contact_days: "有联络的天数",
    activities: "已举办活动（全楼）",
    inspections: "检查",
    visits: "走访",
    hazards_found: "发现隐患",
    hazards_closed: "销号隐患",
    met: "按时完成的任务",
    late: "补报的任务",
    missed: "未完成的任务",
  },
  {
    contacts: "Contacts",
    contact_days: "Days with a contact",
    activities: "Activities held (building)",
    inspections: "Inspections",
    visits: "Visits",
    hazards_found: "Hazards found",
    hazards_closed: "Hazards closed",
    met: "Obligations met",
    late: "Met late",
    missed: "Missed",
  },
);
