//! The class table of the demo: GB/T 47678.5-2026 where its codes are known, self-defined classes elsewhere.

use super::write::Table;

/// The edition that the demo uses.
const NATIONAL: &str = "GBT47678.5-2026";

/// One class: code, name, group, department, urgency, limit, its unit.
type Class = (&'static str, &'static str, &'static str, &'static str, &'static str, u32, &'static str);

pub(super) const ENFORCEMENT: &str = "综合行政执法中队";
pub(super) const SANITATION: &str = "环境卫生管理所";
pub(super) const GARDENS: &str = "园林管理所";
pub(super) const ROADS: &str = "市政设施管理所";
pub(super) const HOUSING: &str = "住房和物业管理科";
pub(super) const SAFETY: &str = "应急消防管理站";
pub(super) const POLICE: &str = "派出所";
pub(super) const MARKETS: &str = "市场监督管理所";
pub(super) const STATION: &str = "社区工作站";

/// Codes below 080 are the standard's own, as quoted in public programs; those from 999 down are self-defined,
/// by the standard's own rule for local classes.
const CLASSES: &[Class] = &[
    ("06010", "暴露垃圾", "市容环境", SANITATION, "general", 4, "work_hours"),
    ("06011", "积存垃圾渣土", "市容环境", SANITATION, "general", 2, "work_days"),
    ("06012", "道路不洁", "市容环境", SANITATION, "general", 2, "work_hours"),
    ("06017", "绿地脏乱", "市容环境", GARDENS, "general", 4, "work_hours"),
    ("06036", "乱堆杂物", "市容环境", ENFORCEMENT, "general", 1, "work_days"),
    ("06042", "垃圾站(箱)满溢", "市容环境", SANITATION, "elevated", 2, "work_hours"),
    ("06045", "非法占绿毁绿", "市容环境", GARDENS, "elevated", 5, "work_days"),
    ("06999", "道路破损（自定义）", "市容环境", ROADS, "general", 3, "work_days"),
    ("06998", "油烟污染（自定义）", "市容环境", ENFORCEMENT, "general", 3, "work_days"),
    ("06997", "私搭乱建（自定义）", "市容环境", ENFORCEMENT, "elevated", 7, "work_days"),
    ("06996", "河湖水面不洁（自定义）", "市容环境", SANITATION, "general", 1, "work_days"),
    ("06995", "路灯不亮（自定义）", "市容环境", ROADS, "general", 2, "work_days"),
    ("07003", "违规户外广告", "宣传广告", ENFORCEMENT, "general", 3, "work_days"),
    ("07999", "非法小广告（自定义）", "宣传广告", ENFORCEMENT, "general", 1, "work_days"),
    ("08999", "工地扬尘（自定义）", "施工管理", ENFORCEMENT, "elevated", 4, "work_hours"),
    ("08998", "夜间施工扰民（自定义）", "施工管理", ENFORCEMENT, "elevated", 2, "hours"),
    ("08997", "施工占道（自定义）", "施工管理", ENFORCEMENT, "general", 1, "work_days"),
    ("09005", "店外经营", "街面秩序", ENFORCEMENT, "general", 2, "work_hours"),
    ("09006", "占道经营", "街面秩序", ENFORCEMENT, "general", 2, "work_hours"),
    ("09999", "机动车乱停放（自定义）", "街面秩序", POLICE, "general", 2, "work_hours"),
    ("09998", "非机动车乱停放（自定义）", "街面秩序", ENFORCEMENT, "general", 2, "work_hours"),
    ("09997", "沿街晾挂（自定义）", "街面秩序", ENFORCEMENT, "general", 1, "work_days"),
    ("09996", "无照经营游商（自定义）", "街面秩序", MARKETS, "general", 2, "work_hours"),
    ("09995", "商业噪音（自定义）", "街面秩序", POLICE, "general", 4, "hours"),
    ("10999", "路面塌陷（自定义）", "突发事件", ROADS, "high", 2, "hours"),
    ("10998", "燃气泄漏（自定义）", "突发事件", SAFETY, "high", 1, "hours"),
    ("10997", "自来水管破裂（自定义）", "突发事件", ROADS, "high", 4, "hours"),
    ("10996", "火情（自定义）", "突发事件", SAFETY, "high", 1, "hours"),
    ("10995", "道路积水（自定义）", "突发事件", ROADS, "high", 4, "hours"),
    ("10994", "树木倒伏（自定义）", "突发事件", GARDENS, "high", 4, "hours"),
    ("10993", "架空线缆坠落（自定义）", "突发事件", SAFETY, "high", 2, "hours"),
    ("10992", "窨井盖缺失（自定义）", "突发事件", ROADS, "high", 2, "hours"),
];

/// Classes of the place's own, for what happens in estates.
const LOCAL: &[Class] = &[
    ("L001", "消防通道堵塞", "小区治理", SAFETY, "elevated", 4, "hours"),
    ("L002", "楼道堆物", "小区治理", HOUSING, "general", 2, "work_days"),
    ("L003", "飞线充电", "小区治理", SAFETY, "elevated", 1, "work_days"),
    ("L004", "电梯故障", "小区治理", HOUSING, "elevated", 4, "hours"),
    ("L005", "高空抛物", "小区治理", POLICE, "elevated", 1, "work_days"),
    ("L006", "物业服务投诉", "小区治理", HOUSING, "general", 5, "work_days"),
    ("L007", "下水道堵塞", "小区治理", HOUSING, "general", 1, "work_days"),
    ("L008", "邻里纠纷", "小区治理", STATION, "general", 5, "work_days"),
    ("L009", "独居老人走访", "小区治理", STATION, "general", 3, "work_days"),
];

/// The departments of the table, for people who work there.
pub(super) const DEPARTMENTS: &[&str] =
    &[ENFORCEMENT, SANITATION, GARDENS, ROADS, HOUSING, SAFETY, POLICE, MARKETS, STATION];

/// `classes.csv`.
pub(super) fn table() -> Vec<u8> {
    let mut table = Table::new("scheme,kind,code,name,group,department,urgency,limit,limit_unit");
    for (scheme, classes) in [(NATIONAL, CLASSES), ("local", LOCAL)] {
        for &(code, name, group, department, urgency, limit, unit) in classes {
            table.row(&[scheme, "event", code, name, group, department, urgency, &limit.to_string(), unit]);
        }
    }
    table.finish()
}
