//! The class table of a place: what kinds of issue there are, who answers for each, and how long it may take.
//!
//! A table is data with its scheme; codes of different editions collide.
//! Read from `classes.csv` (`scheme,kind,code,name,group,department,urgency,limit,limit_unit`, see ARCHITECTURE.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ClassCode, Department, Urgency};

/// What the standard puts behind the name of a class that a place has made for itself (GB/T 47678.5).
pub const SELF_DEFINED: &str = "（自定义）";

/// In what a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// 工作时.
    WorkHours,
    /// 工作日.
    WorkDays,
    /// 小时, day and night.
    Hours,
    /// 自然日.
    Days,
}

impl LimitUnit {
    /// Whether only working time counts.
    pub const fn is_working_time(self) -> bool {
        matches!(self, Self::WorkHours | Self::WorkDays)
    }
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// How many; above zero.
    pub amount: f64,
    /// Of what.
    pub unit: LimitUnit,
}

/// One class of issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Its code within scheme and kind.
    pub code: ClassCode,
    /// Its name in the place's language.
    pub name: String,
    /// The group (大类) that it belongs to.
    #[serde(default)]
    pub group: String,
    /// Who answers for it unless somebody else is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Department>,
    /// How pressing it is unless the report says otherwise.
    #[serde(default)]
    pub urgency: Urgency,
    /// How long it may take from the report to the closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// The classes of a place, in the order of its file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClassTable {
    classes: Vec<Class>,
    rows: BTreeMap<ClassCode, usize>,
}

/// A row of a class table that was left out or read only in part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ClassWarning {
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong, and what was done about it.
    pub reason: String,
}

/// Why a class table could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ClassesError {
    /// The first line lacks a column that is needed.
    #[error("the class table has no column {0:?}; it needs scheme, kind, code and name")]
    MissingColumn(&'static str),
    /// The first line could not be read.
    #[error("the class table's first line cannot be read: {0}")]
    Csv(#[from] csv::Error),
}

impl ClassTable {
    /// Reads `classes.csv`. Rows that cannot be used are left out and reported.
    ///
    /// # Errors
    /// [`ClassesError`] if the heading cannot be read or lacks `scheme`, `kind`, `code` or `name`.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<ClassWarning>), ClassesError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
        let columns = Columns::of(reader.headers()?)?;
        let mut table = Self::default();
        let mut warnings = Vec::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    warnings.push(ClassWarning { line, reason: format!("left out: {error}") });
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let mut warn = |reason: String| warnings.push(ClassWarning { line, reason });
            if let Some(class) = columns.class(&record, &mut warn)
                && !table.insert(class)
            {
                warn("left out: this scheme, kind and code came before".to_owned());
            }
        }
        Ok((table, warnings))
    }

    /// The class with this code.
    pub fn get(&self, code: &ClassCode) -> Option<&Class> {
        self.rows.get(code).and_then(|row| self.classes.get(*row))
    }

    /// Every class, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Class> {
        self.classes.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Adds a class; `false` if its code is already there.
    pub fn insert(&mut self, class: Class) -> bool {
        if self.rows.contains_key(&class.code) {
            return false;
        }
        self.rows.insert(class.code.clone(), self.classes.len());
        self.classes.push(class);
        true
    }
}

impl<'a> IntoIterator for &'a ClassTable {
    type Item = &'a Class;
    type IntoIter = std::slice::Iter<'a, Class>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Where each column stands.
struct Columns {
    scheme: usize,
    kind: usize,
    code: usize,
    name: usize,
    group: Option<usize>,
    department: Option<usize>,
    urgency: Option<usize>,
    limit: Option<usize>,
    limit_unit: Option<usize>,
}

impl Columns {
    fn of(heading: &csv::StringRecord) -> Result<Self, ClassesError> {
        let find = |name: &str| heading.iter().position(|cell| cell.trim_start_matches('\u{feff}') == name);
        let need = |name: &'static str| find(name).ok_or(ClassesError::MissingColumn(name));
        Ok(Self {
            scheme: need("scheme")?,
            kind: need("kind")?,
            code: need("code")?,
            name: need("name")?,
            group: find("group"),
            department: find("department"),
            urgency: find("urgency"),
            limit: find("limit"),
            limit_unit: find("limit_unit"),
        })
    }

