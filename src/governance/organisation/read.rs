//! Reading units from files: GeoJSON and CSV, with what was refused and why.

use serde_json::{Map, Value};

use super::{PlacedUnit, Unit, UnitKind};

/// Columns that hold a list, divided by `|`.
const LISTS: [&str; 2] = ["compounds", "departments"];
/// Columns that hold a whole number.
const NUMBERS: [&str; 1] = ["households"];
/// Columns that hold yes or no.
const SWITCHES: [&str; 1] = ["alliance"];
/// Of a party member and the rooms that are linked: `name:101/102`, divided by `|`.
const MEMBERS: &str = "party_members";

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What could be read, in the order of the file.
    pub units: Vec<PlacedUnit>,
    /// What could not.
    pub refused: Vec<RefusedUnit>,
}

/// An entry that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefusedUnit {
    /// Its place in the file, from 1: a row below the header, or a feature.
    pub entry: usize,
    /// Why.
    pub reason: String,
}

/// Why nothing of a file could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is no GeoJSON.
    #[error("this is no GeoJSON FeatureCollection: {0}")]
    GeoJson(String),
    /// It is no CSV with a header.
    #[error("this is no CSV with a header in UTF-8: {0}")]
    Csv(String),
}

/// Reads a FeatureCollection whose properties are units of any kind; a feature without `kind` is of `usual`.
///
/// # Errors
/// [`FileError::GeoJson`] if it is none; single features that cannot be used are in [`Reading::refused`].
pub fn read_features(text: &str, usual: Option<UnitKind>) -> Result<Reading, FileError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| FileError::GeoJson(error.to_string()))?;
    let features = document.get("features").and_then(Value::as_array);
    let features = features.ok_or_else(|| FileError::GeoJson("there is no features".to_owned()))?;
    let mut reading = Reading::default();
    for (index, feature) in features.iter().enumerate() {
        let properties = feature.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let geometry = feature.get("geometry").filter(|geometry| geometry.is_object()).cloned();
        reading.take(index + 1, usual, properties, feature.get("id"), geometry);
    }
    Ok(reading)
}

/// Reads rows of one kind; the columns have the names of the members, `lon` and `lat` give a point.
///
/// # Errors
/// [`FileError::Csv`] if there is no header; single rows that cannot be used are in [`Reading::refused`].
pub fn read_csv(bytes: &[u8], kind: UnitKind) -> Result<Reading, FileError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| FileError::Csv(error.to_string()))?.clone();
    if header.iter().all(str::is_empty) {
        return Err(FileError::Csv("the first line is empty".to_owned()));
    }
    let mut reading = Reading::default();
    for (index, row) in reader.records().enumerate() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                reading.refused.push(RefusedUnit { entry: index + 1, reason: error.to_string() });
                continue;
            }
        };
        let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        match properties(cells) {
            Ok((properties, geometry)) => reading.take(index + 1, Some(kind), properties, None, geometry),
            Err(reason) => reading.refused.push(RefusedUnit { entry: index + 1, reason }),
        }
    }
    Ok(reading)
}

impl Reading {
    fn take(
        &mut self,
        entry: usize,
        usual: Option<UnitKind>,
        mut properties: Map<String, Value>,
        id: Option<&Value>,
        geometry: Option<Value>,
    ) {
        if let Some(usual) = usual {
            properties.entry("kind").or_insert_with(|| usual.name().into());
        }
        name_itself(&mut properties, id);
        let read = serde_json::from_value::<Unit>(Value::Object(properties))
            .map_err(|error| error.to_string())
            .and_then(|unit| unit.check().map(|()| unit))
            .and_then(|unit| match usual {
                Some(usual) if unit.kind() != usual => {
                    Err(format!("kind is {}, expected {}", unit.kind().name(), usual.name()))
                }
                _ => Ok(unit),
            });
        match read {
            Ok(unit) => self.units.push(PlacedUnit { unit, geometry }),
            Err(reason) => self.refused.push(RefusedUnit { entry, reason }),
        }
    }
}

/// Code and name of what usually has neither: a stairwell is named within its building, a shift by patrol and day.
fn name_itself(properties: &mut Map<String, Value>, id: Option<&Value>) {
    let text = |properties: &Map<String, Value>, member: &str| {
        properties.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (code, name) = match text(properties, "kind").as_str() {
        "stairwell" => {
            let stairwell = text(properties, "stairwell");
            (format!("{}/{stairwell}", text(properties, "building")), stairwell)
        }
        "shift" => {
            let patrol = text(properties, "patrol");
            let code = format!("{patrol}/{}T{}", text(properties, "date"), text(properties, "from"));
            (code, text(properties, "post"))
        }
        "department" | "team" => (text(properties, "name"), text(properties, "name")),
        _ => (String::new(), String::new()),
    };
    let given = id.and_then(Value::as_str).map(str::to_owned);
    let is_missing = |properties: &Map<String, Value>, member: &str| text(properties, member).is_empty();
    if is_missing(properties, "code") && !properties.get("code").is_some_and(Value::is_number) {
        properties.insert("code".to_owned(), given.unwrap_or(code).into());
    }
    if is_missing(properties, "name") {
        let name = if name.is_empty() { text(properties, "code") } else { name };
        properties.insert("name".to_owned(), name.into());
    }
}

type Cells = (Map<String, Value>, Option<Value>);

fn properties<'a>(cells: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Cells, String> {
    let mut properties = Map::new();
    let (mut lon, mut lat) = (None, None);
    for (column, cell) in cells {
        let divided = || cell.split('|').map(str::trim).filter(|part| !part.is_empty());
        let value = match column {
            "lon" | "lat" => {
                let number: f64 =
                    cell.parse().map_err(|_not_a_number| format!("{column} is no number: {cell}"))?;
                *if column == "lon" { &mut lon } else { &mut lat } = Some(number);
                continue;
            }
            _ if LISTS.contains(&column) => divided().map(Value::from).collect(),
            MEMBERS => divided().map(member).collect(),
            _ if NUMBERS.contains(&column) => cell
                .parse::<u32>()
                .map(Value::from)
                .map_err(|_not_a_number| format!("{column} is no whole number: {cell}"))?,
            _ if SWITCHES.contains(&column) && matches!(cell, "true" | "yes" | "1") => true.into(),
            _ if SWITCHES.contains(&column) && matches!(cell, "false" | "no" | "0") => false.into(),
            _ => cell.into(),
        };
        properties.insert(column.to_owned(), value);
    }
    let point = match (lon, lat) {
        (Some(lon), Some(lat)) if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => {
            Some(serde_json::json!({"type": "Point", "coordinates": [lon, lat]}))
        }
        (None, None) => None,
        _ => return Err("lon and lat are no longitude and latitude in degrees".to_owned()),
    };
    Ok((properties, point))
}

fn member(text: &str) -> Value {
    let (name, rooms) = text.split_once(':').unwrap_or((text, ""));
    let rooms: Vec<&str> = rooms.split('/').map(str::trim).filter(|room| !room.is_empty()).collect();
    serde_json::json!({"name": name.trim(), "households": rooms})
}

#[cfg(test)]
mod tests {
    use super::super::{Detail, LinkedMember};
    use super::*;

    #[test]
    fn stairwells_have_members_linked_to_households() {
        let csv = "building,stairwell,lon,lat,households,steward,party_members\n\
                   b1,1,118.87,28.96,12,S,A:101/102|B:201\n\
                   b1,2,,,x,,\n\
                   ,,,,,,\n";
        let reading = read_csv(csv.as_bytes(), UnitKind::Stairwell).expect("a table");
        assert_eq!(reading.units.len(), 1);
        let PlacedUnit { unit, geometry } = &reading.units[0];
        assert_eq!((unit.code.as_str(), unit.name.as_str(), geometry.is_some()), ("b1/1", "1", true));
        let Detail::Stairwell { households: 12, party_members, .. } = &unit.detail else {
            panic!("{unit:?}")
        };
        let linked = |name: &str, rooms: &[&str]| LinkedMember {
            name: name.to_owned(),
            households: rooms.iter().map(|room| (*room).to_owned()).collect(),
        };
        assert_eq!(*party_members, [linked("A", &["101", "102"]), linked("B", &["201"])]);
        let refused: Vec<usize> = reading.refused.iter().map(|refused| refused.entry).collect();
        assert_eq!(refused, [2, 3], "{:?}", reading.refused);
        assert_eq!(reading.refused[0].reason, "households is no whole number: x");
    }

    #[test]
    fn rosters_teams_and_departments_name_themselves() {
        let shift = read_csv(
            b"patrol,post,date,from,to\nP01,Post,2026-09-15,07:30,17:30\nP01,Post,2026-02-30,07:30,17:30\n",
            UnitKind::Shift,
        )
        .expect("a table");
        assert_eq!(shift.units[0].unit.code, "P01/2026-09-15T07:30");
        assert_eq!(shift.refused.len(), 1);
        let team = read_csv(b"name,leader,compounds,departments\nT,L,C1|C2,D\n", UnitKind::Team).expect("ok");
        let Detail::Team { compounds, .. } = &team.units[0].unit.detail else { panic!("{team:?}") };
        assert_eq!(*compounds, ["C1", "C2"]);
    }

    #[test]
    fn features_are_read_one_by_one() {
        let text = r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": null, "properties": {"kind": "community", "code": "330802006001", "name": "A"}},
            {"type": "Feature", "geometry": null, "properties": {"kind": "community", "code": "3308", "name": "A"}},
            {"type": "Feature", "properties": {"kind": "moon"}}, 7]}"#;
        let reading = read_features(text, None).expect("a collection");
        assert_eq!((reading.units.len(), reading.refused.len()), (1, 3), "{reading:?}");
        let reading = read_features(text, Some(UnitKind::Grid)).expect("a collection");
        assert_eq!(reading.refused[0].reason, "kind is community, expected grid");
        assert!(read_features("[]", None).is_err() && read_features("{", None).is_err());
        assert!(read_csv(b"", UnitKind::Team).is_err());
    }
}