    fn class(&self, record: &csv::StringRecord, warn: &mut impl FnMut(String)) -> Option<Class> {
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let optional = |column: Option<usize>| column.map(cell).unwrap_or_default();
        let code = ClassCode {
            scheme: cell(self.scheme).to_owned(),
            kind: cell(self.kind).to_owned(),
            code: cell(self.code).to_owned(),
        };
        if code.scheme.is_empty() || code.code.is_empty() {
            warn("left out: scheme or code is empty".to_owned());
            return None;
        }
        if !matches!(code.kind.as_str(), "component" | "event") {
            warn(format!("left out: kind is {:?}, expected component or event", code.kind));
            return None;
        }
        let name = cell(self.name);
        if name.is_empty() {
            warn("left out: name is empty".to_owned());
            return None;
        }
        let urgency = match optional(self.urgency) {
            "" | "general" | "一般" => Urgency::General,
            "elevated" | "较高" => Urgency::Elevated,
            "high" | "高" => Urgency::High,
            other => {
                warn(format!("urgency is {other:?}, expected general, elevated or high; taken as general"));
                Urgency::General
            }
        };
        let limit = match (optional(self.limit), optional(self.limit_unit)) {
            ("", _) => None,
            (amount, unit) => read_limit(amount, unit).map_err(warn).ok(),
        };
        let department = optional(self.department);
        Some(Class {
            code,
            name: name.to_owned(),
            group: optional(self.group).to_owned(),
            department: (!department.is_empty()).then(|| department.to_owned()),
            urgency,
            limit,
        })
    }
}

/// Reads a limit from its two cells; on an error, why there is none.
pub(super) fn read_limit(amount: &str, unit: &str) -> Result<Limit, String> {
    let unit = match unit {
        "work_hours" => LimitUnit::WorkHours,
        "work_days" => LimitUnit::WorkDays,
        "hours" => LimitUnit::Hours,
        "days" => LimitUnit::Days,
        other => {
            return Err(format!(
                "limit_unit is {other:?}, expected work_hours, work_days, hours or days; no limit is set"
            ));
        }
    };
    match amount.parse::<f64>() {
        Ok(amount) if amount > 0.0 && amount <= 10_000.0 => Ok(Limit { amount, unit }),
        _ => Err(format!("limit is {amount:?}, expected a number above 0 and up to 10000; no limit is set")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "scheme,kind,code,name,group,department,urgency,limit,limit_unit\n";

    fn read(rows: &str) -> (ClassTable, Vec<ClassWarning>) {
        ClassTable::read(format!("\u{feff}{HEADING}{rows}").as_bytes()).expect("the heading reads")
    }

    #[test]
    fn a_row_becomes_a_class() {
        let (table, warnings) = read("local,event,06010,暴露垃圾,市容环境,环卫所,general,4,work_hours\n");
        assert_eq!(warnings, []);
        let code = ClassCode { scheme: "local".into(), kind: "event".into(), code: "06010".into() };
        let class = table.get(&code).expect("the class is there");
        assert_eq!(class.name, "暴露垃圾");
        assert_eq!(class.department.as_deref(), Some("环卫所"));
        assert_eq!(class.limit, Some(Limit { amount: 4.0, unit: LimitUnit::WorkHours }));
        // The same number in another edition is another class.
        assert_eq!(table.get(&ClassCode { scheme: "GBT30428.2-2013".into(), ..code }), None);
    }

    #[test]
    fn what_cannot_be_used_is_reported_with_its_line() {
        let (table, warnings) = read(concat!(
            "local,event,1,a,g,d,general,4,work_hours\n",
            "local,event,1,again,g,d,general,4,work_hours\n",
            "local,thing,2,b,g,d,general,4,work_hours\n",
            "local,event,3,c,g,d,soon,4,work_hours\n",
            "local,event,4,d,g,d,high,-1,hours\n",
            "local,event,5,e,g,d,high,2,weeks\n",
            "local,event,6,,g,d,high,2,days\n",
            "local,event,7,short\n",
        ));
        assert_eq!(warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        assert_eq!(
            table.iter().map(|class| class.code.code.as_str()).collect::<Vec<_>>(),
            ["1", "3", "4", "5", "7"]
        );
        assert!(
            table
                .iter()
                .filter(|class| class.code.code != "1")
                .all(|class| class.limit.is_none() || class.code.code == "3")
        );
    }

    #[test]
    fn a_heading_without_code_is_an_error() {
        assert!(matches!(ClassTable::read(b"scheme,kind,name\n"), Err(ClassesError::MissingColumn("code"))));
    }
}
